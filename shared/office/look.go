package office

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

var (
	//go:embed html/*.html
	ownFiles embed.FS
	//go:embed assets
	assetFiles embed.FS
)

// look is how pages are rendered: the templates of all wings, by language, and the assets.
type look struct {
	root   string
	assets http.Handler
	names  map[string]string // of assets in URLs
	parts  []source          // parsed with every page
	pages  map[string]source
	parsed sync.Map // *template.Template by language and name
}

// source is a template that is not parsed yet.
type source struct{ name, text string }

func newLook(c Config) *look {
	l := &look{root: c.Prefix + c.Base, names: map[string]string{}, pages: map[string]source{}}
	l.assets = l.loadAssets()
	if err := l.add(ownFiles); err != nil {
		panic(err) // they are part of the program
	}
	return l
}

// add reads the templates below files. Those whose name begins with _ are parts that any page
// may use.
func (l *look) add(files fs.FS) error {
	return fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(file) != ".html" {
			return err
		}
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		name := path.Base(file)
		s := source{name, string(text)}
		if strings.HasPrefix(name, "_") {
			l.parts = append(l.parts, s)
			return nil
		}
		if _, taken := l.pages[name]; taken {
			return fmt.Errorf("two templates are called %s", name)
		}
		l.pages[name] = s
		return nil
	})
}

// render writes a page.
func (l *look) render(w io.Writer, f *frame) error {
	t, err := l.template(f.Lang, f.Template)
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(w, "page", f)
}

// template returns the template of a page in a language; it is parsed at its first use.
func (l *look) template(lang Lang, name string) (*template.Template, error) {
	key := string(lang) + "/" + name
	if t, found := l.parsed.Load(key); found {
		return t.(*template.Template), nil //nolint:errcheck,forcetypeassert // nothing else is stored
	}
	page, found := l.pages[name]
	if !found {
		return nil, fmt.Errorf("office: no template %s", name)
	}
	t := template.New("office").Funcs(l.functions(lang))
	for _, s := range append(slices.Clip(l.parts), page) {
		if _, err := t.New(s.name).Parse(s.text); err != nil {
			return nil, fmt.Errorf("office: %w", err)
		}
	}
	l.parsed.Store(key, t)
	return t, nil
}

// loadAssets returns the handler of style sheet and script. Their URLs have a digest of what
// is in them, so browsers keep them for good.
func (l *look) loadAssets() http.Handler {
	content := map[string][]byte{}
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // they are part of the program
	}
	for _, e := range entries {
		text, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		digest := sha256.Sum256(text)
		ext := path.Ext(e.Name())
		name := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(digest[:6]) + ext
		l.names[e.Name()] = l.root + "/assets/" + name
		content[name] = text
	}
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.URL.Path)
		text, found := content[name]
		if !found {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", types[path.Ext(name)])
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(text)
	})
}
