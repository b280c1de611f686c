package page

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ciclo/shared/office"
	"ciclo/shared/office/oidc"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/claims"
)

// The settings of the site.
const (
	settingURL       = "OFFICE_URL" // where people find it
	settingIssuer    = "ISSUER_URL"
	settingClient    = "OFFICE_CLIENT_ID"
	settingSecret    = "OFFICE_CLIENT_SECRET"
	settingToken     = "OFFICE_TOKEN"  // id_token or access_token
	settingScopes    = "OFFICE_SCOPES" // beside openid
	settingRevision  = "OFFICE_REVISION"
	settingPrefix    = "CLAIM_PREFIX"
	settingOperator  = "OPERATOR_CLAIM"
	settingCallers   = "CALLERS"
	settingConsumers = "CONSUMERS_URL"
	settingServices  = "SERVICES_URL"
	settingInterop   = "INTEROP_URL"
)

// products has the setting with the URL of each product's API; without a URL the product is
// not deployed.
var products = map[string]string{"consumers": settingConsumers, "services": settingServices, "interop": settingInterop}

// keyed is the product whose API takes a key.
const keyed = "services"

// Site is the front office of a deployment.
var Site = api.Site{
	ID: "office/page",
	Settings: []string{
		settingIssuer, settingClient, settingSecret, settingToken, settingScopes, settingRevision, settingPrefix, settingOperator, settingCallers,
		settingConsumers, settingServices, settingInterop, settingURL,
	},
	Needs: []api.Need{api.NeedDerive},
	Open:  open,
	First: "/sign-in",
}

// open returns the office as its settings have it.
func open(deps api.Deps) (http.Handler, error) {
	at, err := url.Parse(strings.TrimSuffix(deps.Setting(settingURL), "/"))
	if err != nil || at.Host == "" {
		return nil, fmt.Errorf("%s must be the URL of the office", settingURL)
	}
	// All processes of the function seal sessions with the same key. Another revision ends
	// all sessions.
	key, err := deps.Derive(context.Background(), "sessions of the office, revision "+deps.Setting(settingRevision))
	if err != nil {
		return nil, err
	}
	c := office.Config{Prefix: at.Path, APIs: map[string]office.Remote{}, Key: key, Secure: at.Scheme == "https", Now: deps.Now, Log: deps.Log}
	transport := newTransport()
	for name, setting := range products {
		if where := deps.Setting(setting); where != "" {
			if err := auth.CheckURL(where); err != nil { // tokens and keys go there
				return nil, fmt.Errorf("%s: %w", setting, err)
			}
			c.APIs[name] = office.Remote{URL: where, Keyed: name == keyed, Transport: transport}
		}
	}
	if _, deployed := c.APIs[keyed]; deployed {
		c.KeyPage = oidc.KeyPage
	}
	if c.SignIn, err = signIn(deps, at, c.KeyPage != ""); err != nil {
		return nil, err
	}
	o, err := New(c)
	if err != nil {
		return nil, err
	}
	return withoutPrefix(c.Prefix, o), nil
}

// newTransport returns what calls the APIs. Answers are waited for as long as API Gateway
// waits for them.
func newTransport() *http.Transport {
	return &http.Transport{
		TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 29 * time.Second, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute,
	}
}

// signIn returns how people sign in.
func signIn(deps api.Deps, at *url.URL, takesKeys bool) (office.SignIn, error) {
	callers := strings.Split(deps.Setting(settingCallers), ",")
	lets := func(word string) bool { return callers[0] == "" || slices.Contains(callers, word) }
	c := oidc.Config{
		Issuer: deps.Setting(settingIssuer), ClientID: deps.Setting(settingClient), Secret: deps.Setting(settingSecret),
		Token: deps.Setting(settingToken), Scopes: strings.Fields(deps.Setting(settingScopes)), Office: at.String(),
		ClaimPrefix: deps.Setting(settingPrefix), Organizations: lets("organizations"), CardIssuers: lets("card-issuers"),
		Keyed: takesKeys, Now: deps.Now, Log: deps.Log,
	}
	c.Operator.Name, c.Operator.Value, _ = strings.Cut(deps.Setting(settingOperator), "=")
	if c.Operator.Value == "" {
		c.Operator = claims.Claim{}
	}
	return oidc.New(c)
}

// withoutPrefix takes the base path of a domain away from the paths of requests: unlike the
// stage, API Gateway leaves it there.
func withoutPrefix(prefix string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path, found := strings.CutPrefix(r.URL.Path, prefix); found && prefix != "" && (path == "" || path[0] == '/') {
			if path == "" {
				path = "/"
			}
			r.URL.Path, r.URL.RawPath = path, strings.TrimPrefix(r.URL.RawPath, prefix)
		}
		next.ServeHTTP(w, r)
	})
}
