package interop

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ciclo/shared/office"
)

const (
	clientsPath    = "/clients"
	apiClientsPath = "/clients/api"
	usersPath      = "/users"
)

// clientPages are the pages on clients, their keys, purposes, users and requests for
// vouchers, and on the users of the organization.
func clientPages() []office.Page {
	get := func(path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: http.MethodGet, Path: path, Area: office.Interop, Serve: serve}
	}
	post := func(path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: http.MethodPost, Path: path, Area: office.Interop, Serve: serve}
	}
	const one = clientsPath + "/{clientId}"
	return []office.Page{
		get(clientsPath, listConsumerClients), get(apiClientsPath, listAPIClients),
		get(clientsPath+"/new", newConsumerClient), post(clientsPath+"/new", newConsumerClient),
		get(apiClientsPath+"/new", newAPIClient), post(apiClientsPath+"/new", newAPIClient),
		get(one, showClient), post(one+"/delete", deleteClient),
		get(one+"/keys/new", addClientKey), post(one+"/keys/new", addClientKey), post(one+"/keys/{kid}/delete", deleteClientKey),
		get(one+"/purposes", showClientPurposes), get(one+"/purposes/new", choosePurpose), post(one+"/purposes/new", linkPurpose),
		post(one+"/purposes/{purposeId}/delete", unlinkPurpose),
		get(one+"/users", showClientUsers), post(one+"/users", addClientUser), post(one+"/users/{userId}/delete", removeClientUser),
		post(one+"/admin", setClientAdmin), post(one+"/admin/{userId}/delete", removeClientAdmin),
		get(one+"/events", showClientEvents),
		get(usersPath, listUsers), get(usersPath+"/new", editUser), post(usersPath+"/new", editUser),
		get(usersPath+"/{userId}", editUser), post(usersPath+"/{userId}", editUser), post(usersPath+"/{userId}/delete", deleteUser),
	}
}

// client is what the pages show of a client of either kind (PDND, FullClient).
type client struct {
	ID             string   `json:"id"`
	ConsumerID     string   `json:"consumerId"`
	Name           string   `json:"name"`
	Description    string   `json:"description"`
	CreatedAt      string   `json:"createdAt"`
	Kind           string   `json:"kind"` // API, or none
	AdminID        string   `json:"adminId"`
	AllowedActions []string `json:"allowedActions"`
}

// IsAPI reports whether the vouchers of the client are for the API.
func (c *client) IsAPI() bool { return c.Kind == "API" }

// May reports whether the API allows an action on the client.
func (c *client) May(action string) bool { return slices.Contains(c.AllowedActions, action) }

// Chip returns the kind of the client.
func (c *client) Chip() office.Chip {
	if c.IsAPI() {
		return office.Chip{Text: office.T("Per l’API", "For the API"), Tone: "info"}
	}
	return office.Chip{Text: office.T("Per e-service", "For e-services"), Tone: "info"}
}

// Path returns the path of a page of the client.
func (c *client) Path(below ...string) string { return clientPath(c.ID, below...) }

func clientPath(id string, below ...string) string {
	path := clientsPath + "/" + url.PathEscape(id)
	for _, segment := range below {
		path += "/" + url.PathEscape(segment)
	}
	return path
}

// clientCrumbs returns the pages above one of the client's.
func clientCrumbs(c *client) []office.Crumb {
	crumbs := []office.Crumb{{Text: office.T("Client e chiavi", "Clients and keys"), Path: clientsPath}}
	if c.IsAPI() {
		crumbs = []office.Crumb{{Text: office.T("Client per l’API", "Clients for the API"), Path: apiClientsPath}}
	}
	return append(crumbs, office.Crumb{Text: office.Same(c.Name), Path: c.Path()})
}

// clientList is a list of the API.
type clientList[T any] struct {
	Results    []T `json:"results"`
	Pagination struct {
		TotalCount int64 `json:"totalCount"`
	} `json:"pagination"`
}

// idForm is what ids of the API look like.
var idForm = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// readClient reads a client of either kind.
func readClient(v *office.Visit, id string) (*client, error) {
	if !idForm.MatchString(id) {
		return nil, &office.Refusal{Status: http.StatusNotFound, CorrelationID: v.Correlation}
	}
	c := &client{}
	err := v.API(product).Get(clientsPath+"/"+id, nil, c)
	refusal, refused := errors.AsType[*office.Refusal](err)
	if refused && refusal.Status == http.StatusNotFound { // or of the other kind
		ofAPI := v.API(product).Get("/clientsApi/"+id, nil, c)
		if ofAPI == nil || clientHidden(ofAPI) != nil {
			err = ofAPI
		}
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// readOwnClient reads a client of the organization. Pages on what is in a client are for its
// owner alone, as the API's answers are.
func readOwnClient(v *office.Visit) (*client, error) {
	c, err := readClient(v, v.Path("clientId"))
	if err == nil && c.ConsumerID != v.Session.Organization {
		return nil, &office.Refusal{
			Status: http.StatusForbidden, CorrelationID: v.Correlation,
			Detail: v.Tr(office.T("Il client è di un’altra organizzazione.", "The client belongs to another organization.")),
		}
	}
	return c, err
}

// clientHidden returns nil for a refusal that says that a thing is not there or not for the
// caller: a page is shown without it.
func clientHidden(err error) error {
	if refusal, refused := errors.AsType[*office.Refusal](err); refused && isHidden(refusal) {
		return nil
	}
	return err
}

// clientAsk is a question before something that stops something else.
type clientAsk struct {
	Path                    string // of the page that does it
	Button, Question, Words office.Text
	Danger                  bool // what it takes away has to be made anew
}

// clientAction is how the pages speak of an action of the API. {} is the name of what is
// acted on.
type clientAction struct {
	button, question, words office.Text
	danger                  bool
}

// of returns the question about a thing with that name.
func (a clientAction) of(path, name string) *clientAsk {
	named := func(t office.Text) office.Text {
		return office.T(strings.ReplaceAll(t.IT, "{}", name), strings.ReplaceAll(t.EN, "{}", name))
	}
	return &clientAsk{Path: path, Button: named(a.button), Question: named(a.question), Words: named(a.words), Danger: a.danger}
}

// clientActions are the words of the actions that answers list as allowed. Those without a
// question have a form.
var clientActions = map[string]clientAction{
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
func (c *client) ask(action, path, name string) *clientAsk {
	words, known := clientActions[action]
	if !known || !c.May(action) {
		return nil
	}
	return words.of(path, name)
}

// deleteClient deletes a client.
func deleteClient(v *office.Visit) (*office.View, error) {
	c, err := readOwnClient(v)
	if err != nil {
		return nil, err
	}
	if err := v.API(product).Send(http.MethodDelete, clientsPath+"/"+c.ID, nil, nil); err != nil {
		return clientAgain(v, err)
	}
	if c.IsAPI() {
		return v.Redirect(apiClientsPath, office.Tf("Il client %s è stato eliminato.", "Client %s was deleted.", c.Name)), nil
	}
	return v.Redirect(clientsPath, office.Tf("Il client %s è stato eliminato.", "Client %s was deleted.", c.Name)), nil
}

// clientAgain shows the page of the client anew, as it is by now, with what an API refused.
func clientAgain(v *office.Visit, err error) (*office.View, error) {
	refusal, refused := errors.AsType[*office.Refusal](err)
	if !refused || refusal.Status == http.StatusUnauthorized {
		return nil, err
	}
	shown, failed := showClient(v)
	if failed != nil {
		return nil, err
	}
	shown.Refusal, shown.Status = refusal, refusal.Status
	return shown, nil
}
