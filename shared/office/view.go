package office

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
)

// View is what a page shows: a template with its data, or the way to another page.
type View struct {
	Template string  // a file of the wing, e.g. service-list.html, which defines "main"
	Title    Text    // of the page, its only h1
	Crumbs   []Crumb // the pages above it
	Data     any     // .Data in the template
	Status   int     // 0 for 200
	Refusal  *Refusal
	File     *File // what is shown instead of a page, e.g. an image
	Poll     bool  // whether it shows work that goes on: it is shown again every two seconds

	to      string
	done    Text
	explain Text
}

// Crumb is a page above another one.
type Crumb struct {
	Text Text
	Path string
}

// Chip is a state in a word.
type Chip struct {
	Text Text
	Tone string // info, success, warning, danger; "" for none
}

// frame is what templates are given.
type frame struct {
	*Visit
	*View
	Done string // what the page before has done
	Menu []Entry
}

// CSRF returns the token that forms of the session have.
func (f *frame) CSRF() string { return f.Session.formToken() }

// SignedIn reports whether somebody is signed in.
func (f *frame) SignedIn() bool { return f.signedIn }

// Home returns the URL of the name of the office.
func (f *frame) Home() string {
	if f.office.Home != "" {
		return f.office.Home
	}
	return f.Link("/")
}

// Links returns the links beside the name of the person.
func (f *frame) Links() []Entry { return f.office.SignIn.Links(f.Session) }

// Here returns the page without what precedes its path.
func (f *frame) Here() string { return f.back() }

// Current reports whether a page is below the path of an entry of the menu.
func (f *frame) Current(path string) bool {
	here, _, _ := strings.Cut(f.back(), "?")
	return here == path || strings.HasPrefix(here, path+"/")
}

// Explain returns what to do when the page says that something went wrong.
func (f *frame) Explain() string { return f.Tr(f.explain) }

// trouble returns a page that says what went wrong.
func (v *Visit) trouble(status int, title, explain Text) *View {
	return &View{Template: "trouble.html", Title: title, Status: status, explain: explain}
}

// write sends a view.
func (v *Visit) write(shown *View) {
	if shown.to != "" {
		if text := v.Tr(shown.done); text != "" {
			v.cookie(doneCookie, v.Seal(doneCookie, text), false)
		}
		http.Redirect(v.w, v.Request, shown.to, http.StatusSeeOther)
		return
	}
	if shown.File != nil {
		v.w.Header().Set("Content-Type", shown.File.Type)
		_, _ = v.w.Write(shown.File.Bytes) // the visitor may have left
		return
	}
	f := &frame{Visit: v, View: shown}
	if c, err := v.Request.Cookie(doneCookie); err == nil {
		f.Done, _ = v.Unseal(doneCookie, c.Value)
		v.cookie(doneCookie, "", true)
	}
	for _, e := range v.office.menu {
		if v.signedIn && v.Session.May(e.Area) {
			f.Menu = append(f.Menu, e)
		}
	}
	var page bytes.Buffer
	if err := v.office.look.render(&page, f); err != nil {
		v.office.Log.LogAttrs(v.Context(), slog.LevelError, "office", slog.String("error", err.Error()),
			slog.String("correlationId", v.Correlation))
		http.Error(v.w, v.Tr(titleOf(http.StatusInternalServerError))+". "+v.Correlation, http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if shown.Status != 0 {
		v.w.WriteHeader(shown.Status)
	}
	_, _ = v.w.Write(page.Bytes()) // the visitor may have left
}
