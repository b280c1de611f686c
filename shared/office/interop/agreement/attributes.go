package agreement

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
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
			Verb: "declare", Button: say("Dichiara: %s", "Declare: %s", a.Name),
			Question: office.T("Dichiarare l’attributo?", "Declare the attribute?"),
			Words: say("Dichiari che %s possiede «%s». Vale per tutte le sue richieste, e si può revocare.",
				"You declare that %s has “%s”. It counts for all its agreements, and can be revoked.", p.Consumer, a.Name),
			Fields: []*office.Field{id},
		}
	case kind == verified && p.IsProducer && (p.Agreement.State == statePending || p.Agreement.IsInUse()):
		return &attributeAsk{
			Verb: "verify", Button: say("Verifica: %s", "Verify: %s", a.Name),
			Question: office.T("Confermare di aver verificato?", "Confirm the verification?"),
			Words: say("Confermi di aver verificato che %s possiede «%s».",
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
	path := "/tenants/" + url.PathEscape(consumerID) + "/" + r.Name + "Attributes"
	held, err := m2m.All[struct {
		ID        string `json:"id"`
		RevokedAt string `json:"revokedAt"`
	}](v, path)
	if err != nil {
		return err
	}
	valid := map[string]bool{}
	for _, h := range held {
		valid[h.ID] = h.RevokedAt == ""
	}
	for i := range r.Groups {
		g := &r.Groups[i]
		for _, a := range g.Attributes {
			owned := valid[a.ID]
			if owned && r.Name == verified {
				if owned, err = isVerified(v, path+"/"+url.PathEscape(a.ID)+"/verifiers", producerID); err != nil {
					return err
				}
			}
			g.Owned = g.Owned || owned
		}
	}
	return nil
}

// isVerified reports whether the producer is among the verifiers and that has not expired.
func isVerified(v *office.Visit, path, producerID string) (bool, error) {
	verifiers, err := m2m.All[struct {
		ID        string `json:"id"`
		ExpiresAt string `json:"expiresAt"`
	}](v, path)
	if err != nil {
		return false, err
	}
	for _, by := range verifiers {
		if by.ID == producerID && !hasExpired(by.ExpiresAt, v.Now()) {
			return true, nil
		}
	}
	return false, nil
}

// hasExpired reports whether a time is over; what is no time never is.
func hasExpired(at string, now time.Time) bool {
	expires, err := time.Parse(time.RFC3339Nano, at)
	return err == nil && !now.Before(expires)
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
	refusal, refused := errors.AsType[*office.Refusal](err)
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
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		zone = time.UTC
	}
	at, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(day), zone)
	if err != nil {
		return day
	}
	return at.AddDate(0, 0, 1).Add(-time.Second).Format(time.RFC3339)
}
