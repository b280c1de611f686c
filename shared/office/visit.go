package office

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// maxForm is the largest form that is read, in bytes: a file of 1 MiB and what is around it.
const maxForm = 1<<20 + 64<<10

// Visit is one request for a page.
type Visit struct {
	Request     *http.Request
	Session     Session // empty when nobody is signed in
	Lang        Lang
	Correlation string // the x-correlation-id of the calls to APIs

	office   *Office
	w        http.ResponseWriter
	signedIn bool
	renewal  sync.Once // of the session
	expired  error     // why that failed
}

// visit reads the cookies of a request.
func (o *Office) visit(w http.ResponseWriter, r *http.Request) *Visit {
	v := &Visit{Request: r, Lang: langOf(r), Correlation: uuid.NewString(), office: o, w: w}
	v.Session, v.signedIn = o.readSession(r)
	return v
}

// Context returns the context of the request.
func (v *Visit) Context() context.Context { return v.Request.Context() }

// Now returns the time by the clock of the APIs.
func (v *Visit) Now() time.Time { return v.office.Now() }

// Path returns a parameter of the page's path.
func (v *Visit) Path(name string) string { return v.Request.PathValue(name) }

// Query returns a parameter of the page's query.
func (v *Visit) Query(name string) string { return v.Request.URL.Query().Get(name) }

// Value returns what was typed into a field, without space around it.
func (v *Visit) Value(name string) string { return strings.TrimSpace(v.Request.PostForm.Get(name)) }

// Ticked reports whether a check box was ticked.
func (v *Visit) Ticked(name string) bool { return v.Request.PostForm.Get(name) != "" }

// Tr returns a text in the visitor's language.
func (v *Visit) Tr(t Text) string { return t.In(v.Lang) }

// API returns the client of a product's API, with the credential of the session.
func (v *Visit) API(product string) *API {
	return &API{remote: v.office.APIs[product], visit: v}
}

// Has reports whether a product is deployed.
func (v *Visit) Has(product string) bool {
	_, has := v.office.APIs[product]
	return has
}

// Link returns the URL of a page.
func (v *Visit) Link(path string) string { return v.office.root() + path }

// Redirect returns a view that leads to another page of the office, which shows what was
// done; done may be empty.
func (v *Visit) Redirect(path string, done Text) *View { return &View{to: v.Link(path), done: done} }

// Leave returns a view that leads out of the office, to a URL that is the deployment's own.
func (v *Visit) Leave(url string) *View { return &View{to: url} }

// back returns the page to come back to after signing in, without what precedes its path.
func (v *Visit) back() string {
	where := v.Request.URL.RequestURI()
	if v.Request.Method != http.MethodGet {
		from, err := url.Parse(v.Request.Referer())
		if err != nil || from.Host != v.Request.Host {
			return "/"
		}
		where = strings.TrimPrefix(from.RequestURI(), v.office.Prefix)
	}
	return Inside(strings.TrimPrefix(where, v.office.Base))
}

// Inside returns path if it can only be a page of the office, and "/" otherwise: so no link
// leads people elsewhere.
func Inside(path string) string {
	u, err := url.Parse(path)
	local := strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !strings.Contains(path, `\`)
	if err != nil || u.IsAbs() || u.Host != "" || !local || strings.Contains(u.Path+"/", "/../") {
		return "/"
	}
	return u.RequestURI()
}

// readForm reads the form of a POST; it returns a view when that is refused. A form of a
// session has its token.
func (v *Visit) readForm(ofSession bool) *View {
	v.Request.Body = http.MaxBytesReader(v.w, v.Request.Body, maxForm)
	var err error
	if strings.HasPrefix(v.Request.Header.Get("Content-Type"), "multipart/form-data") {
		err = v.Request.ParseMultipartForm(maxForm)
	} else {
		err = v.Request.ParseForm()
	}
	if err != nil {
		return v.trouble(http.StatusBadRequest, titleOf(http.StatusBadRequest), Text{
			"Il modulo è troppo grande o non è leggibile.", "The form is too large or cannot be read.",
		})
	}
	if v.office.sites.Check(v.Request) != nil || ofSession && !v.Session.owns(v.Request.PostForm.Get("_csrf")) {
		return v.trouble(http.StatusForbidden, Text{"Il modulo non è più valido", "The form is no longer valid"}, Text{
			"Niente è stato cambiato. Torna alla pagina, ricaricala e riprova.",
			"Nothing was changed. Go back to the page, reload it and try again.",
		})
	}
	return nil
}
