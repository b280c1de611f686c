// Package stacks generates the CloudFormation templates of the products and of their
// functions from the operations. What cannot be derived from an operation is written by
// hand, in the folders named own beside the templates.
package stacks

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"ciclo/cmd/internal/catalog"
)

// Files returns the generated templates by file name. The repository has template.yaml and
// the hand-written parts.
func Files(repository fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	whole, err := readRoot(repository)
	if err != nil {
		return nil, err
	}
	longest, err := whole.longest()
	if err != nil {
		return nil, err
	}
	for _, p := range catalog.Products() {
		if err := whole.product(p, longest, files); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	for _, a := range catalog.Artifacts() {
		if !a.Alone {
			continue
		}
		f := frame{file: a.Template(), longest: longest}
		var text string
		if a.Product == "" {
			text, err = whole.functions(f, []catalog.Artifact{a})
		} else {
			text, err = whole.site(f, a)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.file, err)
		}
		files[f.file] = []byte(text)
	}
	return files, nil
}

// product adds the templates of one product to files: one for its API and one for each
// nested stack of functions.
func (r root) product(p catalog.Product, longest map[string]int, files map[string][]byte) error {
	var names []string
	for _, a := range p.Artifacts {
		if a.Stack != "" && !slices.Contains(names, a.Stack) {
			names = append(names, a.Stack)
		}
	}
	f := frame{product: p.Name, longest: longest}
	var all []nested
	for _, name := range names {
		f.file = "functions/" + p.Name + "/" + name + ".yaml"
		f.stack = name
		text, err := r.functions(f, p.Artifacts)
		if err != nil {
			return fmt.Errorf("%s: %w", f.file, err)
		}
		files[f.file] = []byte(text)
		all = append(all, nested{LogicalID: pascal(name), Location: name + ".yaml", text: text})
	}
	f.file = productFile(p.Name)
	f.stack = ""
	f.values = map[string]string{"SignIssuer": issuerURL}
	for _, t := range tables(p) {
		f.values[t.LogicalID+"Arn"] = "!GetAtt " + t.LogicalID + ".Arn"
	}
	text, err := r.api(f, p, all)
	files[f.file] = []byte(text)
	return err
}

// productFile returns the file of a product's own template.
func productFile(product string) string { return "functions/" + product + "/template.yaml" }

// functions returns the template of one stack of functions.
func (r root) functions(f frame, artifacts []catalog.Artifact) (string, error) {
	c := content{}
	var err error
	if c.Own, err = readOwn(r.repository, f.file); err != nil {
		return "", err
	}
	if c.Functions, err = f.all(artifacts, c.Own); err != nil {
		return "", err
	}
	if c.Own.Description == "" {
		resources := map[string]bool{}
		for _, fn := range c.Functions {
			resources[path.Dir(fn.ID)] = true
		}
		c.Own.Description = "Ciclo, functions of the product " + f.product + " - " +
			strings.Join(slices.Sorted(maps.Keys(resources)), ", ") + "."
	}
	return r.template(f, "functions.yaml.tmpl", c)
}

// all returns the functions of the stack f, in the order of the artifacts. It fails when a
// function that is not an operation has no hand-written part, or a part no function.
func (f frame) all(artifacts []catalog.Artifact, o own) ([]function, error) {
	byHand, err := o.functions()
	if err != nil {
		return nil, err
	}
	var all []function
	for _, a := range artifacts {
		for _, op := range a.Operations {
			spec := op.Describe()
			if a.StackOf(spec.ID) != f.stack {
				continue
			}
			fn, err := f.operation(a.Name(), spec)
			if err != nil {
				return nil, err
			}
			for _, name := range spec.Queues {
				fn.counts(name, o)
			}
			all = append(all, fn)
		}
		for _, other := range a.Others {
			if a.StackOf(other.ID) != f.stack {
				continue
			}
			by, found := byHand[other.ID]
			if !found {
				return nil, fmt.Errorf("%s lacks the function %s: how it is started, its timeout", ownFile(f.file), other.ID)
			}
			delete(byHand, other.ID)
			fn, err := f.other(a.Name(), other, by)
			if err != nil {
				return nil, err
			}
			all = append(all, fn)
		}
	}
	for id := range byHand {
		return nil, fmt.Errorf("%s has the function %s, which is not in the catalogue", ownFile(f.file), id)
	}
	return all, nil
}
