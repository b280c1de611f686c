// Package office is the frame of the front office, the web pages on which people look
// and decide. It is a client of the products' published APIs: it imports none of them, and
// what a person may do is what an API answers to that person's own credential.
//
// Each area of the office (services, interop, consumers, platform) is a [Wing] of pages. A
// page calls an API, and renders a template or redirects. Everything works without script.
package office

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/seal"
)

// Wing is an area of the office.
type Wing struct {
	Product string // whose API it calls, "" when it has pages without that product
	Files   fs.FS  // the templates of its pages, *.html
	Menu    []Entry
	Pages   []Page
}

// Area names what a person may see; the areas of a session follow from its credentials.
type Area string

// The areas.
const (
	Services  Area = "services"  // the services of one owner
	Reviews   Area = "reviews"   // the queue of reviewers
	Interop   Area = "interop"   // the things of one organization
	Consumers Area = "consumers" // the consumers of one issuer
	Platform  Area = "platform"  // what the operator looks after

	// Everybody is the area of whoever is signed in.
	Everybody Area = "everybody"
)

// OfKey reports whether a manage key opens the area, and not a token.
func (a Area) OfKey() bool { return a == Services || a == Reviews }

// Entry is a link of the menu.
type Entry struct {
	Text Text
	Path string // of a page, e.g. /services
	Area Area
}

// Page is one page of the office, or one thing that a form of it does.
type Page struct {
	Method string // GET, or POST for what a form does
	Path   string // below the office, e.g. /services/{serviceId}
	Area   Area   // that the session must have
	// Serve returns what is shown. An error that is a [*Refusal] of an API is shown as such;
	// any other error is logged and answered 500 without its text.
	Serve func(*Visit) (*View, error)
}

// Config is what an office is made of.
type Config struct {
	Base   string            // precedes the paths of all pages, e.g. /office
	Prefix string            // precedes Base in URLs, but not in requests: a gateway takes it away
	Home   string            // where the name of the office leads to; "" for its first page
	APIs   map[string]Remote // the deployed products by name; the wings of others have no pages
	SignIn SignIn
	// KeyPage is the page on which a person links a manage key; "" where the key is renewed with
	// the session.
	KeyPage string
	Key     []byte // 32 bytes, which seal sessions
	Secure  bool   // whether the office is for HTTPS alone: its cookies, and its host for a year
	Now     func() time.Time
	Log     *slog.Logger
}

// Office serves the pages. It is an [http.Handler].
type Office struct {
	Config
	box   *seal.Box
	mux   *http.ServeMux
	menu  []Entry
	look  *look
	sites *http.CrossOriginProtection
}

// New returns the office with those wings.
func New(c Config, wings ...Wing) (*Office, error) {
	box, err := seal.NewBox(c.Key)
	if err != nil {
		return nil, err
	}
	o := &Office{
		Config: c, box: box, mux: http.NewServeMux(),
		look: newLook(c), sites: http.NewCrossOriginProtection(),
	}
	for _, w := range append(wings, o.own()) {
		if err := o.add(w); err != nil {
			return nil, err
		}
	}
	o.mux.Handle("GET "+c.Base+"/assets/{file}", o.look.assets)
	return o, nil
}

// root returns what precedes the paths of all pages in URLs.
func (o *Office) root() string { return o.Prefix + o.Base }

// add mounts the pages of a wing, if its product is deployed.
func (o *Office) add(w Wing) error {
	if _, deployed := o.APIs[w.Product]; w.Product != "" && !deployed {
		return nil
	}
	if w.Files != nil {
		if err := o.look.add(w.Files); err != nil {
			return fmt.Errorf("office: %s: %w", w.Product, err)
		}
	}
	o.menu = append(o.menu, w.Menu...)
	for _, p := range w.Pages {
		pattern := p.Method + " " + o.Base + p.Path
		if p.Path == "/" {
			pattern = p.Method + " " + o.Base + "/{$}"
		}
		o.mux.Handle(pattern, served(p))
	}
	return nil
}

// served is a page as the mux finds it. It answers nothing.
type served Page

// ServeHTTP implements [http.Handler].
func (served) ServeHTTP(http.ResponseWriter, *http.Request) {}

// ServeHTTP answers a request for a page.
func (o *Office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := o.visit(w, r)
	o.secure(w.Header())
	w.Header().Set(api.CorrelationHeader, v.Correlation)
	handler, pattern := o.mux.Handler(r)
	r.Pattern = pattern             // for the log
	page, found := handler.(served) // the mux would redirect a path that is not clean
	switch {
	case strings.HasPrefix(r.URL.Path, o.Base+"/assets/"):
		handler.ServeHTTP(w, r)
		return
	case r.URL.Path == o.Base:
		http.Redirect(w, r, o.root()+"/", http.StatusSeeOther)
		return
	case !found:
		v.write(v.trouble(http.StatusNotFound, Text{"Pagina non trovata", "Page not found"}, Text{}))
		return
	}
	o.mux.ServeHTTP(w, r) // sets the values of the path
	v.write(o.guarded(v, Page(page)))
}

// guarded is serve, with a page for a panic: it is logged, and the process lives on.
func (o *Office) guarded(v *Visit, page Page) (shown *View) {
	defer func() {
		if cause := recover(); cause != nil {
			shown = v.failed(&panicked{cause, debug.Stack()})
		}
	}()
	return o.serve(v, page)
}

// panicked is a panic of a page made an error.
type panicked struct {
	cause any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v\n%s", p.cause, p.stack) }

// serve returns what a page shows to this visitor.
func (o *Office) serve(v *Visit, page Page) *View {
	if page.Area != "" && !v.signedIn {
		if page.Method == http.MethodGet {
			return v.Redirect("/sign-in?back="+url.QueryEscape(v.back()), Text{})
		}
		return v.Redirect("/sign-in", Text{})
	}
	if page.Area != "" && !v.Session.May(page.Area) {
		return v.trouble(http.StatusForbidden, Text{"Questa pagina non è per te", "This page is not for you"},
			Text{"Accedi come una persona che può vederla.", "Sign in as somebody who may see it."})
	}
	if page.Method == http.MethodPost {
		if shown := v.readForm(page.Area != ""); shown != nil {
			return shown
		}
	}
	shown, err := page.Serve(v)
	if err != nil {
		return v.failed(err)
	}
	return shown
}

// failed returns the page for an error of a page.
func (v *Visit) failed(err error) *View {
	refusal, refused := Refused(err)
	switch {
	case refused && refusal.Status == http.StatusUnauthorized && refusal.Key && v.office.KeyPage != "":
		return v.withoutKey()
	case errors.Is(err, ErrSignIn), refused && refusal.Status == http.StatusUnauthorized:
		v.end()
		return v.Redirect("/sign-in?back="+url.QueryEscape(v.back()), Text{
			"La sessione è scaduta. Accedi di nuovo.", "Your session has ended. Sign in again.",
		})
	case refused:
		if refusal.CorrelationID == "" {
			refusal.CorrelationID = v.Correlation
		}
		shown := v.trouble(refusal.Status, titleOf(refusal.Status), Text{})
		shown.Refusal = refusal
		return shown
	}
	v.office.Log.LogAttrs(v.Context(), slog.LevelError, "office", slog.String("error", err.Error()),
		slog.String("page", v.Request.Pattern), slog.String("correlationId", v.Correlation))
	return v.trouble(http.StatusInternalServerError, titleOf(http.StatusInternalServerError), Text{
		"Riprova. Se succede ancora, comunica il codice qui sotto.", "Try again. If it happens again, quote the code below.",
	})
}

// titleOf returns the title of a page about an answer with that status.
func titleOf(status int) Text {
	switch status {
	case http.StatusNotFound:
		return Text{"Non trovato", "Not found"}
	case http.StatusForbidden:
		return Text{"Non consentito", "Not allowed"}
	case http.StatusConflict:
		return Text{"Non è possibile in questo stato", "Not possible in this state"}
	case http.StatusBadRequest:
		return Text{"Richiesta non valida", "The request is not valid"}
	case http.StatusTooManyRequests:
		return Text{"Troppe richieste", "Too many requests"}
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return Text{"Servizio momentaneamente non disponibile", "The service is not available at the moment"}
	}
	return Text{"Qualcosa non ha funzionato", "Something went wrong"}
}

// secure sets the headers that keep a page to itself.
func (o *Office) secure(h http.Header) {
	if o.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "+
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
