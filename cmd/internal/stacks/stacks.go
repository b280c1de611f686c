// Package stacks writes the templates of the products and of their functions from the
// operations. What no operation says is by hand, in the folders own beside the templates.
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

// Files returns the templates of the products and of the purge by file, for a repository.
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
	const purge = "functions/retention.yaml"
	for _, a := range catalog.Artifacts() {
		if a.Product != "" {
			continue
		}
		text, err := whole.functions(frame{file: purge, longest: longest}, []catalog.Artifact{a})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", purge, err)
		}
		files[purge] = []byte(text)
	}
	return files, nil
}

// product adds the templates of a product: that of its API, and those of its functions.
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
		f.file, f.stack = "functions/"+p.Name+"/"+name+".yaml", name
		text, err := r.functions(f, p.Artifacts)
		if err != nil {
			return fmt.Errorf("%s: %w", f.file, err)
		}
		files[f.file] = []byte(text)
		all = append(all, nested{LogicalID: pascal(name), Location: name + ".yaml", text: text})
	}
	f.file, f.stack = "functions/"+p.Name+"/template.yaml", ""
	f.values = map[string]string{"SignIssuer": issuerURL}
	for _, t := range tables(p) {
		f.values[t.LogicalID+"Arn"] = "!GetAtt " + t.LogicalID + ".Arn"
	}
	text, err := r.api(f, p, all)
	files[f.file] = []byte(text)
	return err
}

// functions returns the template of the functions of a stack.
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
		c.Own.Description = "Ciclo, functions of the product " + f.product + " - " + strings.Join(slices.Sorted(maps.Keys(resources)), ", ") + "."
	}
	return r.template(f, "functions.yaml.tmpl", c)
}

// all returns the functions that a stack has of artifacts.
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
			all = append(all, fn)
		}
		for _, other := range a.Others {
			if a.StackOf(other.ID) != f.stack {
				continue
			}
			by, said := byHand[other.ID]
			if !said {
				return nil, fmt.Errorf("nothing is said by hand of %s", other.ID)
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
		return nil, fmt.Errorf("%s, of which something is said by hand, is not among the functions", id)
	}
	return all, nil
}
