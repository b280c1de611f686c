package oidc

import (
	"net/http"
	"net/url"

	"ciclo/shared/office"
)

// KeyPage is the page on which a person links a manage key.
const KeyPage = "/key"

// servicesAPI is the API that takes manage keys.
const servicesAPI = "services"

// keyUses are what a manage key may read, and the areas that it opens by that.
var keyUses = []struct {
	area office.Area // "" for none: the operator's token opens the page with the subscriptions
	path string
}{
	{office.Services, "/api/v1/manage/services"},
	{office.Reviews, "/api/v1/manage/reviews"},
	{"", "/api/v1/manage/subscriptions"},
}

func (p *Provider) keyPages() []office.Page {
	return []office.Page{
		{Method: http.MethodGet, Path: KeyPage, Area: office.Everybody, Serve: func(v *office.Visit) (*office.View, error) {
			return keyView(v, keyForm()), nil
		}},
		{Method: http.MethodPost, Path: KeyPage, Area: office.Everybody, Serve: linkKey},
		{Method: http.MethodPost, Path: KeyPage + "/remove", Area: office.Everybody, Serve: func(v *office.Visit) (*office.View, error) {
			if err := v.Keep(v.Session.WithoutKey()); err != nil {
				return nil, err
			}
			return v.Redirect(KeyPage, office.T("La chiave non è più collegata.", "The key is no longer linked.")), nil
		}},
	}
}

func keyForm() *office.Form {
	return &office.Form{
		Action: KeyPage, Submit: office.T("Collega", "Link"),
		Fields: []*office.Field{{
			Name: "key", Kind: "password", Label: office.T("Chiave di gestione", "Manage key"), Required: true, Complete: "off",
			Help: office.T(
				"La chiave dell’API dei servizi, intestazione Ocp-Apim-Subscription-Key. "+
					"Resta cifrata in questo browser fino alla fine della sessione.",
				"The key of the API of services, header Ocp-Apim-Subscription-Key. It stays encrypted in this browser until the session ends.",
			),
		}},
	}
}

func keyView(v *office.Visit, form *office.Form) *office.View {
	shown := &office.View{
		Template: "key.html", Title: office.T("La chiave per i servizi", "The key for services"),
		Data: map[string]any{
			"Form": form, "Linked": v.Session.Key != "",
			"Reviews": v.Session.May(office.Reviews), "Services": v.Session.May(office.Services),
		},
	}
	if len(form.Wrong()) > 0 {
		shown.Status = http.StatusBadRequest
	}
	return shown
}

// linkKey keeps a key in the session once the API has taken it.
func linkKey(v *office.Visit) (*office.View, error) {
	form := keyForm()
	key := v.Value("key")
	areas, used, err := usesOf(v, key)
	if err != nil {
		return nil, err
	}
	if !used {
		form.Fields[0].Error = v.Tr(office.T(
			"Questa chiave non è valida, oppure non può leggere né servizi, né revisioni, né sottoscrizioni.",
			"This key is not valid, or can read neither services, nor reviews, nor subscriptions.",
		))
		return keyView(v, form), nil
	}
	s := v.Session.WithoutKey()
	s.Key, s.Areas = key, append(s.Areas, areas...)
	if err := v.Keep(s); err != nil {
		return nil, err
	}
	return v.Redirect("/", office.T("La chiave è collegata.", "The key is linked.")), nil
}

// usesOf reports whether the API lets a key read anything that the office shows, and the areas
// that it opens.
func usesOf(v *office.Visit, key string) (areas []office.Area, used bool, err error) {
	if !keyFits(key) {
		return nil, false, nil
	}
	for _, use := range keyUses {
		err := v.API(servicesAPI).As(key).Get(use.path, url.Values{"limit": {"1"}}, nil)
		refusal, refused := office.Refused(err)
		switch {
		case err == nil:
			used = true
			if use.area != "" {
				areas = append(areas, use.area)
			}
		case !refused || refusal.Status != http.StatusUnauthorized && refusal.Status != http.StatusForbidden:
			return nil, false, err
		}
	}
	return areas, used, nil
}

// keyFits reports whether a key can be the value of a header.
func keyFits(key string) bool {
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return key != "" && len(key) <= 256
}
