// Package openapi makes the OpenAPI documents of the products from the contract of their
// operations. What only readers of the documents need is added here and not in Specs, so
// that functions do not carry it.
package openapi

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"strings"
	"time"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
)

// Address is where the documents in the repository say that the API is: the sandbox.
const Address = "http://localhost:3000"

type object = map[string]any

// Document returns the OpenAPI document of a product as indented JSON. Servers are given
// below address; for "" their URLs are relative to where the document is read.
func Document(p catalog.Product, address string) ([]byte, error) {
	doc, err := document(p, address)
	if err != nil {
		return nil, fmt.Errorf("openapi of %s: %w", p.Name, err)
	}
	return text(doc)
}

func text(doc object) ([]byte, error) {
	out, err := json.MarshalIndent(doc, "", "  ")
	return append(out, '\n'), err
}

func document(p catalog.Product, address string) (object, error) {
	about, known := products[p.Name]
	if !known {
		return nil, fmt.Errorf("the product has no title and no tags; add them to products.go")
	}
	contract, err := contractOf(p.Operations)
	if err != nil {
		return nil, err
	}
	w := writer{
		tags: map[string]bool{}, named: map[string]bool{},
		about: about, address: address, contract: contract, schemas: object{}, headers: object{},
	}
	for _, op := range p.Operations {
		if err := w.operation(op.Describe()); err != nil {
			return nil, err
		}
	}
	tags, err := w.usedTags()
	if err != nil {
		return nil, err
	}
	paths := in(contract, "paths")
	responses, err := shareResponses(paths)
	if err != nil {
		return nil, err
	}
	return object{
		"openapi":    contract["openapi"],
		"info":       object{"title": about.title, "version": api.Version, "description": about.description},
		"servers":    about.servers(address),
		"tags":       tags,
		"paths":      paths,
		"components": object{"schemas": w.schemas, "responses": responses, "headers": w.headers, "securitySchemes": w.schemes()},
	}, nil
}

// contractOf returns the document of operations as package api describes them.
func contractOf(ops []api.Op) (object, error) {
	handler, err := api.NewHandler(api.Deps{
		Now: time.Now, Setting: func(string) string { return "" }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}, ops...)
	if err != nil {
		return nil, err
	}
	described, err := handler.OpenAPI()
	if err != nil {
		return nil, err
	}
	doc := object{}
	if err := json.Unmarshal(described, &doc); err != nil {
		return nil, err
	}
	extensions, err := handler.Extensions()
	if err != nil {
		return nil, err
	}
	for name, members := range extensions {
		for _, member := range members {
			markExtension(in(doc, "components", "schemas", name, "properties", member))
		}
	}
	return doc, nil
}

// markExtension says of a member that the published contract does not have it.
func markExtension(member object) {
	description, _ := member["description"].(string)
	member["description"] = description + "; an extension, under /v3 and /v2 on request only (Prefer: ciclo-extensions)"
	member["x-extension"] = true
}

// writer turns the contract of a product into its document.
type writer struct {
	about    product
	address  string
	contract object
	schemas  object // by published name
	headers  object // that answers have
	tags     map[string]bool
	named    map[string]bool // schemas of the contract by kind of attribute
}

// in returns a part of a document by the names of members, nil where there is none.
func in(doc object, names ...string) object {
	for _, name := range names {
		doc, _ = doc[name].(object)
	}
	return doc
}

func (w *writer) operation(spec api.Spec) error {
	op := in(w.contract, "paths", spec.Path, strings.ToLower(spec.Method))
	w.tags[spec.Tag] = true
	op["security"] = w.about.security(spec)
	if servers := w.about.serversOf(spec, w.address); servers != nil {
		op["servers"] = servers
	}
	if err := w.answers(spec, in(op, "responses")); err != nil {
		return err
	}
	w.preferences(spec, op)
	describeCallers(spec, op)
	return w.name(op, spec.OperationID)
}

// describeCallers adds who may call an operation to its description.
func describeCallers(spec api.Spec, op object) {
	callers := "anyone, without a credential"
	switch {
	case len(spec.Scopes) > 0:
		callers = "callers with `" + strings.Join(spec.Scopes, "` or `") + "`"
	case !spec.Public:
		callers = "every key"
	}
	description, _ := op["description"].(string)
	op["description"] = strings.TrimSpace(description + "\n\nFor " + callers + ".")
}

// usedTags describes the tags of operations, in the order in which readers see them.
func (w *writer) usedTags() ([]object, error) {
	var tags []object
	for _, t := range w.about.tags {
		if w.tags[t.name] {
			tags = append(tags, object{"name": t.name, "description": t.description})
			delete(w.tags, t.name)
		}
	}
	for name := range w.tags {
		return nil, fmt.Errorf("the tag %q has no description; add one to products.go", name)
	}
	return tags, nil
}

// schemes are the ways to authenticate.
func (w *writer) schemes() object {
	schemes := in(w.contract, "components", "securitySchemes")
	maps.Copy(schemes, w.about.schemes)
	return schemes
}
