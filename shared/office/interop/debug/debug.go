// Package debug has the page that says why a client assertion gets no voucher, and where to
// change that.
package debug

import (
	"embed"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

//go:embed html/*.html
var files embed.FS

// Wing returns the pages with their entry of the menu.
func Wing() office.Wing {
	return office.Wing{
		Product: m2m.Product, Files: files, Pages: pages(),
		Menu: []office.Entry{{Text: office.T("Debug client assertion", "Debug a client assertion"), Path: path, Area: office.Interop}},
	}
}

const (
	path          = "/debug"
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	grantType     = "client_credentials"
)

// pages are the pages on why a client assertion gets no voucher.
func pages() []office.Page {
	return []office.Page{
		{Method: http.MethodGet, Path: path, Area: office.Interop, Serve: func(v *office.Visit) (*office.View, error) {
			form := newForm()
			form.Field("client_id").Value = v.Query("client")
			return view(form, nil), nil
		}},
		{Method: http.MethodPost, Path: path, Area: office.Interop, Serve: examine},
	}
}

// newForm has the members of the API's form. The assertion is in no URL: it is sent, and
// shown again, in bodies alone.
func newForm() *office.Form {
	return &office.Form{
		Action: path, Submit: office.T("Controlla", "Check"),
		Fields: []*office.Field{
			{
				Name: "client_assertion", Kind: "textarea", Rows: 7, Mono: true, Required: true, Complete: "off",
				Label: office.T("Asserzione del client", "Client assertion"),
				Help: office.T("Il JWT firmato che il tuo programma manda come client_assertion. Non viene conservato.",
					"The signed JWT that your program sends as client_assertion. It is not stored."),
			},
			{
				Name: "client_id", Label: office.T("Id del client (client_id)", "Id of the client (client_id)"), Complete: "off", Mono: true,
				Help: office.T("Facoltativo. Deve essere lo stesso della claim sub.", "Optional. It has to be that of the claim sub."),
			},
			{Name: "client_assertion_type", Label: office.Same("client_assertion_type"), Value: assertionType, Required: true, Mono: true},
			{Name: "grant_type", Label: office.Same("grant_type"), Value: grantType, Required: true, Mono: true},
			{
				Name: "dpop_proof", Kind: "textarea", Rows: 4, Mono: true, Label: office.T("Prova DPoP", "DPoP proof"),
				Help: office.T("Facoltativa: l’intestazione DPoP che verrebbe mandata insieme.",
					"Optional: the header DPoP that would be sent along."),
			},
		},
	}
}

func view(form *office.Form, result *result) *office.View {
	return &office.View{
		Template: "debug-assertion.html", Title: office.T("Debug di una client assertion", "Debug of a client assertion"),
		Data: map[string]any{"Form": form, "Result": result},
	}
}

// examine shows what the API says of the assertion, below the form with what was
// pasted.
func examine(v *office.Visit) (*office.View, error) {
	form := newForm()
	form.Read(v)
	sent := url.Values{}
	for _, field := range form.Fields {
		if field.Value != "" {
			sent.Set(field.Name, field.Value)
		}
	}
	result := &result{
		Assertion: decodeToken(form.Field("client_assertion").Value), Proof: decodeToken(form.Field("dpop_proof").Value),
	}
	var answer examination
	err := v.API(m2m.Product).Send(http.MethodPost, "/tools/validateTokenGeneration", sent, &answer)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		form.Refuse(refusal)
		shown := view(form, nil)
		shown.Refusal, shown.Status = form.Refusal, refusal.Status
		return shown, nil
	}
	if err != nil {
		return nil, err
	}
	return view(form, result), result.explain(v, &answer)
}

// examination is an examination (PDND, TokenGenerationValidationResult).
type examination struct {
	ClientKind string `json:"clientKind"`
	EService   *struct {
		ID           string `json:"id"`
		DescriptorID string `json:"descriptorId"`
		Version      string `json:"version"`
		Name         string `json:"name"`
	} `json:"eservice"`
	Steps    map[string]step `json:"steps"`
	Warnings []failure       `json:"warnings"`
}

type step struct {
	Result   string    `json:"result"`
	Failures []failure `json:"failures"`
}

// failure is a reason as the API gives it.
type failure struct {
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Step results of the API.
const (
	stepPassed  = "PASSED"
	stepFailed  = "FAILED"
	stepSkipped = "SKIPPED"
)

// steps are the steps of an examination in their order, by their published names.
var steps = []struct {
	name  string
	title office.Text
}{
	{"clientAssertionValidation", office.T("Parametri e asserzione", "Parameters and assertion")},
	{"publicKeyRetrieve", office.T("Chiave pubblica del client", "Public key of the client")},
	{"clientAssertionSignatureVerification", office.T("Firma e date", "Signature and times")},
	{"purposeLinkedToClient", office.T("Finalità collegata al client", "Purpose linked to the client")},
	{"platformStatesVerification", office.T(
		"Stato di richiesta di fruizione, e-service e finalità", "States of agreement, e-service and purpose")},
	{"dpopValidation", office.T("Prova DPoP", "DPoP proof")},
}

var chips = map[string]office.Chip{
	stepPassed:  {Text: office.T("Superato", "Passed"), Tone: "success"},
	stepFailed:  {Text: office.T("Non superato", "Failed"), Tone: "danger"},
	stepSkipped: {Text: office.T("Non eseguito", "Skipped")},
}

// names returns the names of all steps of the answer: the known ones in their order, then the
// others.
func (e *examination) names() []string {
	var all []string
	for _, s := range steps {
		if _, has := e.Steps[s.name]; has {
			all = append(all, s.name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Steps)) {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// titleOf returns the words of a step. One without words is shown by its name.
func titleOf(name string) office.Text {
	for _, s := range steps {
		if s.name == name {
			return s.title
		}
	}
	return office.Same(name)
}

// chipOf returns the words of the result of a step. One without words is shown by its name.
func chipOf(result string) office.Chip {
	if chip, known := chips[result]; known {
		return chip
	}
	return office.Chip{Text: office.Same(result), Tone: "danger"}
}

// result is what the page shows of an examination.
type result struct {
	Good     bool
	Steps    []shownStep
	Warnings []cause
	EService *place // with its version, when the API says it
	Kind     string

	Client, Purpose  *place // that the assertion names, as far as they can be seen
	Assertion, Proof *token // decoded, not verified
}

// shownStep is one step.
type shownStep struct {
	Title  office.Text
	Chip   office.Chip
	Causes []cause
}

// cause is one reason with the page on which it is taken away.
type cause struct {
	Text   office.Text
	Reason string // of the API
	Code   string
	Fix    *place // nil when no page has it
}

// place is a thing with its page.
type place struct {
	Path string // of its page
	Name string
	Text office.Text // of a link that leads there to change something
	Note office.Text // on its state
}

// known is what is known of the things that an assertion names.
type known struct {
	client      *m2m.Client
	purpose     *m2m.Purpose
	agreementID string
}

// explain sets the words of an examination. What the assertion names is read for names and
// links; what cannot be read has neither.
func (r *result) explain(v *office.Visit, answer *examination) error {
	known, err := readNamed(v, r.Assertion, answer)
	if err != nil {
		return err
	}
	r.Kind = answer.ClientKind
	if known.client != nil && known.client.ConsumerID == v.Session.Organization {
		r.Client = &place{Path: m2m.ClientPath(known.client.ID), Name: known.client.Name}
	}
	if p := known.purpose; p != nil {
		r.Purpose = &place{Path: "/purposes/" + url.PathEscape(p.ID), Name: p.Title}
	}
	if e := answer.EService; e != nil {
		r.EService = &place{
			Path: "/eservices/" + url.PathEscape(e.ID) + "/descriptors/" + url.PathEscape(e.DescriptorID), Name: e.Name,
			Note: office.Tf("versione %s", "version %s", e.Version),
		}
	}
	r.Good = len(answer.Steps) > 0
	for _, name := range answer.names() {
		step := answer.Steps[name]
		shown := shownStep{Title: titleOf(name), Chip: chipOf(step.Result)}
		for _, f := range step.Failures {
			shown.Causes = append(shown.Causes, r.cause(f, known, answer))
		}
		r.Good = r.Good && step.Result == stepPassed
		r.Steps = append(r.Steps, shown)
	}
	for _, f := range answer.Warnings {
		r.Warnings = append(r.Warnings, r.cause(f, known, answer))
	}
	return nil
}

// readNamed reads what an assertion names.
func readNamed(v *office.Visit, t *token, answer *examination) (known known, err error) {
	var group errgroup.Group
	if id := t.claim("sub"); m2m.IsID(id) {
		group.Go(func() error {
			c, err := m2m.ReadClient(v, id)
			known.client = c
			return m2m.IgnoreHidden(err)
		})
	}
	if id := t.claim("purposeId"); m2m.IsID(id) {
		group.Go(func() error {
			var p m2m.Purpose
			err := v.API(m2m.Product).Get("/purposes/"+url.PathEscape(id), nil, &p)
			if err == nil {
				known.purpose = &p
			}
			return m2m.IgnoreHidden(err)
		})
	}
	if answer.EService != nil {
		group.Go(func() error {
			query := url.Values{
				"eserviceIds": {answer.EService.ID}, "consumerIds": {v.Session.Organization}, "states": {m2m.AgreementsInUse}, "limit": {"1"},
			}
			var found m2m.Page[struct {
				ID string `json:"id"`
			}]
			err := v.API(m2m.Product).Get("/agreements", query, &found)
			if err == nil && len(found.Results) > 0 {
				known.agreementID = found.Results[0].ID
			}
			return m2m.IgnoreHidden(err)
		})
	}
	return known, group.Wait()
}

// cause returns the words of a reason, and where it is taken away.
func (r *result) cause(f failure, known known, answer *examination) cause {
	words := m2m.FailureOf(f.Code)
	c := cause{Text: words.Text, Reason: f.Reason, Code: f.Code}
	eservice := ""
	if answer.EService != nil {
		eservice = "/eservices/" + url.PathEscape(answer.EService.ID)
	} else if known.purpose != nil {
		eservice = "/eservices/" + url.PathEscape(known.purpose.EServiceID)
	}
	switch {
	case words.Remedy == m2m.InClient && r.Client != nil:
		c.Fix = &place{Path: r.Client.Path, Text: office.Tf("Apri le chiavi del client %s", "Open the keys of client %s", r.Client.Name)}
	case words.Remedy == m2m.InLinks && r.Client != nil:
		c.Fix = &place{
			Path: r.Client.Path + "/purposes/new", Text: office.T("Collega una finalità al client", "Link a purpose to the client"),
		}
	case words.Remedy == m2m.InPurpose && known.purpose != nil:
		c.Fix = &place{
			Path: r.Purpose.Path, Text: office.Tf("Apri la finalità %s", "Open purpose %s", r.Purpose.Name), Note: known.purpose.Suspended(),
		}
	case words.Remedy == m2m.InAgreement && known.agreementID != "":
		c.Fix = &place{
			Path: "/agreements/" + url.PathEscape(known.agreementID), Text: office.T("Apri la richiesta di fruizione", "Open the agreement"),
		}
	case words.Remedy == m2m.InEService && r.EService != nil:
		c.Fix = &place{Path: r.EService.Path, Text: office.Tf("Apri la versione di %s", "Open the version of %s", r.EService.Name)}
	case (words.Remedy == m2m.InAgreement || words.Remedy == m2m.InEService) && eservice != "":
		c.Fix = &place{Path: eservice, Text: office.T("Apri l’e-service", "Open the e-service")}
	}
	return c
}
