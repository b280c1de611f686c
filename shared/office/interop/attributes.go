package interop

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

// attributePages are the pages on the registry of attributes and on those of the organization.
func attributePages(page cataloguePath) []office.Page {
	return []office.Page{
		page(http.MethodGet, "/attributes", showAttributes),
		page(http.MethodGet, "/attributes/new", newAttribute),
		page(http.MethodPost, "/attributes/new", createAttribute),
		page(http.MethodPost, "/attributes/{attributeId}/declare", declareAttribute),
		page(http.MethodPost, "/attributes/{attributeId}/revoke", revokeAttribute),
	}
}

// registryLimit is how many attributes of the registry a page shows.
const registryLimit = 20

// ownAttribute is an attribute that the organization owns or owned.
type ownAttribute struct {
	ID         string `json:"id"`
	AssignedAt string `json:"assignedAt"`
	RevokedAt  string `json:"revokedAt"`

	Name      string
	Verifiers []attributeVerifier // of a verified one; none where all have revoked it
}

// attributeVerifier is an organization that verified an attribute.
type attributeVerifier struct {
	ID        string `json:"id"`
	ExpiresAt string `json:"expiresAt"`

	Name string
}

// ownedKind has the organization's attributes of a kind.
type ownedKind struct {
	attributeKind
	Attributes []*ownAttribute
}

// Chip returns whether the attribute counts.
func (a *ownAttribute) Chip() office.Chip {
	if a.RevokedAt != "" {
		return office.Chip{Text: office.T("Revocato", "Revoked"), Tone: "danger"}
	}
	return office.Chip{Text: office.T("Attivo", "Active"), Tone: "success"}
}

// readOwned reads the organization's attributes of all kinds, with their names.
func readOwned(v *office.Visit) ([]*ownedKind, error) {
	all := make([]*ownedKind, len(attributeKinds))
	tenant := "/tenants/" + url.PathEscape(v.Session.Organization)
	group := errgroup.Group{}
	for i, kind := range attributeKinds {
		all[i] = &ownedKind{attributeKind: kind}
		group.Go(func() (err error) {
			path := tenant + "/" + kind.Name + "Attributes"
			all[i].Attributes, err = catalogueAll[*ownAttribute](v, path)
			if err != nil {
				return err
			}
			if kind.Name == "verified" {
				if err := readVerifiers(v, path, all[i].Attributes); err != nil {
					return err
				}
			}
			ids := make([]string, len(all[i].Attributes))
			for j, a := range all[i].Attributes {
				ids[j] = a.ID
			}
			names, err := namesOf(v, "/"+kind.Name+"Attributes", ids...)
			for _, a := range all[i].Attributes {
				a.Name = nameOr(names, a.ID)
			}
			return err
		})
	}
	return all, group.Wait()
}

// readVerifiers reads who has verified attributes and until when. One that nobody verifies any
// more is revoked.
func readVerifiers(v *office.Visit, path string, attributes []*ownAttribute) error {
	group := errgroup.Group{}
	group.SetLimit(maxAtOnce)
	for _, a := range attributes {
		group.Go(func() (err error) {
			a.Verifiers, err = catalogueAll[attributeVerifier](v, path+"/"+url.PathEscape(a.ID)+"/verifiers")
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	var ids []string
	for _, a := range attributes {
		for _, verifier := range a.Verifiers {
			ids = append(ids, verifier.ID)
		}
		if len(a.Verifiers) == 0 {
			a.RevokedAt = a.AssignedAt
		}
	}
	names, err := namesOf(v, "/tenants", ids...)
	for _, a := range attributes {
		for i, verifier := range a.Verifiers {
			a.Verifiers[i].Name = nameOr(names, verifier.ID)
		}
	}
	return err
}

// showAttributes shows the organization's attributes, and the registry of one kind.
func showAttributes(v *office.Visit) (*office.View, error) { return attributesView(v, nil) }

func attributesView(v *office.Visit, refusal *office.Refusal) (*office.View, error) {
	kind, err := kindOf(v, cmp.Or(v.Query("kind"), "declared"))
	if err != nil {
		return nil, err
	}
	l := v.List(registryLimit)
	var registry cataloguePage[catalogueAttribute]
	if err := v.API(product).Get("/"+kind.Name+"Attributes", l.Range(), &registry); err != nil {
		return nil, err
	}
	l.Total = registry.Pagination.Total
	owned, err := readOwned(v)
	if err != nil {
		return nil, err
	}
	var certifiers []string
	for _, a := range registry.Results {
		certifiers = append(certifiers, a.Origin)
	}
	names, err := namesOf(v, "/tenants", certifiers...)
	if err != nil {
		return nil, err
	}
	holds := map[string]bool{}
	for _, k := range owned {
		for _, a := range k.Attributes {
			holds[a.ID] = a.RevokedAt == ""
		}
	}
	shown := &office.View{
		Template: "attribute-list.html", Title: office.T("Attributi", "Attributes"),
		Data: map[string]any{
			"Owned": owned, "Kind": kind, "Kinds": attributeKinds, "Registry": registry.Results, "List": l, "Holds": holds, "Names": names,
		},
	}
	if refusal != nil {
		shown.Refusal, shown.Status = refusal, refusal.Status
	}
	return shown, nil
}

// declareAttribute declares that the organization has an attribute.
func declareAttribute(v *office.Visit) (*office.View, error) {
	return changeOwn(v, http.MethodPost, "", map[string]string{"id": v.Path("attributeId")},
		office.T("L’attributo è dichiarato.", "The attribute is declared."))
}

// revokeAttribute revokes a declared attribute of the organization.
func revokeAttribute(v *office.Visit) (*office.View, error) {
	return changeOwn(v, http.MethodDelete, "/"+url.PathEscape(v.Path("attributeId")), nil,
		office.T("La dichiarazione è revocata.", "The declaration is revoked."))
}

func changeOwn(v *office.Visit, method, below string, body any, done office.Text) (*office.View, error) {
	path := "/tenants/" + url.PathEscape(v.Session.Organization) + "/declaredAttributes" + below
	err := v.API(product).Send(method, path, body, nil)
	if refusal, refused := shownRefusal(err); refused {
		return attributesView(v, refusal)
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect("/attributes", done), nil
}

// newAttributeForm is the form of a new attribute of any kind.
func newAttributeForm(kind string) *office.Form {
	kinds := []office.Option{
		{Value: "declared", Text: office.T("Dichiarato: lo dichiara chi lo ha", "Declared: its owner declares it")},
		{Value: "verified", Text: office.T("Verificato: lo verifica l’erogatore", "Verified: the producer verifies it")},
		{Value: "certified", Text: office.T("Certificato: lo assegna la tua organizzazione, se è un certificatore",
			"Certified: your organization assigns it, if it is a certifier")},
	}
	if !slices.ContainsFunc(kinds, func(o office.Option) bool { return o.Value == kind }) {
		kind = "declared"
	}
	return &office.Form{
		Action: "/attributes/new", Cancel: "/attributes", Submit: office.T("Crea l’attributo", "Create the attribute"),
		Fields: []*office.Field{
			{Name: "kind", Kind: "radio", Label: office.T("Tipo", "Kind"), Value: kind, Required: true, Options: kinds},
			{
				Name: "name", Label: office.T("Nome", "Name"), Required: true,
				Help: office.T("Diverso da quello degli altri attributi dello stesso tipo.", "Other than those of the attributes of the same kind."),
			},
			{
				Name: "description", Kind: "textarea", Label: office.T("Descrizione", "Description"), Required: true,
				Help: office.T("Che cosa significa averlo, da 10 a 500 caratteri.", "What it means to own it, 10 to 500 characters."),
			},
			{
				Name: "code", Label: office.T("Codice", "Code"),
				Help: office.T("Solo per un attributo certificato: il codice che gli dà il certificatore.",
					"Only for a certified attribute: the certifier’s code for it."),
			},
		},
	}
}

func newAttributeView(f *office.Form) *office.View {
	return &office.View{
		Template: "attribute-new.html", Title: office.T("Nuovo attributo", "New attribute"), Data: map[string]any{"Form": f},
		Crumbs: []office.Crumb{{Text: office.T("Attributi", "Attributes"), Path: "/attributes"}},
	}
}

func newAttribute(v *office.Visit) (*office.View, error) {
	return newAttributeView(newAttributeForm(v.Query("kind"))), nil
}

// createAttribute adds an attribute to the registry.
func createAttribute(v *office.Visit) (*office.View, error) {
	kind, err := kindOf(v, v.Value("kind"))
	if err != nil {
		return nil, err
	}
	f := newAttributeForm(kind.Name)
	f.Read(v)
	body := formMembers(f.Fields, func(field *office.Field) bool {
		return field.Name == "kind" || field.Name == "code" && kind.Name != "certified"
	})
	err = v.API(product).Send(http.MethodPost, "/"+kind.Name+"Attributes", body, nil)
	if refusal, refused := shownRefusal(err); refused {
		refuseForm(f, refusal)
		shown := newAttributeView(f)
		shown.Refusal, shown.Status = f.Refusal, refusal.Status
		return shown, nil
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect("/attributes?kind="+kind.Name, office.T("L’attributo è nel registro. Un attributo non si può togliere.",
		"The attribute is in the registry. Attributes cannot be removed.")), nil
}
