package stacks

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// Expressions of a product's template: the URL of its API, and the issuer of its tokens.
const (
	ownURL = `!If [HasBasePath, !Sub "https://${DomainName}/${BasePath}", !If [HasDomain, !Sub "https://${DomainName}", ` +
		`!Sub "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/v1"]]`
	issuerURL = "!If [HasSignIssuer, !Ref SignIssuer, " + ownURL + "]"
)

// api returns the product's own template, which deploys the nested stacks.
func (r root) api(f frame, p catalog.Product, all []nested) (string, error) {
	c := content{Product: p.Name, Tables: tables(p), Stacks: all, URL: ownURL, TrustStore: true, Cached: p.Cached()}
	if p.Operations[0].Describe().Product.Scheme.Name == api.SubscriptionKey.Name {
		c.KeySource = "AUTHORIZER"
	}
	c.Seals = slices.ContainsFunc(p.Artifacts, func(a catalog.Artifact) bool {
		return slices.ContainsFunc([]api.Need{api.NeedSeal, api.NeedUnseal, api.NeedIntegrity}, func(n api.Need) bool {
			return slices.Contains(a.Needs(), n)
		})
	})
	for _, e := range p.Operations[0].Describe().Product.Editions {
		if e.Base != "" {
			c.Editions = append(c.Editions, strings.Trim(e.Base, "/"))
		}
	}
	var err error
	if c.Own, err = readOwn(r.repository, f.file); err != nil {
		return "", err
	}
	if len(c.Own.Methods.Content) > 0 {
		if c.Methods, err = encode(&c.Own.Methods); err != nil {
			return "", err
		}
	}
	c.Own.Description = "Ciclo, product " + p.Name + " - " + c.Own.Description + "."
	if c.Functions, err = f.all(p.Artifacts, c.Own); err != nil {
		return "", err
	}
	called := map[string]bool{}
	for _, op := range p.Operations {
		called[path.Dir(op.Describe().ID)] = true
	}
	called[path.Dir(p.Authorizer)] = true
	c.Called = slices.Sorted(maps.Keys(called))
	// The names of the resources do not depend on the parameters of the nested stacks.
	draft, err := render("product.yaml.tmpl", c)
	if err != nil {
		return "", err
	}
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(draft), &document); err != nil {
		return "", fmt.Errorf("%w\n%s", err, draft)
	}
	resources := map[string]bool{}
	for _, name := range keys(child(&document, "Resources")) {
		resources[name] = true
	}
	for i, stack := range c.Stacks {
		if c.Stacks[i].Parameters, err = f.given(stack.text, resources); err != nil {
			return "", err
		}
	}
	return r.template(f, "product.yaml.tmpl", c)
}

// site returns the template of a web site: its API and its function.
func (r root) site(f frame, a catalog.Artifact) (string, error) {
	c := content{Product: a.Product, URL: ownURL, Called: []string{a.Product}}
	f.values = map[string]string{"OfficeUrl": ownURL}
	var err error
	if c.Own, err = readOwn(r.repository, f.file); err != nil {
		return "", err
	}
	if c.Functions, err = f.all([]catalog.Artifact{a}, c.Own); err != nil {
		return "", err
	}
	return r.template(f, "site.yaml.tmpl", c)
}

// given returns the values of a nested stack's parameters, in terms of the resources and
// parameters of the template f.
func (f frame) given(template string, resources map[string]bool) ([]variable, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(template), &document); err != nil {
		return nil, err
	}
	var all []variable
	for _, name := range keys(child(&document, "Parameters")) {
		value := f.value(name)
		for _, attribute := range []string{"StreamArn", "Arn"} {
			if resource, ok := strings.CutSuffix(name, attribute); ok && resources[resource] {
				value = "!GetAtt " + resource + "." + attribute
				break
			}
		}
		all = append(all, variable{name, value})
	}
	return all, nil
}

// tableView is a table as the layout needs it.
type tableView struct {
	table.Schema
	LogicalID  string
	Attributes []string
}

// tables returns the tables of a product, which have its name.
func tables(p catalog.Product) []tableView {
	var all []tableView
	for _, s := range catalog.Schemas() {
		if s.Name != p.Name {
			continue
		}
		v := tableView{Schema: s, LogicalID: logicalTable(s), Attributes: []string{table.PK, table.SK}}
		for _, i := range s.Indexes {
			v.Attributes = append(v.Attributes, i.PK, i.SK)
		}
		all = append(all, v)
	}
	return all
}
