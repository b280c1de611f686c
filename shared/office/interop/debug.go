package interop

import (
	"errors"
	"net/http"
	"net/url"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

const (
	debugPath     = "/debug"
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	grantType     = "client_credentials"
)

// debugPages are the pages on why a client assertion gets no voucher.
func debugPages() []office.Page {
	return []office.Page{
		{Method: http.MethodGet, Path: debugPath, Area: office.Interop, Serve: func(v *office.Visit) (*office.View, error) {
			form := debugForm()
			form.Field("client_id").Value = v.Query("client")
			return debugView(form, nil), nil
		}},
		{Method: http.MethodPost, Path: debugPath, Area: office.Interop, Serve: debugAssertion},
	}
}

// debugForm has the members of the API's form. The assertion is in no URL: it is sent, and
// shown again, in bodies alone.
func debugForm() *office.Form {
	return &office.Form{
		Action: debugPath, Submit: office.T("Controlla", "Check"),
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

func debugView(form *office.Form, result *debugResult) *office.View {
	return &office.View{
		Template: "debug-assertion.html", Title: office.T("Debug di una client assertion", "Debug of a client assertion"),
		Data: map[string]any{"Form": form, "Result": result},
	}
}

// debugAssertion shows what the API says of the assertion, below the form with what was
// pasted.
func debugAssertion(v *office.Visit) (*office.View, error) {
	form := debugForm()
	form.Read(v)
	sent := url.Values{}
	for _, field := range form.Fields {
		if field.Value != "" {
			sent.Set(field.Name, field.Value)
		}
	}
	result := &debugResult{
		Assertion: decodeToken(form.Field("client_assertion").Value), Proof: decodeToken(form.Field("dpop_proof").Value),
	}
	var answer debugAnswer
	err := v.API(product).Send(http.MethodPost, "/tools/validateTokenGeneration", sent, &answer)
	if refusal, refused := errors.AsType[*office.Refusal](err); refused && refusal.Status != http.StatusUnauthorized {
		form.Refuse(refusal)
		shown := debugView(form, nil)
		shown.Refusal, shown.Status = form.Refusal, refusal.Status
		return shown, nil
	}
	if err != nil {
		return nil, err
	}
	return debugView(form, result), result.explain(v, &answer)
}

// debugAnswer is an examination (PDND, TokenGenerationValidationResult).
type debugAnswer struct {
	ClientKind string `json:"clientKind"`
	EService   *struct {
		ID           string `json:"id"`
		DescriptorID string `json:"descriptorId"`
		Version      string `json:"version"`
		Name         string `json:"name"`
	} `json:"eservice"`
	Steps    map[string]debugStep `json:"steps"`
	Warnings []debugFailure       `json:"warnings"`
}

type debugStep struct {
	Result   string         `json:"result"`
	Failures []debugFailure `json:"failures"`
}

// debugFailure is a reason as the API gives it.
type debugFailure struct {
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Step results of the API.
const (
	stepPassed  = "PASSED"
	stepFailed  = "FAILED"
	stepSkipped = "SKIPPED"
)

// debugSteps are the steps of an examination in their order, by their published names.
var debugSteps = []struct {
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

var debugChips = map[string]office.Chip{
	stepPassed:  {Text: office.T("Superato", "Passed"), Tone: "success"},
	stepFailed:  {Text: office.T("Non superato", "Failed"), Tone: "danger"},
	stepSkipped: {Text: office.T("Non eseguito", "Skipped")},
}

// debugResult is what the page shows of an examination.
type debugResult struct {
	Good     bool
	Steps    []debugShown
	Warnings []debugCause
	EService *debugPlace // with its version, when the API says it
	Kind     string

	Client, Purpose  *debugPlace // that the assertion names, as far as they can be seen
	Assertion, Proof *token      // decoded, not verified
}

// debugShown is one step.
type debugShown struct {
	Title  office.Text
	Chip   office.Chip
	Causes []debugCause
}

// debugCause is one reason with the page on which it is taken away.
type debugCause struct {
	Text   office.Text
	Reason string // of the API
	Code   string
	Fix    *debugPlace // nil when no page has it
}

// debugPlace is a thing with its page.
type debugPlace struct {
	Path string // of its page
	Name string
	Text office.Text // of a link that leads there to change something
	Note office.Text // on its state
}

// debugKnown is what is known of the things that an assertion names.
type debugKnown struct {
	client      *client
	purpose     *clientPurpose
	agreementID string
}

// explain sets the words of an examination. What the assertion names is read for names and
// links; what cannot be read has neither.
func (r *debugResult) explain(v *office.Visit, answer *debugAnswer) error {
	known, err := readDebugged(v, r.Assertion, answer)
	if err != nil {
		return err
	}
	r.Kind = answer.ClientKind
	if known.client != nil && known.client.ConsumerID == v.Session.Organization {
		r.Client = &debugPlace{Path: clientPath(known.client.ID), Name: known.client.Name}
	}
	if p := known.purpose; p != nil {
		r.Purpose = &debugPlace{Path: "/purposes/" + url.PathEscape(p.ID), Name: p.Title}
	}
	if e := answer.EService; e != nil {
		r.EService = &debugPlace{Path: "/eservices/" + url.PathEscape(e.ID) + "/descriptors/" + url.PathEscape(e.DescriptorID), Name: e.Name,
			Note: office.Tf("versione %s", "version %s", e.Version)}
	}
	r.Good = true
	for _, s := range debugSteps {
		step, has := answer.Steps[s.name]
		if !has {
			continue
		}
		shown := debugShown{Title: s.title, Chip: debugChips[step.Result]}
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

// readDebugged reads what an assertion names.
func readDebugged(v *office.Visit, t *token, answer *debugAnswer) (known debugKnown, err error) {
	var group errgroup.Group
	if id := t.claim("sub"); idForm.MatchString(id) {
		group.Go(func() error {
			c, err := readClient(v, id)
			known.client = c
			return clientHidden(err)
		})
	}
	if id := t.claim("purposeId"); idForm.MatchString(id) {
		group.Go(func() error {
			var p clientPurpose
			err := v.API(product).Get("/purposes/"+url.PathEscape(id), nil, &p)
			if err == nil {
				known.purpose = &p
			}
			return clientHidden(err)
		})
	}
	if answer.EService != nil {
		group.Go(func() error {
			query := url.Values{
				"eserviceIds": {answer.EService.ID}, "consumerIds": {v.Session.Organization}, "states": {"ACTIVE,SUSPENDED"}, "limit": {"1"},
			}
			var found clientList[struct {
				ID string `json:"id"`
			}]
			err := v.API(product).Get("/agreements", query, &found)
			if err == nil && len(found.Results) > 0 {
				known.agreementID = found.Results[0].ID
			}
			return clientHidden(err)
		})
	}
	return known, group.Wait()
}

// cause returns the words of a reason, and where it is taken away.
func (r *debugResult) cause(f debugFailure, known debugKnown, answer *debugAnswer) debugCause {
	words := failureOf(f.Code)
	c := debugCause{Text: words.Text, Reason: f.Reason, Code: f.Code}
	eservice := ""
	if answer.EService != nil {
		eservice = "/eservices/" + url.PathEscape(answer.EService.ID)
	} else if known.purpose != nil {
		eservice = "/eservices/" + url.PathEscape(known.purpose.EServiceID)
	}
	switch {
	case words.remedy == inClient && r.Client != nil:
		c.Fix = &debugPlace{Path: r.Client.Path, Text: office.Tf("Apri le chiavi del client %s", "Open the keys of client %s", r.Client.Name)}
	case words.remedy == inLinks && r.Client != nil:
		c.Fix = &debugPlace{
			Path: r.Client.Path + "/purposes/new", Text: office.T("Collega una finalità al client", "Link a purpose to the client"),
		}
	case words.remedy == inPurpose && known.purpose != nil:
		c.Fix = &debugPlace{
			Path: r.Purpose.Path, Text: office.Tf("Apri la finalità %s", "Open purpose %s", r.Purpose.Name), Note: known.purpose.Suspended(),
		}
	case words.remedy == inAgreement && known.agreementID != "":
		c.Fix = &debugPlace{
			Path: "/agreements/" + url.PathEscape(known.agreementID), Text: office.T("Apri la richiesta di fruizione", "Open the agreement"),
		}
	case words.remedy == inEService && r.EService != nil:
		c.Fix = &debugPlace{Path: r.EService.Path, Text: office.Tf("Apri la versione di %s", "Open the version of %s", r.EService.Name)}
	case (words.remedy == inAgreement || words.remedy == inEService) && eservice != "":
		c.Fix = &debugPlace{Path: eservice, Text: office.T("Apri l’e-service", "Open the e-service")}
	}
	return c
}
