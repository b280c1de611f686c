// Command demo drives a running sandbox through the life of a service, from a
// draft to what citizens see, through that of an agreement between two
// organizations, and through that of a consumer: it is registered
// with accounts, cards and digital cards, deleted with all of them, and three
// months later its operations are gone and purged.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"
)

const (
	issuer       = "ISSUER-001"
	accounts     = 3
	cards        = 5
	digitalCards = 250
	pollEvery    = 100 * time.Millisecond
)

func main() {
	url := os.Getenv("URL")
	if url == "" {
		url = "http://localhost:3000"
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	d := &demo{url: url, consumer: fmt.Sprintf("demo-%d", time.Now().UnixMilli()), out: os.Stdout}
	if err := d.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1) //nolint:gocritic // stop only unregisters signals, and the process is over
	}
}

type demo struct {
	url, consumer, token string
	key, reviewer        string // of the services product
	servicePath, ifMatch string
	out                  io.Writer
}

// object is a JSON object of an answer.
type object = map[string]any

func (d *demo) run(ctx context.Context) error {
	health, err := d.send(ctx, http.MethodGet, "/_local/health", "")
	if err != nil || health.status != http.StatusOK {
		return fmt.Errorf("no sandbox at %s; start one with make run, or set URL", d.url)
	}
	if err := d.service(ctx); err != nil {
		return err
	}
	if err := d.agreement(ctx); err != nil {
		return err
	}
	d.say("\nA consumer of a card issuer")
	for _, step := range []func(context.Context) error{d.register, d.remove, d.wait, d.list, d.later, d.purge} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	d.say("Done.")
	return nil
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

// register makes the consumer with all that is under it.
func (d *demo) register(ctx context.Context) error {
	if err := d.authorize(ctx); err != nil {
		return err
	}
	entries := make([]string, cards)
	for i := range entries {
		entries[i] = fmt.Sprintf(`{"cardId":"%s-c%d","accountId":"%s-a%d"}`, d.consumer, i, d.consumer, i%accounts)
	}
	if _, err := d.call(ctx, http.MethodPut, d.path("/cards"), `{"cards":[`+strings.Join(entries, ",")+`]}`); err != nil {
		return err
	}
	for i := range digitalCards {
		path := fmt.Sprintf("/issuers/%s/cards/%s-c%d/digitalCards/d%d", issuer, d.consumer, i%cards, i)
		if _, err := d.call(ctx, http.MethodPut, path, ""); err != nil {
			return err
		}
	}
	c, err := d.call(ctx, http.MethodGet, d.path(""), "")
	if err != nil {
		return err
	}
	d.say("1. Registered %s: %v accounts, %v cards, %v digital cards, state %v.",
		d.consumer, c["accounts"], c["cards"], c["digitalCards"], c["state"])
	return nil
}

func (d *demo) remove(ctx context.Context) error {
	first, err := d.call(ctx, http.MethodPost, d.path("/operations:delete"),
		`{"reason":"customer was contacted on June 28","reasonCode":"USER_DECISION"}`)
	if err != nil {
		return err
	}
	d.say("2. Deleted it: operation %v is %v; more than one transaction holds, so a worker goes on.", first["operationId"], first["status"])
	late, err := d.send(ctx, http.MethodPut, fmt.Sprintf("/issuers/%s/cards/%s-c0/digitalCards/late", issuer, d.consumer), "")
	if err != nil {
		return err
	}
	d.say("   A digital card registered meanwhile: %d %v.", late.status, late.body["errorCode"])
	return nil
}

// wait polls until the deletion is finished.
func (d *demo) wait(ctx context.Context) error {
	ticks := time.NewTicker(pollEvery)
	defer ticks.Stop()
	for polls := 1; ; polls++ {
		page, err := d.call(ctx, http.MethodGet, d.path("/operations?limit=1"), "")
		if err != nil {
			return err
		}
		if newest := operations(page)[0]; newest["status"] != "PENDING" {
			d.say("3. The operation is %v, with %v (after %d polls).", newest["status"], brief(newest["details"]), polls)
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticks.C:
		}
	}
}

func (d *demo) list(ctx context.Context) error {
	gone, err := d.send(ctx, http.MethodGet, d.path(""), "")
	if err != nil {
		return err
	}
	page, err := d.call(ctx, http.MethodGet, d.path("/operations"), "")
	if err != nil {
		return err
	}
	d.say("4. The consumer: %d %v. Its operations, newest first, %v more to come:",
		gone.status, gone.body["errorCode"], page["remainingOperations"])
	for _, op := range operations(page) {
		d.say("   %-8v %-10v %v  %v", op["operation"], op["status"], op["startTime"], op["operationId"])
	}
	return nil
}

// later moves the sandbox's clock past the three months.
func (d *demo) later(ctx context.Context) error {
	clock, err := d.call(ctx, http.MethodPost, "/_local/clock", `{"advance":"2232h"}`)
	if err != nil {
		return err
	}
	if err := d.authorize(ctx); err != nil { // the first token has expired
		return err
	}
	page, err := d.call(ctx, http.MethodGet, d.path("/operations"), "")
	if err != nil {
		return err
	}
	d.say("5. It is now %v: %d operations are listed, although no purge has run.", clock["now"], len(operations(page)))
	return nil
}

func (d *demo) purge(ctx context.Context) error {
	report, err := d.call(ctx, http.MethodPost, "/_local/purge", "")
	if err != nil {
		return err
	}
	d.say("6. The purge: %s.", brief(report))
	again, err := d.call(ctx, http.MethodPost, "/_local/purge", "")
	if err != nil {
		return err
	}
	d.say("   Once more: %s.", brief(again))
	d.say("   The sandbox's clock stays where it is; start it anew, or set it by POST /_local/clock.")
	return nil
}

func (d *demo) path(rest string) string {
	return "/issuers/" + issuer + "/consumers/" + d.consumer + rest
}

func (d *demo) authorize(ctx context.Context) error {
	res, err := d.send(ctx, http.MethodGet, "/_local/token?scope=d1-api:consumer:full&issuerId="+issuer, "")
	d.token = string(res.raw)
	return err
}

type response struct {
	status int
	etag   string
	raw    []byte
	body   object
}

func (d *demo) send(ctx context.Context, method, path, body string) (response, error) {
	return d.request(ctx, method, path, "application/json", body)
}

// post sends a form.
func (d *demo) post(ctx context.Context, path, form string) (response, error) {
	return d.request(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", form)
}

func (d *demo) request(ctx context.Context, method, path, media, body string) (response, error) {
	req, err := http.NewRequestWithContext(ctx, method, d.url+path, strings.NewReader(body))
	if err != nil {
		return response{}, err
	}
	req.Header.Set("Authorization", "Bearer "+d.token)
	req.Header.Set("Ocp-Apim-Subscription-Key", d.key)
	if d.ifMatch != "" {
		req.Header.Set("If-Match", d.ifMatch)
	}
	req.Header.Set("Content-Type", media)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return response{}, err
	}
	raw, err := io.ReadAll(res.Body)
	out := response{status: res.StatusCode, etag: res.Header.Get("ETag"), raw: raw}
	if bytes.HasPrefix(raw, []byte("{")) {
		err = errors.Join(err, json.Unmarshal(raw, &out.body))
	}
	return out, errors.Join(err, res.Body.Close())
}

// call is send for what must succeed.
func (d *demo) call(ctx context.Context, method, path, body string) (object, error) {
	res, err := d.send(ctx, method, path, body)
	if err == nil && res.status >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %d %s", method, path, res.status, res.raw)
	}
	return res.body, err
}

// operations are the entries of a list of operations.
func operations(page object) []object {
	entries, _ := page["operations"].([]any)
	ops := make([]object, len(entries))
	for i, e := range entries {
		ops[i], _ = e.(object)
	}
	return ops
}

func brief(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return strings.NewReplacer(`"`, "", "{", "", "}", "", ":", " ", ",", ", ").Replace(string(b))
}
