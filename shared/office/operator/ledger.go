package operator

import (
	"net/url"

	"ciclo/shared/office"
)

// ledger is a comparison of the ledger (interop, Ledger).
type ledger struct {
	EServices   int64        `json:"eservices"`
	Differences []difference `json:"differences"`
	Busy        []string     `json:"busy"`
	Complete    bool         `json:"complete"`
	Next        string       `json:"next"`
}

// difference is an account of the ledger that differs from the active purposes.
type difference struct {
	EServiceID string `json:"eserviceId"`
	ConsumerID string `json:"consumerId"`
	Ledger     int64  `json:"ledger"`
	Active     int64  `json:"active"`
}

// Means says what a difference leads to.
func (d difference) Means() office.Text {
	if d.Ledger > d.Active {
		return office.T("i fruitori aspettano senza motivo", "consumers wait without need")
	}
	return office.T("si può attivare più di quanto le soglie permettono", "more can be activated than the thresholds allow")
}

// Agrees reports whether everything was compared and nothing differs.
func (l ledger) Agrees() bool { return len(l.Differences)+len(l.Busy) == 0 }

// checkLedger compares the ledger of planned calls with the active purposes, from where an
// earlier comparison ended.
func checkLedger(v *office.Visit) (*office.View, error) {
	query := url.Values{}
	if after := v.Query("after"); after != "" {
		query.Set("after", after)
	}
	var found ledger
	if err := v.API(interop).Get("/platform/ledger", query, &found); err != nil {
		return nil, err
	}
	next := ""
	if !found.Complete {
		next = "?" + url.Values{"after": {found.Next}}.Encode()
	}
	return &office.View{
		Template: "platform-ledger.html", Title: office.T("Controllo dei carichi", "Check of the ledger"),
		Crumbs: []office.Crumb{{Text: office.T("Piattaforma", "Platform"), Path: "/platform"}},
		Data:   map[string]any{"Found": found, "Next": next, "Continued": v.Query("after") != ""},
	}, nil
}
