package client

import (
	"net/http"
	"net/url"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// key is a key of a client.
type key struct {
	ID        string `json:"kid"`
	Type      string `json:"kty"`
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
	Name      string `json:"name"`
	CreatedAt string `json:"createdAt"`

	Delete *ask `json:"-"` // nil when it is not allowed
}

// IsForSigning reports whether assertions are signed with the key.
func (k *key) IsForSigning() bool { return k.Use == "sig" }

// Label returns what people call the key.
func (k *key) Label() string {
	if k.Name != "" {
		return k.Name
	}
	return k.ID
}

// detail is what the page of a client shows.
type detail struct {
	*client

	Keys     []*key
	List     *office.List // of the keys
	Purposes list[*purpose]
	Users    list[*user]
	Unknown  bool // the organization has no users yet
	Events   list[*event]
	Admin    *user        // nil for none
	SetAdmin *office.Form // nil when it is not allowed
	Use      *example     // nil where no vouchers are issued

	RemoveAdmin, Delete *ask
}

// fewShown is how many entries the page of a client has of lists with a page of their own.
const fewShown = "5"

// show shows a client with its keys, purposes, users and last requests for vouchers.
func show(v *office.Visit) (*office.View, error) {
	c, err := read(v, v.Path("clientId"))
	if err != nil {
		return nil, err
	}
	shown := &detail{client: c, List: v.List(pageSize)}
	view := &office.View{
		Template: "client-show.html", Title: office.Same(c.Name), Data: shown, Crumbs: crumbs(c)[:1],
	}
	if c.ConsumerID != v.Session.Organization {
		view.Template, view.Title = "client-foreign.html", office.T("Client di un’altra organizzazione", "Client of another organization")
		return view, nil
	}
	if err := shown.read(v); err != nil {
		return nil, err
	}
	shown.Delete = c.ask("delete", c.Path("delete"), c.Name)
	return view, nil
}

// read reads what is in the client.
func (s *detail) read(v *office.Visit) error {
	var group errgroup.Group
	at := m2m.ClientsPath + "/" + s.ID
	few := url.Values{"limit": {fewShown}, "offset": {"0"}}
	group.Go(func() error {
		var keys list[*key]
		err := v.API(m2m.Product).Get(at+"/keys", s.List.Range(), &keys)
		s.Keys, s.List.Total = keys.Results, keys.Pagination.TotalCount
		for _, k := range s.Keys {
			k.Delete = s.ask("deleteKey", s.Path("keys", k.ID, "delete"), k.Label())
		}
		return err
	})
	if !s.IsAPI() {
		group.Go(func() error { return s.readPurposes(v, few, &s.Purposes) })
	}
	group.Go(func() error { return s.readUsers(v, few) })
	group.Go(func() error { return v.API(m2m.Product).Get(at+"/tokenEvents", few, &s.Events) })
	if s.IsAPI() {
		group.Go(func() error { return s.readAdmin(v) })
	}
	group.Go(func() (err error) {
		s.Use, err = readUse(v)
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	nameEvents(s.Events.Results, s.Keys, s.Purposes.Results)
	if s.Use != nil {
		s.Use.of(s)
	}
	return nil
}

// readAdmin reads the admin of an API client, and who may become it.
func (s *detail) readAdmin(v *office.Visit) error {
	if s.AdminID != "" {
		s.Admin = &user{ID: s.AdminID}
		err := m2m.IgnoreHidden(v.API(m2m.Product).Get(usersPath+"/"+url.PathEscape(s.AdminID), nil, s.Admin))
		if err != nil {
			return err
		}
		s.RemoveAdmin = s.ask("removeAdmin", s.Path("admin", s.AdminID, "delete"), s.Admin.Label())
	}
	if !s.May("setAdmin") {
		return nil
	}
	admins, err := readChoice(v, "admin")
	if err != nil {
		return err
	}
	admins.leaveOut(s.AdminID)
	if s.AdminID != "" && len(admins.users) == 0 && !admins.more {
		return nil // nobody else may be
	}
	s.SetAdmin = &office.Form{
		Action: s.Path("admin"), Submit: actions["setAdmin"].button,
		Fields: []*office.Field{adminField(admins, office.T("Scegli una persona", "Choose a person"))},
	}
	s.SetAdmin.Fields[0].Required = true
	return nil
}

// setAdmin makes a user the admin of an API client.
func setAdmin(v *office.Visit) (*office.View, error) {
	body := map[string]string{"adminId": v.Value("adminId")}
	if err := v.API(m2m.Product).Send(http.MethodPost, m2m.ClientPath(v.Path("clientId"), "admin"), body, nil); err != nil {
		return again(v, err)
	}
	return v.Redirect(m2m.ClientPath(v.Path("clientId")), office.T(
		"L’amministratore è impostato: i prossimi token del client potranno scrivere.",
		"The admin is set: the next access tokens of the client may write.")), nil
}

// removeAdmin leaves an API client without an admin.
func removeAdmin(v *office.Visit) (*office.View, error) {
	path := m2m.ClientPath(v.Path("clientId"), "admin", v.Path("userId"))
	if err := v.API(m2m.Product).Send(http.MethodDelete, path, nil, nil); err != nil {
		return again(v, err)
	}
	return v.Redirect(m2m.ClientPath(v.Path("clientId")), office.T(
		"Il client è senza amministratore: i suoi token possono solo leggere.",
		"The client has no admin: its access tokens may only read.")), nil
}

// example is how a program gets vouchers with the client.
type example struct {
	Issuer   string `json:"issuer"` // which is an audience of assertions
	Endpoint string `json:"token_endpoint"`

	API       string // below which the paths of the API are
	Kid       string // of a key that signs, "" for none
	PurposeID string // of a purpose that is linked, "" for none
}

// readUse reads where vouchers are issued, nil where none are.
func readUse(v *office.Visit) (*example, error) {
	use := &example{API: v.API(m2m.Product).URL()}
	err := v.API(m2m.Product).Get("/.well-known/oauth-authorization-server", nil, use)
	if _, refused := office.Refused(err); refused {
		return nil, nil //nolint:nilnil // this deployment issues no vouchers
	}
	return use, err
}

// of chooses a key and a purpose of the client for the example. It signs with openssl, whose
// signatures by EC keys are in another form than a JWT's.
func (u *example) of(s *detail) {
	for _, k := range s.Keys {
		if k.IsForSigning() && k.Type == "RSA" {
			u.Kid = k.ID
			break
		}
	}
	for _, p := range s.Purposes.Results {
		isActive := p.Current != nil && p.Current.State == m2m.PurposeActive
		if isActive || u.PurposeID == "" {
			u.PurposeID = p.ID
		}
		if isActive {
			return
		}
	}
}
