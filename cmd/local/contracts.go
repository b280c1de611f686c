package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"

	swagger "github.com/swaggo/files/v2"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/openapi"
)

// contracts mounts the OpenAPI documents, one for each product and one of all that are
// served, and the pages that show them. Their servers have relative URLs, which hold
// under whatever name the sandbox is called.
func (s *sandbox) contracts() error {
	ui, err := fs.Sub(swagger.FS, ".")
	if err != nil {
		return fmt.Errorf("docs: %w", err)
	}
	s.mux.HandleFunc("GET /openapi.json", s.contract(func() ([]byte, error) { return openapi.Together(s.products, "") }))
	for _, p := range catalog.Products() {
		document := s.contract(func() ([]byte, error) { return openapi.Document(p, "") })
		s.mux.HandleFunc("GET /openapi/"+p.Name+".json", s.products.only(p.Name, document))
		page := http.RedirectHandler("/docs/?urls.primaryName="+p.Name, http.StatusFound)
		s.mux.HandleFunc("GET /docs/"+p.Name, s.products.only(p.Name, page.ServeHTTP))
	}
	s.mux.Handle("GET /docs/", http.StripPrefix("/docs", s.products.pages(http.FileServerFS(ui))))
	s.mux.Handle("GET /docs", http.RedirectHandler("/docs/", http.StatusFound))
	return nil
}

// contract answers a document, which is made when it is first asked for.
func (s *sandbox) contract(document func() ([]byte, error)) http.HandlerFunc {
	document = sync.OnceValues(document)
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := document()
		if err != nil {
			s.log.LogAttrs(r.Context(), slog.LevelError, "openapi", slog.String("error", err.Error()))
			text(w, http.StatusInternalServerError, "The document could not be made; see the log.")
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(body)
	}
}

// pages points Swagger UI, whose files come with a Go module, at the documents.
func (p products) pages(files http.Handler) http.Handler {
	type choice struct {
		URL  string `json:"url"`
		Name string `json:"name"`
	}
	choices := make([]choice, len(p))
	for i, served := range p {
		choices[i] = choice{URL: "/openapi/" + served.Name + ".json", Name: served.Name}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/swagger-initializer.js" {
			files.ServeHTTP(w, r)
			return
		}
		urls, err := json.Marshal(choices)
		if err != nil {
			text(w, http.StatusInternalServerError, "The list of documents could not be written.")
			return
		}
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = io.WriteString(w, `window.onload = () => SwaggerUIBundle({urls: `+string(urls)+`, dom_id: "#swagger-ui", `+
			`presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset], layout: "StandaloneLayout", persistAuthorization: true});`)
	})
}
