package office

import (
	"net/http"
)

// own returns the pages that belong to no area: the first one, and those to sign in and out.
func (o *Office) own() Wing {
	return Wing{Pages: append([]Page{
		{Method: http.MethodGet, Path: "/", Serve: home},
		{Method: http.MethodGet, Path: "/language", Serve: chooseLanguage},
		{Method: http.MethodPost, Path: "/sign-out", Area: Everybody, Serve: signOut},
	}, o.SignIn.Pages(o)...)}
}

// home leads to the person's areas.
func home(v *Visit) (*View, error) {
	if !v.signedIn {
		return v.Redirect("/sign-in", Text{}), nil
	}
	return &View{Template: "home.html", Title: Text{"Buongiorno", "Welcome"}}, nil
}

// chooseLanguage keeps the language of the pages and goes back.
func chooseLanguage(v *Visit) (*View, error) {
	if l := Lang(v.Query("lang")); l == Italian || l == English {
		v.cookie(langCookie, string(l), false)
	}
	return v.Redirect(Inside(v.Query("back")), Text{}), nil
}

// signOut ends the session here, then leads to where it ends at the issuer. That is a new
// navigation and no redirect: browsers hold redirects of a form to form-action of the policy.
func signOut(v *Visit) (*View, error) {
	away := v.office.SignIn.End(v.Context(), v.Session)
	v.end()
	if away == "" {
		return v.Redirect("/sign-in", Text{"Sei uscito.", "You have signed out."}), nil
	}
	v.w.Header().Set("Refresh", "0; url="+away)
	return &View{Template: "signed-out.html", Title: Text{"Sei uscito", "You have signed out"}, Data: away}, nil
}
