package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
)

// productsSetting names the products that the sandbox serves, joined by commas; when it
// is not set, all. It is the parameter Products of a deployment.
const productsSetting = "PRODUCTS"

// products is what the sandbox serves.
type products []catalog.Product

// productsFrom reads productsSetting. The error names what is not a product.
func productsFrom(setting string) (products, error) {
	all := catalog.Products()
	if strings.TrimSpace(setting) == "" {
		return all, nil
	}
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
	}
	var wanted []string
	for name := range strings.SplitSeq(setting, ",") {
		name = strings.TrimSpace(name)
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("%s: %q is no product; name some of %s, joined by commas", productsSetting, name, strings.Join(names, ", "))
		}
		wanted = append(wanted, name)
	}
	return slices.DeleteFunc(all, func(p catalog.Product) bool { return !slices.Contains(wanted, p.Name) }), nil
}

// has tells whether a product is served.
func (p products) has(name string) bool {
	return slices.ContainsFunc(p, func(served catalog.Product) bool { return served.Name == name })
}

// operations lists the operations of all products that are served.
func (p products) operations() []api.Op {
	var all []api.Op
	for _, served := range p {
		all = append(all, served.Operations...)
	}
	return all
}

// only lets a route of the sandbox's own be used where the product is served.
func (p products) only(name string, route http.HandlerFunc) http.HandlerFunc {
	if p.has(name) {
		return route
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		text(w, http.StatusNotFound, "This is for the product "+name+", which is not served here: "+productsSetting+" leaves it out.")
	}
}
