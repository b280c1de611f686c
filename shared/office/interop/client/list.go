package client

import (
	"maps"
	"net/http"
	"net/url"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// pageSize is how many entries a page of a list has, the most that the API answers.
const pageSize = 50

// tab is one of the two lists of clients.
type tab struct {
	Path    string
	Text    office.Text
	Current bool
}

// listForEServices lists the clients of the organization that are for e-services.
func listForEServices(v *office.Visit) (*office.View, error) {
	return listBelow(v, m2m.ClientsPath, "/clients", url.Values{"consumerId": {v.Session.Organization}})
}

// listForAPI lists the clients of the organization that are for the API.
func listForAPI(v *office.Visit) (*office.View, error) {
	return listBelow(v, apiClientsPath, "/clientsApi", url.Values{})
}

// listBelow lists the clients below a path of the API.
func listBelow(v *office.Visit, page, path string, query url.Values) (*office.View, error) {
	l := v.List(pageSize)
	maps.Copy(query, l.Range())
	name := &office.Field{Name: "name", Kind: "search", Label: office.T("Nome", "Name"), Value: v.Query("name"), Complete: "off"}
	if name.Value != "" {
		query.Set("name", name.Value)
	}
	var answer list[client]
	if err := v.API(m2m.Product).Get(path, query, &answer); err != nil {
		return nil, err
	}
	l.Total = answer.Pagination.TotalCount
	office.SortBy(l, answer.Results, map[string]func(client) string{
		"name":    func(c client) string { return c.Name },
		"created": func(c client) string { return c.CreatedAt },
	})
	isAPI := page == apiClientsPath
	return &office.View{
		Template: "client-list.html", Title: office.T("Client e chiavi", "Clients and keys"),
		Data: map[string]any{
			"Clients": answer.Results, "List": l, "API": isAPI, "Name": name, "Path": page,
			"Tabs": []tab{
				{Path: m2m.ClientsPath, Text: office.T("Per e-service", "For e-services"), Current: !isAPI},
				{Path: apiClientsPath, Text: office.T("Per l’API", "For the API"), Current: isAPI},
			},
		},
	}, nil
}

// createForEServices makes a client for e-services.
func createForEServices(v *office.Visit) (*office.View, error) {
	return create(v, m2m.ClientsPath, "/clients", office.T("Nuovo client per e-service", "New client for e-services"))
}

// createForAPI makes a client for the API, and sets its admin if one was chosen.
func createForAPI(v *office.Visit) (*office.View, error) {
	return create(v, apiClientsPath, "/clientsApi", office.T("Nuovo client per l’API", "New client for the API"))
}

// create shows the form of a new client, or makes it below a path of the API.
func create(v *office.Visit, list, path string, title office.Text) (*office.View, error) {
	isAPI := list == apiClientsPath
	form := &office.Form{
		Action: list + "/new", Cancel: list, Submit: office.T("Crea il client", "Create the client"),
		Fields: []*office.Field{
			{
				Name: "name", Label: office.T("Nome", "Name"), Required: true, Complete: "off",
				Help: office.T("Da 5 a 60 caratteri. Lo vede solo la tua organizzazione.", "5 to 60 characters. Only your organization sees it."),
			},
			{
				Name: "description", Kind: "textarea", Rows: 3, Label: office.T("Descrizione", "Description"),
				Help: office.T("Facoltativa, da 10 a 250 caratteri: quale programma lo usa.", "Optional, 10 to 250 characters: which program uses it."),
			},
		},
	}
	if isAPI {
		admins, err := readChoice(v, "admin")
		if err != nil {
			return nil, err
		}
		form.Fields = append(form.Fields, adminField(admins, office.T("Nessuno: il client può solo leggere", "None: the client may only read")))
	}
	shown := &office.View{
		Template: "client-new.html", Title: title, Data: map[string]any{"Form": form, "API": isAPI},
		Crumbs: []office.Crumb{{Text: office.T("Client e chiavi", "Clients and keys"), Path: list}},
	}
	if v.Request.Method == http.MethodGet {
		return shown, nil
	}
	form.Read(v)
	body := map[string]any{"name": form.Field("name").Value, "members": []string{}}
	if text := form.Field("description").Value; text != "" {
		body["description"] = text
	}
	var made client
	if err := v.API(m2m.Product).Send(http.MethodPost, path, body, &made); err != nil {
		return refused(shown, form, err)
	}
	done := office.T("Il client è stato creato. Ora aggiungi una chiave.", "The client was created. Now add a key.")
	if field := form.Field("adminId"); field != nil && field.Value != "" {
		err := v.API(m2m.Product).Send(http.MethodPost, m2m.ClientsPath+"/"+made.ID+"/admin", map[string]string{"adminId": field.Value}, nil)
		if refusal, refused := office.Refused(err); refused {
			done = office.Tf(
				"Il client è stato creato, ma senza amministratore: %s", "The client was created, but without an admin: %s", refusal.Detail)
		} else if err != nil {
			return nil, err
		}
	}
	return v.Redirect(m2m.ClientPath(made.ID), done), nil
}

// refused shows a page again whose form an API refused, with what was typed.
func refused(shown *office.View, form *office.Form, err error) (*office.View, error) {
	refusal, refused := m2m.ShownRefusal(err)
	if !refused {
		return nil, err
	}
	form.Refuse(refusal)
	shown.Status = refusal.Status
	if len(form.Wrong()) == 0 || len(form.Refusal.Fields) > 0 {
		shown.Refusal = form.Refusal
	}
	return shown, nil
}
