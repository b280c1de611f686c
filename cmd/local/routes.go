package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// routes mounts the sandbox's own routes; everything else is the gateway's.
func (s *sandbox) routes() error {
	s.contracts()
	s.mux.HandleFunc("GET /_local/health", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok") })
	s.mux.HandleFunc("GET /_local/token", s.token)
	s.mux.HandleFunc("GET /_local/client", s.products.only(interop.Product.Name, s.client))
	s.mux.HandleFunc("GET /_local/key", s.products.only(services.Product.Name, s.key))
	s.mux.HandleFunc("GET /_local/jwks.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		_, _ = w.Write(s.issuer.JWKS())
	})
	s.mux.HandleFunc("GET /_local/clock", s.readClock)
	s.mux.HandleFunc("POST /_local/clock", commanding(s.moveClock, "application/json"))
	s.mux.HandleFunc("POST /_local/purge", commanding(s.runPurge, "application/json", "")) // it has no body
	s.mux.HandleFunc("POST "+tenantPath, s.products.only(interop.Product.Name, commanding(func(w http.ResponseWriter, r *http.Request) {
		s.tenants.ServeHTTP(w, r)
	}, "application/json")))
	s.mux.HandleFunc("GET /_local/ledger", s.products.only(interop.Product.Name, s.checkLedger))
	s.mux.HandleFunc("/_local/", func(w http.ResponseWriter, _ *http.Request) {
		text(w, http.StatusNotFound, "The sandbox has GET /_local/health, /_local/token, /_local/key, /_local/client, /_local/jwks.json, "+
			"/_local/ledger, /_local/clock and POST /_local/clock, /_local/purge, /_local/tenant.")
	})
	front, err := s.newOffice()
	if err != nil {
		return err
	}
	s.mux.Handle(officeBase+"/", compressed(front))
	s.mux.Handle(officeBase, front)
	s.mux.Handle("GET /{$}", http.RedirectHandler(officeBase+startPath, http.StatusFound))
	s.mux.HandleFunc("/", s.gateway)
	return nil
}

// key answers the primary manage key of an owner, of one of its groups or of a
// reviewer; the first call makes it. cidr, which may be repeated, limits where it
// may be used from, until cidr=any.
func (s *sandbox) key(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	wanted := subscription.Request{Owner: query.Get("owner"), Group: query.Get("group"), Role: query.Get("role"), CIDRs: query["cidr"]}
	issued, err := s.issueKey(r.Context(), wanted)
	if _, broken := errors.AsType[*table.Error](err); broken {
		s.log.LogAttrs(r.Context(), slog.LevelError, "key", slog.String("error", err.Error()))
		text(w, http.StatusInternalServerError, "The subscription could not be read or stored; see the log.")
		return
	}
	if err != nil {
		text(w, http.StatusBadRequest, "Say for whom: /_local/key?owner=<id>[&group=<id>][&role=reviewer][&cidr=<network>]\n"+err.Error())
		return
	}
	text(w, http.StatusOK, issued.PrimaryKey)
}

// issueKey returns a subscription, which its first use makes.
func (s *sandbox) issueKey(ctx context.Context, wanted subscription.Request) (issued *subscription.Issued, err error) {
	err = subscription.ErrBusy
	for errors.Is(err, subscription.ErrBusy) {
		issued, err = s.keyring.Issue(ctx, wanted)
	}
	return issued, err
}

func (s *sandbox) readClock(w http.ResponseWriter, _ *http.Request) {
	answer(w, map[string]string{"now": table.Stamp(s.clock.now())})
}

func (s *sandbox) moveClock(w http.ResponseWriter, r *http.Request) {
	var move setting
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&move)
	if err == nil {
		err = s.moveTo(r.Context(), move)
	}
	switch {
	case errors.Is(err, errExpiring):
		text(w, http.StatusInternalServerError, err.Error())
	case err != nil:
		text(w, http.StatusBadRequest, err.Error())
	default:
		s.readClock(w, r)
	}
}

var errExpiring = errors.New("the clock was moved, but looking for what has expired failed; see the log")

// moveTo moves the clock, and looks for what has expired, so that the next call sees it.
func (s *sandbox) moveTo(ctx context.Context, move setting) error {
	if err := s.clock.move(move); err != nil {
		return err
	}
	if s.expire != nil {
		if _, err := s.expire(ctx, nil); err != nil {
			return errExpiring
		}
	}
	return nil
}

// checkLedger compares the ledger of planned calls with the purposes that are active.
func (s *sandbox) checkLedger(w http.ResponseWriter, r *http.Request) {
	report, err := purpose.CheckLedger(r.Context(), s.store.db)
	if err != nil {
		s.log.LogAttrs(r.Context(), slog.LevelError, "ledger", slog.String("error", err.Error()))
		text(w, http.StatusInternalServerError, "The ledger could not be compared; see the log.")
		return
	}
	answer(w, report)
}

// runPurge runs the purge once; ?dryRun=true only counts.
func (s *sandbox) runPurge(w http.ResponseWriter, r *http.Request) {
	payload := fmt.Appendf(nil, `{"dryRun":%t}`, r.URL.Query().Get("dryRun") == "true")
	report, err := s.purge(r.Context(), payload)
	switch {
	case errors.Is(err, retention.ErrBusy):
		text(w, http.StatusConflict, err.Error())
	case err != nil:
		text(w, http.StatusInternalServerError, "The purge failed; see the log.")
	default:
		answer(w, report)
	}
}

// text answers in plain text, as it stands, so that $(curl …) can use it.
func text(w http.ResponseWriter, status int, s string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, s) //nolint:gosec // G705: plain text, as the content type says
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// greetings are what to paste first, by product. It works again and again, and leaves alone
// what the blocks of README.md make.
var greetings = map[string]string{
	consumers.Product.Name: `
TOKEN=$(curl -s '%[1]s/_local/token?issuerId=ISSUER-001&scope=d1-api:consumer:full')
curl -i -X PUT -H "Authorization: Bearer $TOKEN" %[1]s/issuers/ISSUER-001/consumers/bob
curl -s -w '\n' -H "Authorization: Bearer $TOKEN" %[1]s/issuers/ISSUER-001/consumers/bob
`,
	services.Product.Name: `
KEY=$(curl -s '%[1]s/_local/key?owner=comune')
curl -s -w '\n' -H "Ocp-Apim-Subscription-Key: $KEY" -H 'Content-Type: application/json' ` +
		`%[1]s/api/v1/manage/services -d '{"name":"Anagrafe",
  "description":"Certificati","organization":{"name":"Comune","fiscal_code":"12345678901"},"metadata":{"scope":"LOCAL"}}'
`,
	interop.Product.Name: `
ORGANIZATION=$(curl -s '%[1]s/_local/token?organizationId=69e2865e-65ab-4e48-a638-2037a9ee2ee7&role=m2m-admin')
curl -s -w '\n' -H "Authorization: Bearer $ORGANIZATION" %[1]s/eservices
`,
}

// greet says where the sandbox is and what to paste first.
func (p products) greet(w io.Writer, url, storage string) error {
	var text strings.Builder
	text.WriteString(`Ciclo is ready at %[1]s (%[2]s). Ctrl-C stops it.
Front office: %[1]s   API page: %[1]s/docs   OpenAPI: %[1]s/openapi.json   Longer stories: README.md
A token is valid for an hour, by the sandbox's clock.
`)
	for _, served := range p {
		text.WriteString(greetings[served.Name])
	}
	_, err := fmt.Fprintf(w, text.String()+"\n", url, storage)
	return err
}
