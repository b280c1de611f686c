// Command gen writes what is generated from the code: mains, events, the OpenAPI document, API
// Gateway's definitions of the APIs, the lifecycle pages, the licences of what is linked
// and the table of operations in the README. With -check it writes nothing and fails when
// something is stale.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/stacks"
	"ciclo/shared/platform/api"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail when a file is stale")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	var stale []string
	// What is linked is found by the mains that were written before.
	for _, generate := range []func() (map[string][]byte, error){mains, events, documents} {
		files, err := generate()
		if err != nil {
			return err
		}
		changed, err := write(files, check)
		if err != nil {
			return err
		}
		stale = append(stale, changed...)
	}
	if check && len(stale) > 0 {
		return fmt.Errorf("stale: %s; run make gen", strings.Join(stale, ", "))
	}
	return nil
}

// write writes files whose content has changed, unless it only checks, and returns their
// names in order.
func write(files map[string][]byte, check bool) (changed []string, err error) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		have, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		if bytes.Equal(have, files[name]) {
			continue
		}
		changed = append(changed, name)
		if check {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(name, files[name], 0o644); err != nil {
			return nil, err
		}
		fmt.Println("wrote", name)
	}
	return changed, nil
}

// documents returns the content of the other generated files by name.
func documents() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, m := range catalog.Machines() {
		if err := m.Check(); err != nil {
			return nil, err
		}
		files["docs/lifecycles/"+m.Name+".md"] = []byte(m.Document())
	}
	handler, err := api.NewHandler(api.Deps{
		Now: time.Now, Setting: func(string) string { return "" }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}, catalog.Operations()...)
	if err != nil {
		return nil, err
	}
	if files["docs/openapi.json"], err = handler.OpenAPI(); err != nil {
		return nil, err
	}
	for _, p := range catalog.Products() {
		if files["functions/"+p.Name+"/api.yaml"], err = gateway(p); err != nil {
			return nil, err
		}
	}
	templates, err := stacks.Files(os.DirFS("."))
	if err != nil {
		return nil, err
	}
	maps.Copy(files, templates)
	page, err := thirdParty(context.Background())
	if err != nil {
		return nil, err
	}
	files["docs/third-party.md"] = []byte(page)
	access, err := os.ReadFile(patterns)
	if err != nil {
		return nil, err
	}
	for _, s := range catalog.Schemas() {
		if access, err = between(access, "access "+s.Name, accessOf(s, functions())); err != nil {
			return nil, fmt.Errorf("%s %w", patterns, err)
		}
	}
	files[patterns] = access
	readme, err := os.ReadFile("README.md")
	if err != nil {
		return nil, err
	}
	if files["README.md"], err = between(readme, "operations", operations()); err != nil {
		return nil, fmt.Errorf("README.md %w", err)
	}
	return files, nil
}

// operations is the tables of operations for the README, one for each product.
func operations() string {
	packages := map[string]string{} // of operations
	for _, f := range catalog.Functions() {
		packages[f.ID] = "shared/" + f.Artifact.Product + "/" + f.Artifact.Resource
	}
	var b strings.Builder
	product := ""
	for _, op := range catalog.Operations() {
		s := op.Describe()
		if name := s.Product.Name; name != product {
			product = name
			fmt.Fprintf(&b, "\n### %s%s\n\n| operation | method and path | success | for |\n|---|---|---|---|\n", strings.ToUpper(name[:1]), name[1:])
		}
		fmt.Fprintf(&b, "| [`%s`](%s) | `%s %s` | %d | %s |\n", s.ID, packages[s.ID], s.Method, s.Path, s.Status, callers(s))
	}
	return b.String() + "\n"
}

// callers says who may call an operation.
func callers(s api.Spec) string {
	switch {
	case s.Public:
		return "everybody"
	case len(s.Scopes) == 0:
		return "every key"
	}
	return "`" + strings.Join(s.Scopes, "` or `") + "`"
}

// between replaces what stands between the markers of a generated section.
func between(page []byte, name, content string) ([]byte, error) {
	begin, end := "<!-- begin generated "+name+" -->\n", "<!-- end generated "+name+" -->"
	before, rest, ok := strings.Cut(string(page), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return nil, fmt.Errorf("lacks the markers of the generated section %q", name)
	}
	return []byte(before + begin + content + end + after), nil
}
