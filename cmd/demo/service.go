package main

import (
	"context"
	"fmt"
	"net/http"
)

const manage = "/api/v1/manage"

// service tells the story of a service: rejected by the quality rules, corrected,
// approved by a reviewer, edited by two at once, and changed without being hidden.
func (d *demo) service(ctx context.Context) error {
	d.say("A service of a public body")
	for _, step := range []func(context.Context) error{d.draft, d.review, d.race, d.change} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) sheet(description, privacy string) string {
	return fmt.Sprintf(`{"name":%q,"description":%q,"organization":{"name":"Comune","fiscal_code":"12345678901"},
		"metadata":{"scope":"LOCAL","topic_id":11,"phone":"0612345"%s}}`, "Anagrafe "+d.consumer, description, privacy)
}

const privacy = `,"privacy_url":"https://example.it/privacy"`

// draft makes a service that lacks something, and sends it to review.
func (d *demo) draft(ctx context.Context) error {
	for role, key := range map[string]*string{"": &d.key, "reviewer": &d.reviewer} {
		res, err := d.send(ctx, http.MethodGet, "/_local/key?owner=demo&role="+role, "")
		if err != nil {
			return err
		}
		*key = string(res.raw)
	}
	created, err := d.call(ctx, http.MethodPost, manage+"/services", d.sheet("Certificati", ""))
	if err != nil {
		return err
	}
	d.servicePath = fmt.Sprintf("%s/services/%v", manage, created["id"])
	if _, err := d.call(ctx, http.MethodPut, d.servicePath+"/review", `{"auto_publish":true}`); err != nil {
		return err
	}
	status, err := d.status(ctx)
	if err != nil {
		return err
	}
	d.say("1. Created %v and asked for a review; the automatic part answers at once: %s.", created["id"], status)
	return nil
}

// review corrects the service, and lets a reviewer approve it.
func (d *demo) review(ctx context.Context) error {
	if _, err := d.call(ctx, http.MethodPut, d.servicePath, d.sheet("Certificati", privacy)); err != nil {
		return err
	}
	if _, err := d.call(ctx, http.MethodPut, d.servicePath+"/review", `{"auto_publish":true}`); err != nil {
		return err
	}
	waiting, err := d.status(ctx)
	if err != nil {
		return err
	}
	if _, err := d.asReviewer().call(ctx, http.MethodPost, d.servicePath+"/review/approve", ""); err != nil {
		return err
	}
	approved, err := d.status(ctx)
	if err != nil {
		return err
	}
	d.say("2. Corrected: %s. A reviewer approves: %s, and citizens see %s.", waiting, approved, d.visible(ctx))
	return nil
}

// race lets two editors start from the same version.
func (d *demo) race(ctx context.Context) error {
	read, err := d.send(ctx, http.MethodGet, d.servicePath, "")
	if err != nil {
		return err
	}
	d.ifMatch = read.etag
	defer func() { d.ifMatch = "" }()
	first, err := d.send(ctx, http.MethodPut, d.servicePath, d.sheet("Certificati e cambi di residenza", privacy))
	if err != nil {
		return err
	}
	second, err := d.send(ctx, http.MethodPut, d.servicePath, d.sheet("Altro", privacy))
	if err != nil {
		return err
	}
	d.say("3. Two editors send If-Match %s: %d, and %d (%v).", read.etag, first.status, second.status, second.body["detail"])
	return nil
}

// change approves a change without publishing it.
func (d *demo) change(ctx context.Context) error {
	if _, err := d.call(ctx, http.MethodPut, d.servicePath+"/review", `{"auto_publish":false}`); err != nil {
		return err
	}
	queue, err := d.asReviewer().call(ctx, http.MethodGet, manage+"/reviews", "")
	if err != nil {
		return err
	}
	entries, _ := queue["value"].([]any)
	newest, _ := entries[len(entries)-1].(object)
	d.say("4. The change waits for a reviewer, who sees what it changes: %s.", brief(newest["changes"]))
	if _, err := d.asReviewer().call(ctx, http.MethodPost, d.servicePath+"/review/approve", ""); err != nil {
		return err
	}
	before := d.visible(ctx)
	if _, err := d.call(ctx, http.MethodPost, d.servicePath+"/release", ""); err != nil {
		return err
	}
	d.say("   Approved without auto_publish, citizens still see %s; released, they see %s.", before, d.visible(ctx))
	history, err := d.call(ctx, http.MethodGet, d.servicePath+"/history?order=ASC&limit=100", "")
	if err != nil {
		return err
	}
	items, _ := history["items"].([]any)
	d.say("   Its history has all %d changes.", len(items))
	return nil
}

// asReviewer is the demo with the key of a reviewer.
func (d *demo) asReviewer() *demo {
	other := *d
	other.key = d.reviewer
	return &other
}

func (d *demo) status(ctx context.Context) (string, error) {
	service, err := d.call(ctx, http.MethodGet, d.servicePath, "")
	return brief(service["status"]), err
}

// visible is the description that citizens read.
func (d *demo) visible(ctx context.Context) string {
	release, err := d.call(ctx, http.MethodGet, d.servicePath+"/release", "")
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%q", release["description"])
}
