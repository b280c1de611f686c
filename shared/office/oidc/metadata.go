package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/claims"
)

const (
	limit     = 5 * time.Second // of one request to the issuer
	freshFor  = time.Hour       // metadata is read again after this
	maxAnswer = 256 << 10       // bytes of an answer of the issuer
)

// metadata is what an issuer says of itself (OpenID Connect Discovery 1.0 §3), and what
// verifies its ID tokens.
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	EndSession    string   `json:"end_session_endpoint"`
	Revocation    string   `json:"revocation_endpoint"`
	Methods       []string `json:"token_endpoint_auth_methods_supported"`
	SendsIssuer   bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207

	bearer *auth.Bearer
}

// discover returns the issuer's metadata, which is kept for an hour. While the issuer cannot
// be reached older metadata is used.
func (p *Provider) discover(ctx context.Context) (*metadata, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	age := p.Now().Sub(p.fetched)
	if p.metadata != nil && age >= 0 && age < freshFor {
		return p.metadata, nil
	}
	m, err := p.readMetadata(ctx)
	if err != nil {
		if p.metadata != nil {
			return p.metadata, nil
		}
		return nil, fmt.Errorf("oidc: metadata of the issuer: %w", err)
	}
	if p.metadata != nil && p.metadata.JWKS == m.JWKS {
		m.bearer = p.metadata.bearer // which has the keys
	} else if m.bearer, err = p.newBearer(m); err != nil {
		return nil, err
	}
	p.metadata, p.fetched = m, p.Now()
	return m, nil
}

func (p *Provider) readMetadata(ctx context.Context) (*metadata, error) {
	where := strings.TrimSuffix(p.Issuer, "/") + "/.well-known/openid-configuration"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, where, http.NoBody)
	if err != nil {
		return nil, err
	}
	m := &metadata{}
	if status, err := p.do(r, m); err != nil || status != http.StatusOK {
		return nil, errors.Join(err, fmt.Errorf("status %d", status))
	}
	// Otherwise one issuer could pass for another (OpenID Connect Discovery 1.0 §4.3).
	if m.Issuer != p.Issuer {
		return nil, errors.New("they are of another issuer")
	}
	for name, endpoint := range map[string]string{"authorization": m.Authorization, "token": m.Token, "jwks": m.JWKS} {
		if err := auth.CheckURL(endpoint); err != nil {
			return nil, fmt.Errorf("%s endpoint: %w", name, err)
		}
	}
	for _, optional := range []*string{&m.EndSession, &m.Revocation} {
		if *optional != "" && auth.CheckURL(*optional) != nil {
			*optional = ""
		}
	}
	if u, err := url.Parse(m.Authorization); err == nil && m.EndSession == "" && isCognito(p.Issuer) {
		m.EndSession = u.Scheme + "://" + u.Host + "/logout"
	}
	return m, nil
}

// person is the only kind of caller of ID tokens: whoever has signed in.
var person = claims.Kind{
	Name: "person", Word: "people", Claims: identityClaims,
	Identify: func(s claims.Set) (api.Identity, error) {
		if s.Text("sub") == "" {
			return api.Identity{}, claims.Refuse("no usable subject")
		}
		return api.Identity{Subject: s.Text("sub"), Kind: "person"}, nil
	},
}

// newBearer returns what verifies ID tokens: they are for this client.
func (p *Provider) newBearer(m *metadata) (*auth.Bearer, error) {
	return auth.New(auth.Config{
		Issuers: []auth.Issuer{{
			URL: p.Issuer, Audience: p.ClientID, JWKSURL: m.JWKS, ClaimPrefix: p.ClaimPrefix, Kinds: []string{person.Name}, Operator: p.Operator,
		}},
		Kinds: []claims.Kind{person}, Now: p.Now, Transport: p.Transport,
	})
}

// secretByForm reports whether the issuer takes the client's secret in the form alone.
func (m *metadata) secretByForm() bool {
	return len(m.Methods) > 0 && !slices.Contains(m.Methods, "client_secret_basic") && slices.Contains(m.Methods, "client_secret_post")
}

// do sends a request to the issuer and decodes its JSON answer into out.
func (p *Provider) do(r *http.Request, out any) (status int, err error) {
	r.Header.Set("Accept", "application/json")
	res, err := p.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(text) > maxAnswer {
		err = fmt.Errorf("more than %d bytes", maxAnswer)
	}
	if err != nil {
		return res.StatusCode, err
	}
	if len(text) > 0 && json.Unmarshal(text, out) != nil && res.StatusCode < http.StatusBadRequest {
		return res.StatusCode, errors.New("the answer is no JSON")
	}
	return res.StatusCode, nil
}
