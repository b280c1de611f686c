package client

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// user is a user of the organization (PDND, User).
type user struct {
	ID         string   `json:"userId"`
	Name       string   `json:"name"`
	FamilyName string   `json:"familyName"`
	RoleNames  []string `json:"roles"`

	Remove *ask `json:"-"` // from the client; nil when it is not allowed
}

// Label returns the name of the user, or the id where the organization does not know it.
func (u *user) Label() string {
	switch {
	case u.Name == "" && u.FamilyName == "":
		return u.ID
	case u.FamilyName == "":
		return u.Name
	}
	return u.Name + " " + u.FamilyName
}

// Roles returns the roles of the user in words.
func (u *user) Roles() []office.Text {
	all := make([]office.Text, len(u.RoleNames))
	for i, name := range u.RoleNames {
		all[i] = office.Same(name)
		for _, role := range userRoles {
			if role.Value == name {
				all[i] = role.Text
			}
		}
	}
	return all
}

// userRoles are the roles that the API takes (PDND, product roles).
var userRoles = []office.Option{
	{Value: "admin", Text: office.T("Amministratore: può esserlo di un client per l’API, e aggiungere chiavi",
		"Admin: may be the admin of a client for the API, and add keys")},
	{Value: "security", Text: office.T("Operatore di sicurezza: può aggiungere chiavi", "Security operator: may add keys")},
	{Value: "api", Text: office.T("Operatore API", "API operator")},
	{Value: "support", Text: office.T("Assistenza", "Support")},
	{Value: "reviewer", Text: office.T("Revisore", "Reviewer")},
	{Value: "viewer", Text: office.T("Sola lettura", "Viewer")},
}

// choice is the users of the organization that may be chosen for something.
type choice struct {
	users []user
	more  bool // there are more than a list shows: an id is typed instead
}

// readChoice reads the users with one of the roles, as far as the API shows them to the
// caller. An organization whose users are not known has none.
func readChoice(v *office.Visit, roles ...string) (*choice, error) {
	var found list[user]
	err := v.API(m2m.Product).Get(usersPath, url.Values{"roles": roles, "limit": {"50"}, "offset": {"0"}}, &found)
	if m2m.IgnoreHidden(err) != nil {
		return nil, err
	}
	return &choice{users: found.Results, more: found.Pagination.TotalCount > int64(len(found.Results))}, nil
}

// leaveOut leaves out users by their ids.
func (c *choice) leaveOut(ids ...string) {
	c.users = slices.DeleteFunc(c.users, func(u user) bool { return slices.Contains(ids, u.ID) })
}

// userField returns the field by which one of the users is chosen. none is the text of
// choosing nobody.
func (c *choice) userField(name string, label, none office.Text) *office.Field {
	if c.more {
		return &office.Field{
			Name: name, Label: label, Mono: true, Complete: "off",
			Help: office.T("L’id della persona, dalla pagina degli utenti.", "The id of the person, from the page of users."),
		}
	}
	field := &office.Field{Name: name, Kind: "select", Label: label, Options: []office.Option{{Text: none}}}
	for _, u := range c.users {
		field.Options = append(field.Options, office.Option{Value: u.ID, Text: office.Same(u.Label())})
	}
	return field
}

func adminField(admins *choice, none office.Text) *office.Field {
	field := admins.userField("adminId", office.T("Amministratore", "Admin"), none)
	if len(admins.users) == 0 && !admins.more {
		field.Help = office.T("Nessun utente ha il ruolo di amministratore: registralo tra gli utenti.",
			"No user has the role admin: register one among the users.")
	}
	return field
}

// readUsers reads users of the client.
func (s *detail) readUsers(v *office.Visit, query url.Values) error {
	err := v.API(m2m.Product).Get(m2m.ClientsPath+"/"+s.ID+"/users", query, &s.Users)
	if refusal, refused := office.Refused(err); refused && refusal.Status == http.StatusNotFound {
		s.Unknown = true
		return nil
	}
	for _, u := range s.Users.Results {
		u.Remove = s.ask("removeUser", s.Path("users", u.ID, "delete"), u.Label())
	}
	return err
}

// showUsers lists the users of a client, with a form to add one.
func showUsers(v *office.Visit) (*office.View, error) {
	shown, _, err := usersView(v)
	return shown, err
}

// usersView returns the page of a client's users and its form, which is nil where the
// API allows no other user.
func usersView(v *office.Visit) (shown *office.View, form *office.Form, err error) {
	c, err := readOwn(v)
	if err != nil {
		return nil, nil, err
	}
	s := &detail{client: c, List: v.List(pageSize)}
	var group errgroup.Group
	group.Go(func() error { return s.readUsers(v, s.List.Range()) })
	if c.May("addUser") {
		group.Go(func() error {
			users, err := readChoice(v, "admin", "security")
			if err != nil {
				return err
			}
			field := users.userField("userId", office.T("Persona", "Person"), office.T("Scegli una persona", "Choose a person"))
			field.Required = true
			form = &office.Form{Action: c.Path("users"), Submit: actions["addUser"].button, Fields: []*office.Field{field}}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	s.List.Total = s.Users.Pagination.TotalCount
	return &office.View{
		Template: "client-users.html", Title: office.T("Utenti del client", "Users of the client"), Crumbs: crumbs(c),
		Data: map[string]any{"Client": s, "Form": form},
	}, form, nil
}

// addUser makes a user of the organization a user of a client.
func addUser(v *office.Visit) (*office.View, error) {
	path := m2m.ClientPath(v.Path("clientId"), "users")
	err := v.API(m2m.Product).Send(http.MethodPost, path, map[string]string{"userId": v.Value("userId")}, nil)
	if err == nil {
		return v.Redirect(path, office.T("La persona è stata aggiunta al client.", "The person was added to the client.")), nil
	}
	shown, form, failed := usersView(v)
	switch {
	case failed != nil:
		return nil, err
	case form == nil:
		form = &office.Form{}
	}
	form.Read(v)
	return refused(shown, form, err)
}

// removeUser takes a user away from a client.
func removeUser(v *office.Visit) (*office.View, error) {
	path := m2m.ClientPath(v.Path("clientId"), "users", v.Path("userId"))
	if err := v.API(m2m.Product).Send(http.MethodDelete, path, nil, nil); err != nil {
		return again(v, err)
	}
	return v.Redirect(m2m.ClientPath(v.Path("clientId"), "users"), office.T(
		"La persona non è più tra gli utenti del client.", "The person is no longer among the users of the client.")), nil
}

// userDelete is the question before a user of the organization is deleted.
var userDelete = action{
	danger:   true,
	button:   office.T("Elimina {}", "Delete {}"),
	question: office.T("Eliminare {} dagli utenti?", "Delete {} from the users?"),
	words: office.T(
		"Smette di essere amministratore dei client per l’API: i loro token che possono scrivere vengono rifiutati da subito. "+
			"Le chiavi che ha aggiunto restano e continuano a funzionare.",
		"The user stops being the admin of clients for the API: their access tokens that may write are refused from now on. "+
			"Keys that the user has added stay and go on working."),
}

// listUsers lists the users of the organization.
func listUsers(v *office.Visit) (*office.View, error) {
	l := v.List(pageSize)
	var found list[*user]
	err := v.API(m2m.Product).Get(usersPath, l.Range(), &found)
	refusal, refused := office.Refused(err)
	if err != nil && (!refused || refusal.Status != http.StatusNotFound) { // 404: its users are not known yet
		return nil, err
	}
	l.Total = found.Pagination.TotalCount
	for _, u := range found.Results {
		u.Remove = userDelete.of(usersPath+"/"+url.PathEscape(u.ID)+"/delete", u.Label())
	}
	return &office.View{
		Template: "client-people.html", Title: office.T("Utenti dell’organizzazione", "Users of the organization"),
		Crumbs: []office.Crumb{{Text: office.T("Client e chiavi", "Clients and keys"), Path: m2m.ClientsPath}},
		Data:   map[string]any{"Users": found.Results, "List": l},
	}, nil
}

// userForm is the form of a user; id is "" for a new one.
func userForm(id string) *office.Form {
	form := &office.Form{
		Action: usersPath + "/new", Cancel: usersPath, Submit: office.T("Registra", "Register"),
		Fields: []*office.Field{
			{Name: "name", Label: office.T("Nome", "First name"), Required: true, Complete: "off"},
			{Name: "familyName", Label: office.T("Cognome", "Last name"), Required: true, Complete: "off"},
		},
	}
	if id == "" {
		form.Fields = append(form.Fields, &office.Field{
			Name: "userId", Label: office.T("Id", "Id"), Mono: true, Complete: "off",
			Help: office.T("Facoltativo: l’UUID che la persona ha nel tuo sistema di identità. Senza, ne viene creato uno.",
				"Optional: the UUID that the person has in your identity system. Without, one is made."),
		})
	} else {
		form.Action, form.Submit = usersPath+"/"+url.PathEscape(id), office.T("Salva", "Save")
	}
	for _, role := range userRoles {
		form.Fields = append(form.Fields, &office.Field{Name: "role." + role.Value, Kind: "checkbox", Label: role.Text})
	}
	return form
}

// editUser shows the form of a user of the organization, or registers the user.
func editUser(v *office.Visit) (*office.View, error) {
	id := v.Path("userId")
	form := userForm(id)
	shown := &office.View{
		Template: "client-person.html", Title: office.T("Registra un utente", "Register a user"),
		Crumbs: []office.Crumb{{Text: office.T("Utenti dell’organizzazione", "Users of the organization"), Path: usersPath}},
		Data:   map[string]any{"Form": form},
	}
	if id != "" {
		var u user
		if err := v.API(m2m.Product).Get(usersPath+"/"+url.PathEscape(id), nil, &u); err != nil {
			return nil, err
		}
		shown.Title = office.Same(u.Label())
		form.Field("name").Value, form.Field("familyName").Value = u.Name, u.FamilyName
		for _, role := range u.RoleNames {
			if field := form.Field("role." + role); field != nil {
				field.Value = "true"
			}
		}
	}
	if v.Request.Method == http.MethodGet {
		return shown, nil
	}
	form.Read(v)
	roles := []string{}
	for _, role := range userRoles {
		if form.Field("role."+role.Value).Value != "" {
			roles = append(roles, role.Value)
		}
	}
	if id == "" {
		var err error
		if id, err = newUserID(v, form); err != nil {
			return refused(shown, form, err)
		}
	}
	body := map[string]any{"name": form.Field("name").Value, "familyName": form.Field("familyName").Value, "roles": roles}
	if err := v.API(m2m.Product).Send(http.MethodPut, usersPath+"/"+url.PathEscape(id), body, nil); err != nil {
		return refused(shown, form, err)
	}
	return v.Redirect(usersPath, office.T("L’utente è registrato.", "The user is registered.")), nil
}

// newUserID returns the id of a new user: the one that was typed, or a new one. The API creates
// and replaces users by the same call, so the id of a user that is there is refused here.
func newUserID(v *office.Visit, form *office.Form) (string, error) {
	id := form.Field("userId").Value
	if id == "" {
		return uuid.NewString(), nil
	}
	if err := v.API(m2m.Product).Get(usersPath+"/"+url.PathEscape(id), nil, nil); err != nil {
		return id, m2m.IgnoreHidden(err)
	}
	return "", &office.Refusal{
		Status: http.StatusConflict, CorrelationID: v.Correlation,
		Fields: []office.FieldError{{Name: "userId", Detail: v.Tr(office.T(
			"C’è già un utente con questo id: modificalo dalla pagina degli utenti.",
			"There is a user with this id already: edit it from the page of users."))}},
	}
}

// deleteUser deletes a user of the organization.
func deleteUser(v *office.Visit) (*office.View, error) {
	if err := v.API(m2m.Product).Send(http.MethodDelete, usersPath+"/"+url.PathEscape(v.Path("userId")), nil, nil); err != nil {
		shown, failed := listUsers(v)
		if failed != nil {
			return nil, err
		}
		return refused(shown, &office.Form{}, err)
	}
	return v.Redirect(usersPath, office.T("L’utente è stato eliminato.", "The user was deleted.")), nil
}
