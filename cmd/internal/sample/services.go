package sample

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
	"ciclo/shared/services/subscription"
)

// owner is whose services the event files name.
const owner = "owner-1"

// sampleService is a service that event files name, with what must have happened
// to it for them to be answered with success.
type sampleService struct {
	n    byte // the last byte of its id, which begins with createdAt
	name string
	want string // state
}

var sampleServices = []sampleService{
	{1, "Anagrafe", string(service.Draft)},
	{2, "Tributi", string(service.Submitted)},
	{3, "Biblioteche", string(service.Approved)},
	{4, "Mensa", "not deleted"},
}

// createdAt makes the ids of the sample services what the event files say.
var createdAt = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// ServiceID is the id of the n-th sample service.
func ServiceID(n byte) string {
	const prefix = "01KDVDNA00000000000000000"
	return prefix + string('0'+rune(n))
}

// seedServices makes the sample services, and the manage subscription of their owner.
func (s *Surroundings) seedServices(ctx context.Context, deps api.Deps) error {
	issuer, err := subscription.NewIssuer(deps)
	if err != nil {
		return err
	}
	issued, err := issuer.Issue(ctx, subscription.Request{Owner: owner})
	if err != nil {
		return err
	}
	s.key = issued.PrimaryKey
	for _, sample := range sampleServices {
		if err := sample.seed(ctx, deps); err != nil {
			return err
		}
	}
	return nil
}

func (sample sampleService) seed(ctx context.Context, deps api.Deps) error {
	creating := deps
	creating.Now = func() time.Time { return createdAt }
	creating.Entropy = io.MultiReader(bytes.NewReader(append(make([]byte, 9), sample.n)), deps.Entropy)
	c, err := newManageCaller(deps)
	if err != nil {
		return err
	}
	maker, err := newManageCaller(creating)
	if err != nil {
		return err
	}
	body := fmt.Sprintf(`{"name":%q,"description":"Certificati","organization":{"name":"Comune","fiscal_code":"12345678901"},
		"metadata":{"scope":"LOCAL","topic_id":11,"privacy_url":"https://example.it/privacy","email":"ufficio@example.it"}}`, sample.name)
	path := "/services/" + ServiceID(sample.n)
	if c.state(ctx, path) == "" {
		maker.call(ctx, http.MethodPost, "/services", body, services.GroupWrite)
		c.call(ctx, http.MethodPut, path+"/logo", fmt.Sprintf(`{"logo":%q}`, logo()), services.GroupWrite)
	}
	if state := c.state(ctx, path); state != sample.want && state != string(service.Deleted) {
		if state == string(service.Submitted) {
			c.call(ctx, http.MethodDelete, path+"/review", "", services.GroupWrite)
		}
		c.call(ctx, http.MethodPut, path, body, services.GroupWrite)
		if sample.want == string(service.Submitted) || sample.want == string(service.Approved) {
			c.call(ctx, http.MethodPut, path+"/review", `{"auto_publish":true}`, services.GroupWrite)
		}
		if sample.want == string(service.Approved) && c.state(ctx, path) == string(service.Submitted) {
			c.call(ctx, http.MethodPost, path+"/review/approve", "", services.GroupReview)
		}
	}
	if c.err == nil {
		c.err = maker.err
	}
	return c.err
}

// manageCaller calls the services product until a call fails.
type manageCaller struct{ seeder }

func newManageCaller(deps api.Deps) (*manageCaller, error) {
	handler, err := api.NewHandler(deps, service.Operations()...)
	return &manageCaller{seeder{handler: handler}}, err
}

func (c *manageCaller) call(ctx context.Context, method, path, body, group string) {
	identity := api.Identity{Subject: owner, Kind: services.KindManage, Scopes: []string{group}}
	c.send(api.WithIdentity(ctx, identity), method, services.Base+path, body)
}

// state is the state of a service, "" when there is none.
func (c *manageCaller) state(ctx context.Context, path string) string {
	if c.err != nil {
		return ""
	}
	probe := manageCaller{seeder{handler: c.handler}}
	probe.call(ctx, http.MethodGet, path, "", services.GroupWrite)
	for _, state := range service.Machine.States {
		if strings.Contains(probe.body, fmt.Sprintf(`"status":{"value":%q`, state)) {
			return string(state)
		}
	}
	return ""
}

// logo is a small PNG image.
func logo() string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}
