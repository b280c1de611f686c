// Package attribute has the pages on the registry of attributes and on those of the
// organization.
package attribute

import (
	"cmp"
	"embed"
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
		Menu: []office.Entry{{Text: office.T("Attributi", "Attributes"), Path: "/attributes", Area: office.Interop}},
	}
}

// pages are the pages on the registry of attributes and on those of the organization.
func pages() []office.Page {
	page := func(method, path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: method, Path: path, Area: office.Interop, Serve: serve}
	}
	return []office.Page{
		page(http.MethodGet, "/attributes", show),
		page(http.MethodGet, "/attributes/new", showNew),
		page(http.MethodPost, "/attributes/new", create),
		page(http.MethodPost, "/attributes/{attributeId}/declare", declare),
		page(http.MethodPost, "/attributes/{attributeId}/revoke", revoke),
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
	Verifiers []verifier // of a verified one; none where all have revoked it
	Expired   bool       // whether it was verified, and every verification has expired
}

// verifier is an organization that verified an attribute.
type verifier struct {
	m2m.Verifier

	Name  string
	Valid bool // whether the verification has not expired
}

// Counts reports whether the organization owns the attribute at present.
func (a *ownAttribute) Counts() bool { return a.RevokedAt == "" && !a.Expired }

// ownedKind has the organization's attributes of a kind.
type ownedKind struct {
	m2m.AttributeKind
	Attributes []*ownAttribute
}

// Chip returns whether the attribute counts.
func (a *ownAttribute) Chip() office.Chip {
	if a.RevokedAt != "" {
		return office.Chip{Text: office.T("Revocato", "Revoked"), Tone: "danger"}
	}
	if a.Expired {
		return office.Chip{Text: office.T("Scaduto", "Expired"), Tone: "danger"}
	}
	return office.Chip{Text: office.T("Attivo", "Active"), Tone: "success"}
}

// readOwned reads the organization's attributes of all kinds, with their names.
func readOwned(v *office.Visit) ([]*ownedKind, error) {
	all := make([]*ownedKind, len(m2m.AttributeKinds))
	tenant := "/tenants/" + url.PathEscape(v.Session.Organization)
	group := errgroup.Group{}
	for i, kind := range m2m.AttributeKinds {
		all[i] = &ownedKind{AttributeKind: kind}
		group.Go(func() (err error) {
			path := tenant + "/" + kind.Name + "Attributes"
			all[i].Attributes, err = m2m.All[*ownAttribute](v, path)
			if err != nil {
				return err
			}
			if kind.Name == "verified" {
				if err := readVerifiers(v, all[i].Attributes); err != nil {
					return err
				}
			}
			ids := make([]string, len(all[i].Attributes))
			for j, a := range all[i].Attributes {
				ids[j] = a.ID
			}
			names, err := m2m.Names(v, "/"+kind.Name+"Attributes", ids...)
			for _, a := range all[i].Attributes {
				a.Name = m2m.NameOr(names, a.ID)
			}
			return err
		})
	}
	return all, group.Wait()
}

// readVerifiers reads who has verified attributes of the organization and until when. One that
// nobody verifies any more is revoked, or has expired.
func readVerifiers(v *office.Visit, attributes []*ownAttribute) error {
	group := errgroup.Group{}
	group.SetLimit(m2m.MaxAtOnce)
	for _, a := range attributes {
		group.Go(func() error {
			all, err := m2m.Verifiers(v, v.Session.Organization, a.ID)
			for _, by := range all {
				a.Verifiers = append(a.Verifiers, verifier{Verifier: by, Valid: by.Valid(v.Now())})
			}
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
		a.Expired = len(a.Verifiers) > 0 && !slices.ContainsFunc(a.Verifiers, func(by verifier) bool { return by.Valid })
	}
	names, err := m2m.Names(v, "/tenants", ids...)
	for _, a := range attributes {
		for i, verifier := range a.Verifiers {
			a.Verifiers[i].Name = m2m.NameOr(names, verifier.ID)
		}
	}
	return err
}

// show shows the organization's attributes, and the registry of one kind.
func show(v *office.Visit) (*office.View, error) { return view(v, nil) }

func view(v *office.Visit, refusal *office.Refusal) (*office.View, error) {
	kind, err := m2m.AttributeKindOf(v, cmp.Or(v.Query("kind"), "declared"))
	if err != nil {
		return nil, err
	}
	l := v.List(registryLimit)
	var registry m2m.Page[m2m.Attribute]
	if err := v.API(m2m.Product).Get("/"+kind.Name+"Attributes", l.Range(), &registry); err != nil {
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
	names, err := m2m.Names(v, "/tenants", certifiers...)
	if err != nil {
		return nil, err
	}
	holds := map[string]bool{}
	for _, k := range owned {
		for _, a := range k.Attributes {
			holds[a.ID] = a.Counts()
		}
	}
	shown := &office.View{
		Template: "attribute-list.html", Title: office.T("Attributi", "Attributes"),
		Data: map[string]any{
			"Owned": owned, "Kind": kind, "Kinds": m2m.AttributeKinds, "Registry": registry.Results, "List": l, "Holds": holds, "Names": names,
		},
	}
	if refusal != nil {
		shown.Refusal, shown.Status = refusal, refusal.Status
	}
	return shown, nil
}

// declare declares that the organization has an attribute.
func declare(v *office.Visit) (*office.View, error) {
	return changeOwn(v, http.MethodPost, "", map[string]string{"id": v.Path("attributeId")},
		office.T("L’attributo è dichiarato.", "The attribute is declared."))
}

// revoke revokes a declared attribute of the organization.
func revoke(v *office.Visit) (*office.View, error) {
	return changeOwn(v, http.MethodDelete, "/"+url.PathEscape(v.Path("attributeId")), nil,
		office.T("La dichiarazione è revocata.", "The declaration is revoked."))
}

func changeOwn(v *office.Visit, method, below string, body any, done office.Text) (*office.View, error) {
	path := "/tenants/" + url.PathEscape(v.Session.Organization) + "/declaredAttributes" + below
	err := v.API(m2m.Product).Send(method, path, body, nil)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		return view(v, refusal)
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect("/attributes", done), nil
}

// newForm is the form of a new attribute of any kind.
func newForm(kind string) *office.Form {
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

func newView(f *office.Form) *office.View {
	return &office.View{
		Template: "attribute-new.html", Title: office.T("Nuovo attributo", "New attribute"), Data: map[string]any{"Form": f},
		Crumbs: []office.Crumb{{Text: office.T("Attributi", "Attributes"), Path: "/attributes"}},
	}
}

func showNew(v *office.Visit) (*office.View, error) {
	return newView(newForm(v.Query("kind"))), nil
}

// create adds an attribute to the registry.
func create(v *office.Visit) (*office.View, error) {
	kind, err := m2m.AttributeKindOf(v, v.Value("kind"))
	if err != nil {
		return nil, err
	}
	f := newForm(kind.Name)
	f.Read(v)
	body := m2m.Members(f.Fields, func(field *office.Field) bool {
		return field.Name == "kind" || field.Name == "code" && kind.Name != "certified"
	})
	err = v.API(m2m.Product).Send(http.MethodPost, "/"+kind.Name+"Attributes", body, nil)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		m2m.RefuseForm(f, refusal)
		shown := newView(f)
		shown.Refusal, shown.Status = f.Refusal, refusal.Status
		return shown, nil
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect("/attributes?kind="+kind.Name, office.T("L’attributo è nel registro. Un attributo non si può togliere.",
		"The attribute is in the registry. Attributes cannot be removed.")), nil
}
