// Package client has the pages on clients of both kinds, their keys, purposes, users and
// requests for vouchers, and on the users of the organization.
package client

import (
	"embed"
	"net/http"
	"strings"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

//go:embed html/*.html
var files embed.FS

// Wing returns the pages with their entry of the menu.
func Wing() office.Wing {
	return office.Wing{
		Product: m2m.Product, Files: files, Pages: pages(),
		Menu: []office.Entry{{Text: office.T("Client e chiavi", "Clients and keys"), Path: m2m.ClientsPath, Area: office.Interop}},
	}
}

const (
	apiClientsPath = "/clients/api"
	usersPath      = "/users"
)

// pages are the pages on clients, their keys, purposes, users and requests for
// vouchers, and on the users of the organization.
func pages() []office.Page {
	get := func(path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: http.MethodGet, Path: path, Area: office.Interop, Serve: serve}
	}
	post := func(path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: http.MethodPost, Path: path, Area: office.Interop, Serve: serve}
	}
	const one = m2m.ClientsPath + "/{clientId}"
	return []office.Page{
		get(m2m.ClientsPath, listForEServices), get(apiClientsPath, listForAPI),
		get(m2m.ClientsPath+"/new", createForEServices), post(m2m.ClientsPath+"/new", createForEServices),
		get(apiClientsPath+"/new", createForAPI), post(apiClientsPath+"/new", createForAPI),
		get(one, show), post(one+"/delete", deleteOne),
		get(one+"/keys/new", addKey), post(one+"/keys/new", addKey), post(one+"/keys/{kid}/delete", deleteKey),
		get(one+"/purposes", showPurposes), get(one+"/purposes/new", choosePurpose), post(one+"/purposes/new", linkPurpose),
		post(one+"/purposes/{purposeId}/delete", unlinkPurpose),
		get(one+"/users", showUsers), post(one+"/users", addUser), post(one+"/users/{userId}/delete", removeUser),
		post(one+"/admin", setAdmin), post(one+"/admin/{userId}/delete", removeAdmin),
		get(one+"/events", showEvents),
		get(usersPath, listUsers), get(usersPath+"/new", editUser), post(usersPath+"/new", editUser),
		get(usersPath+"/{userId}", editUser), post(usersPath+"/{userId}", editUser), post(usersPath+"/{userId}/delete", deleteUser),
	}
}

// client is a client of either kind, with what the pages ask about it.
type client struct{ m2m.Client }

// read reads a client of either kind.
func read(v *office.Visit, id string) (*client, error) {
	c, err := m2m.ReadClient(v, id)
	if err != nil {
		return nil, err
	}
	return &client{*c}, nil
}

// crumbs returns the pages above one of the client's.
func crumbs(c *client) []office.Crumb {
	crumbs := []office.Crumb{{Text: office.T("Client e chiavi", "Clients and keys"), Path: m2m.ClientsPath}}
	if c.IsAPI() {
		crumbs = []office.Crumb{{Text: office.T("Client per l’API", "Clients for the API"), Path: apiClientsPath}}
	}
	return append(crumbs, office.Crumb{Text: office.Same(c.Name), Path: c.Path()})
}

// list is a list of the API.
type list[T any] struct {
	Results    []T `json:"results"`
	Pagination struct {
		TotalCount int64 `json:"totalCount"`
	} `json:"pagination"`
}

// readOwn reads a client of the organization. Pages on what is in a client are for its
// owner alone, as the API's answers are.
func readOwn(v *office.Visit) (*client, error) {
	c, err := read(v, v.Path("clientId"))
	if err == nil && c.ConsumerID != v.Session.Organization {
		return nil, &office.Refusal{
			Status: http.StatusForbidden, CorrelationID: v.Correlation,
			Detail: v.Tr(office.T("Il client è di un’altra organizzazione.", "The client belongs to another organization.")),
		}
	}
	return c, err
}

// ask is a question before something that stops something else.
type ask struct {
	Path                    string // of the page that does it
	Button, Question, Words office.Text
	Danger                  bool // what it takes away has to be made anew
}

// action is how the pages speak of an action of the API. {} is the name of what is
// acted on.
type action struct {
	button, question, words office.Text
	danger                  bool
}

// of returns the question about a thing with that name.
func (a action) of(path, name string) *ask {
	named := func(t office.Text) office.Text {
		return office.T(strings.ReplaceAll(t.IT, "{}", name), strings.ReplaceAll(t.EN, "{}", name))
	}
	return &ask{Path: path, Button: named(a.button), Question: named(a.question), Words: named(a.words), Danger: a.danger}
}

// actions are the words of the actions that answers list as allowed. Those without a
// question have a form.
var actions = map[string]action{
	"addKey":     {button: office.T("Aggiungi una chiave", "Add a key")},
	"addPurpose": {button: office.T("Collega una finalità", "Link a purpose")},
	"addUser":    {button: office.T("Aggiungi al client", "Add to the client")},
	"setAdmin":   {button: office.T("Imposta amministratore", "Set the admin")},
	"deleteKey": {
		danger:   true,
		button:   office.T("Elimina {}", "Delete {}"),
		question: office.T("Eliminare la chiave {}?", "Delete key {}?"),
		words: office.T(
			"Da subito nessuna asserzione firmata con questa chiave ottiene voucher, per nessuna finalità del client. "+
				"I voucher già rilasciati valgono fino alla loro scadenza. Le altre chiavi continuano a funzionare.",
			"From now on no assertion signed with this key gets a voucher, for no purpose of the client. "+
				"Vouchers that were issued are valid until they expire. The other keys go on working."),
	},
	"removePurpose": {
		button:   office.T("Scollega {}", "Unlink {}"),
		question: office.T("Scollegare la finalità {}?", "Unlink the purpose {}?"),
		words: office.T(
			"Da subito il client non ottiene più voucher per questa finalità. I voucher già rilasciati valgono fino alla loro scadenza. "+
				"La finalità e le altre restano come sono, e si può collegare di nuovo.",
			"From now on the client gets no vouchers for this purpose. Vouchers that were issued are valid until they expire. "+
				"The purpose and the others stay as they are, and it can be linked again."),
	},
	"removeUser": {
		button:   office.T("Togli {}", "Remove {}"),
		question: office.T("Togliere {} dal client?", "Remove {} from the client?"),
		words: office.T(
			"Non potrà più aggiungere chiavi a questo client. Le chiavi che ha aggiunto restano e continuano a funzionare.",
			"The user can add no more keys to this client. Keys that the user has added stay and go on working."),
	},
	"removeAdmin": {
		button:   office.T("Togli l’amministratore", "Remove the admin"),
		question: office.T("Togliere {} come amministratore del client?", "Remove {} as the admin of the client?"),
		words: office.T(
			"I token di questo client che possono scrivere vengono rifiutati da subito; i prossimi potranno solo leggere.",
			"Access tokens of this client that may write are refused from now on; the next ones may only read."),
	},
	"delete": {
		danger:   true,
		button:   office.T("Elimina il client", "Delete the client"),
		question: office.T("Eliminare il client {}?", "Delete the client {}?"),
		words: office.T(
			"Vengono eliminati il client, le sue chiavi e i collegamenti alle finalità; nessun programma che lo usa ottiene più voucher. "+
				"Non si può annullare. Le finalità restano.",
			"The client, its keys and its links to purposes are deleted; no program that uses it gets vouchers any more. "+
				"This cannot be undone. The purposes stay."),
	},
}

// ask returns the question before an action, nil when the API does not allow it.
func (c *client) ask(action, path, name string) *ask {
	words, known := actions[action]
	if !known || !c.May(action) {
		return nil
	}
	return words.of(path, name)
}

// deleteOne deletes a client.
func deleteOne(v *office.Visit) (*office.View, error) {
	c, err := readOwn(v)
	if err != nil {
		return nil, err
	}
	if err := v.API(m2m.Product).Send(http.MethodDelete, m2m.ClientsPath+"/"+c.ID, nil, nil); err != nil {
		return again(v, err)
	}
	if c.IsAPI() {
		return v.Redirect(apiClientsPath, office.Tf("Il client %s è stato eliminato.", "Client %s was deleted.", c.Name)), nil
	}
	return v.Redirect(m2m.ClientsPath, office.Tf("Il client %s è stato eliminato.", "Client %s was deleted.", c.Name)), nil
}

// again shows the page of the client anew, as it is by now, with what an API refused.
func again(v *office.Visit, err error) (*office.View, error) {
	refusal, refused := m2m.ShownRefusal(err)
	if !refused {
		return nil, err
	}
	shown, failed := show(v)
	if failed != nil {
		return nil, err
	}
	shown.Refusal, shown.Status = refusal, refusal.Status
	return shown, nil
}
