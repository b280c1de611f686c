package sample

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"ciclo/shared/api"
	"ciclo/shared/eservice"
	"ciclo/shared/pdnd"
)

// producer is whose e-services the event files name.
const producer = "69e2865e-65ab-4e48-a638-2037a9ee2ee7"

// sampleEService is an e-service that event files name: the n-th, with a first
// descriptor in that state.
type sampleEService struct {
	n     byte
	name  string
	state string
}

var sampleEServices = []sampleEService{
	{1, "Registry of addresses", string(eservice.Draft)},
	{2, "Registry of companies", string(eservice.Published)},
	{3, "Registry of schools", string(eservice.Suspended)},
}

// uuidBytes are the random bytes of the ids that event files name, up to the last.
const uuidBytes = "\x5f\x8d\x7a\x10\x00\x00\x40\x00\x80\x00\x00\x00\x00\x00\x00"

// seedEServices makes the sample e-services that are not there yet, and takes
// their descriptors back to their states.
func seedEServices(ctx context.Context, deps api.Deps) error {
	for _, sample := range sampleEServices {
		if err := sample.seed(ctx, deps); err != nil {
			return err
		}
	}
	return nil
}

func (sample sampleEService) seed(ctx context.Context, deps api.Deps) error {
	handler, err := api.NewHandler(deps, eservice.Operations()...)
	if err != nil {
		return err
	}
	deps.Entropy = io.MultiReader(
		bytes.NewReader(append([]byte(uuidBytes), sample.n)), bytes.NewReader(append([]byte(uuidBytes), 0xd0|sample.n)), deps.Entropy)
	maker, err := api.NewHandler(deps, eservice.Operations()...)
	if err != nil {
		return err
	}
	c := seeder{handler: handler}
	send := func(method, path, body string) string {
		id := api.Identity{Subject: producer, Kind: pdnd.KindOrganization, Scopes: pdnd.Writers}
		c.send(api.WithIdentity(ctx, id), method, "/eservices"+path, body)
		return c.body
	}
	e := fmt.Sprintf("/5f8d7a10-0000-4000-8000-00000000000%d", sample.n)
	d := fmt.Sprintf("%s/descriptors/5f8d7a10-0000-4000-8000-0000000000d%d", e, sample.n)
	if !strings.Contains(send(http.MethodGet, "", ""), e[1:]) {
		c.handler = maker
		send(http.MethodPost, "", fmt.Sprintf(`{"name":%q,"description":"Looks something up","technology":"REST","mode":"DELIVER",
			"descriptor":{"description":"First version","audience":["registry.example.it/v1"],"voucherLifespan":600,
			"dailyCallsPerConsumer":1000,"dailyCallsTotal":10000,"agreementApprovalPolicy":"AUTOMATIC"}}`, sample.name))
	}
	is := func(state string) bool {
		return c.err == nil && strings.Contains(send(http.MethodGet, d, ""), fmt.Sprintf(`"state":%q`, state))
	}
	if sample.state != string(eservice.Draft) && is(string(eservice.Draft)) {
		send(http.MethodPost, d+"/publish", "")
	}
	if sample.state == string(eservice.Suspended) && is(string(eservice.Published)) {
		send(http.MethodPost, d+"/suspend", "")
	}
	if sample.state == string(eservice.Published) && is(string(eservice.Suspended)) {
		send(http.MethodPost, d+"/unsuspend", "")
	}
	return c.err
}
