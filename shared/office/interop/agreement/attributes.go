package agreement

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// requirement is the attributes of one kind that a descriptor requires.
type requirement struct {
	m2m.AttributeKind
	Groups []neededGroup
}

// neededGroup is attributes of which the consumer has to own one.
type neededGroup struct {
	Attributes []neededAttribute
	Owned      bool
}

// Chip says whether the consumer owns one of the group.
func (g neededGroup) Chip() office.Chip {
	if g.Owned {
		return office.Chip{Text: office.T("Posseduto", "Owned"), Tone: "success"}
	}
	return office.Chip{Text: office.T("Manca", "Missing"), Tone: "danger"}
}

// neededAttribute is an attribute that a descriptor requires.
type neededAttribute struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`

	Ask *attributeAsk // what the caller can do about a missing one, nil for nothing
}

// attributeAsk is a question about an attribute.
type attributeAsk struct {
	Verb                    string // the end of the path of the page
	Button, Question, Words office.Text
	Fields                  []*office.Field
}

// The kinds of attributes that people of the two sides can add.
const (
	declared = "declared"
	verified = "verified"
)

// asksForAttributes reports whether attributes decide what becomes of the agreement.
func (a agreement) asksForAttributes() bool { return a.IsRequest() || a.ByPlatform }

// readRequirements reads the attributes that the descriptor requires and which of them the
// consumer owns, where they decide what becomes of the agreement.
func (p *detail) readRequirements(v *office.Visit) (err error) {
	a := p.Agreement
	if !a.asksForAttributes() || a.ConsumerID == a.ProducerID {
		return nil
	}
	p.Requirements, err = requirements(v, a.EServiceID, a.DescriptorID, a.ConsumerID, a.ProducerID)
	for _, kind := range p.Requirements {
		for _, g := range kind.Groups {
			for i := range g.Attributes {
				g.Attributes[i].Ask = p.askFor(kind.Name, &g.Attributes[i])
			}
		}
	}
	return err
}

// askFor returns what the caller can do about an attribute that is missing.
func (p *detail) askFor(kind string, a *neededAttribute) *attributeAsk {
	id := &office.Field{Name: "id", Kind: "hidden", Value: a.ID}
	switch {
	case kind == declared && p.IsConsumer:
		return &attributeAsk{
			Verb: "declare", Button: office.Tf("Dichiara: %s", "Declare: %s", a.Name),
			Question: office.T("Dichiarare l’attributo?", "Declare the attribute?"),
			Words: office.Tf("Dichiari che %s possiede «%s». Vale per tutte le sue richieste, e si può revocare.",
				"You declare that %s has “%s”. It counts for all its agreements, and can be revoked.", p.Consumer, a.Name),
			Fields: []*office.Field{id},
		}
	case kind == verified && p.IsProducer && (p.Agreement.State == m2m.AgreementPending || p.Agreement.IsInUse()):
		return &attributeAsk{
			Verb: "verify", Button: office.Tf("Verifica: %s", "Verify: %s", a.Name),
			Question: office.T("Confermare di aver verificato?", "Confirm the verification?"),
			Words: office.Tf("Confermi di aver verificato che %s possiede «%s».",
				"You confirm to have verified that %s has “%s”.", p.Consumer, a.Name),
			Fields: []*office.Field{id, {
				Name: "expirationDate", Kind: "date", Label: office.T("Valida fino al", "Valid until"),
				Help: office.T("Facoltativo. Senza data non scade.", "Optional. Without a date it does not expire."),
			}},
		}
	}
	return nil
}

// requirements returns the attributes that a descriptor requires, by kind and group, and
// which groups the consumer satisfies.
func requirements(v *office.Visit, eserviceID, descriptorID, consumerID, producerID string) ([]requirement, error) {
	found := make([]requirement, len(m2m.AttributeKinds))
	group := errgroup.Group{}
	for i, kind := range m2m.AttributeKinds {
		group.Go(func() (err error) {
			found[i] = requirement{AttributeKind: kind}
			path := "/eservices/" + url.PathEscape(eserviceID) + "/descriptors/" + url.PathEscape(descriptorID) + "/" + kind.Name + "Attributes"
			required, err := m2m.All[struct {
				GroupIndex int             `json:"groupIndex"`
				Attribute  neededAttribute `json:"attribute"`
			}](v, path)
			if err != nil || len(required) == 0 {
				return err
			}
			last := -1
			for _, r := range required {
				if r.GroupIndex != last {
					found[i].Groups, last = append(found[i].Groups, neededGroup{}), r.GroupIndex
				}
				g := &found[i].Groups[len(found[i].Groups)-1]
				g.Attributes = append(g.Attributes, r.Attribute)
			}
			return found[i].mark(v, consumerID, producerID)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var some []requirement
	for _, r := range found {
		if len(r.Groups) > 0 {
			some = append(some, r)
		}
	}
	return some, nil
}

// mark marks the groups of which the consumer owns an attribute.
func (r *requirement) mark(v *office.Visit, consumerID, producerID string) error {
	held, err := m2m.All[struct {
		ID        string `json:"id"`
		RevokedAt string `json:"revokedAt"`
	}](v, "/tenants/"+url.PathEscape(consumerID)+"/"+r.Name+"Attributes")
	if err != nil {
		return err
	}
	valid := map[string]bool{}
	for _, h := range held {
		valid[h.ID] = h.RevokedAt == ""
	}
	if r.Name == verified {
		return r.markVerified(v, valid, consumerID, producerID)
	}
	for i := range r.Groups {
		r.Groups[i].Owned = slices.ContainsFunc(r.Groups[i].Attributes, func(a neededAttribute) bool { return valid[a.ID] })
	}
	return nil
}

// markVerified marks the groups of which the producer has verified an attribute, with a
// verification that has not expired. It takes a call for each attribute that the consumer
// holds: none once the group is known to be owned.
func (r *requirement) markVerified(v *office.Visit, held map[string]bool, consumerID, producerID string) error {
	owned := make([]atomic.Bool, len(r.Groups))
	group := errgroup.Group{}
	group.SetLimit(m2m.MaxAtOnce)
	for i, g := range r.Groups {
		for _, a := range g.Attributes {
			if !held[a.ID] || owned[i].Load() {
				continue
			}
			group.Go(func() error {
				verifiers, err := m2m.Verifiers(v, consumerID, a.ID)
				if slices.ContainsFunc(verifiers, func(by m2m.Verifier) bool { return by.ID == producerID && by.Valid(v.Now()) }) {
					owned[i].Store(true)
				}
				return err
			})
		}
	}
	err := group.Wait()
	for i := range r.Groups {
		r.Groups[i].Owned = owned[i].Load()
	}
	return err
}

// declareAttribute declares an attribute of the caller that an agreement needs.
func declareAttribute(v *office.Visit) (*office.View, error) {
	path := "/tenants/" + url.PathEscape(v.Session.Organization) + "/declaredAttributes"
	err := v.API(m2m.Product).Send(http.MethodPost, path, map[string]string{"id": v.Value("id")}, nil)
	return afterAttribute(v, err, office.T("Attributo dichiarato.", "The attribute was declared."))
}

// verifyAttribute records that the caller, the producer of an agreement, has verified an
// attribute of its consumer.
func verifyAttribute(v *office.Visit) (*office.View, error) {
	var a agreement
	if err := v.API(m2m.Product).Get(listPath+"/"+url.PathEscape(v.Path("agreementId")), nil, &a); err != nil {
		return nil, err
	}
	body := map[string]string{"id": v.Value("id"), "agreementId": a.ID}
	if day := v.Value("expirationDate"); day != "" {
		body["expirationDate"] = endOfDay(day)
	}
	err := v.API(m2m.Product).Send(http.MethodPost, "/tenants/"+url.PathEscape(a.ConsumerID)+"/verifiedAttributes", body, nil)
	return afterAttribute(v, err, office.T("Verifica registrata.", "The verification was recorded."))
}

// afterAttribute leads back to the agreement, or shows it with the refusal.
func afterAttribute(v *office.Visit, err error, done office.Text) (*office.View, error) {
	refusal, refused := office.Refused(err)
	if refused && (refusal.Conflict() || refusal.Status == http.StatusBadRequest) {
		return refusedAction(v, &sentAction{form: &office.Form{}}, refusal)
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect(listPath+"/"+url.PathEscape(v.Path("agreementId")), done), nil
}

// endOfDay returns the last second of a day in Italy; what is no day, as it is.
func endOfDay(day string) string {
	at, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(day), office.Rome())
	if err != nil {
		return day
	}
	return at.AddDate(0, 0, 1).Add(-time.Second).Format(time.RFC3339)
}
