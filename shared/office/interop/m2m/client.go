package m2m

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ciclo/shared/office"
	"ciclo/shared/platform/form"
)

// ClientsPath is the path of the page with the clients; that of the API is the same.
const ClientsPath = "/clients"

// Client is what the pages show of a client of either kind (PDND, FullClient).
type Client struct {
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
func (c *Client) IsAPI() bool { return c.Kind == "API" }

// May reports whether the API allows an action on the client.
func (c *Client) May(action string) bool { return slices.Contains(c.AllowedActions, action) }

// Chip returns the kind of the client.
func (c *Client) Chip() office.Chip {
	if c.IsAPI() {
		return office.Chip{Text: office.T("Per l’API", "For the API"), Tone: "info"}
	}
	return office.Chip{Text: office.T("Per e-service", "For e-services"), Tone: "info"}
}

// Path returns the path of a page of the client.
func (c *Client) Path(below ...string) string { return ClientPath(c.ID, below...) }

// ClientPath returns the path of a page of a client.
func ClientPath(id string, below ...string) string {
	var path strings.Builder
	path.WriteString(ClientsPath + "/" + url.PathEscape(id))
	for _, segment := range below {
		path.WriteString("/" + url.PathEscape(segment))
	}
	return path.String()
}

// IsID reports whether a text looks like an id of the API.
func IsID(text string) bool { return form.IsUUID(text) }

// ReadClient reads a client of either kind.
func ReadClient(v *office.Visit, id string) (*Client, error) {
	if !IsID(id) {
		return nil, &office.Refusal{Status: http.StatusNotFound, CorrelationID: v.Correlation}
	}
	c := &Client{}
	err := v.API(Product).Get(ClientsPath+"/"+id, nil, c)
	refusal, refused := office.Refused(err)
	if refused && refusal.Status == http.StatusNotFound { // or of the other kind
		ofAPI := v.API(Product).Get("/clientsApi/"+id, nil, c)
		if ofAPI == nil || IgnoreHidden(ofAPI) != nil {
			err = ofAPI
		}
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}
