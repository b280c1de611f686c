package main

import (
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"sync"

	"github.com/klauspost/compress/gzhttp"
	swagger "github.com/swaggo/files/v2"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/openapi"
)

// contracts mounts the OpenAPI documents, one for each product and one of all that are
// served, and the pages that show them. Their servers have relative URLs, which hold
// under whatever name the sandbox is called.
func (s *sandbox) contracts() {
	s.mux.HandleFunc("GET /openapi.json", s.contract(func() ([]byte, error) { return openapi.Together(s.products, "") }))
	for _, p := range catalog.Products() {
		document := s.contract(func() ([]byte, error) { return openapi.Document(p, "") })
		s.mux.HandleFunc("GET /openapi/"+p.Name+".json", s.products.only(p.Name, document))
		s.mux.HandleFunc("GET /docs/"+p.Name, s.products.only(p.Name, s.products.docs(p.Name)))
	}
	s.mux.Handle("GET /docs/", compressed(http.StripPrefix("/docs", http.FileServerFS(swagger.FS))))
	first := http.RedirectHandler("/docs/"+s.products[0].Name, http.StatusFound)
	s.mux.Handle("GET /docs", first)
	s.mux.Handle("GET /docs/{$}", first)
	s.mux.HandleFunc("GET /docs/docs.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = io.WriteString(w, docsScript)
	})
}

// compressed answers in gzip to those who take it. Parts of a file are as they are.
func compressed(h http.Handler) http.Handler { return gzhttp.GzipHandler(h) }

// contract answers a document, which is made when it is first asked for.
func (s *sandbox) contract(document func() ([]byte, error)) http.HandlerFunc {
	document = sync.OnceValues(document)
	return compressed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := document()
		if err != nil {
			s.log.LogAttrs(r.Context(), slog.LevelError, "openapi", slog.String("error", err.Error()))
			text(w, http.StatusInternalServerError, "The document could not be made; see the log.")
			return
		}
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(body)
	})).ServeHTTP
}

// docsPage shows a document with Swagger UI, whose files come with a Go module.
var docsPage = template.Must(template.New("docs").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API: {{.Name}} · Ciclo</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body data-document="/openapi/{{.Name}}.json">
<nav aria-label="APIs" class="swagger-ui"><div class="wrapper"><p><a href="/">Ciclo</a>
{{- range .All}} · {{if eq .Name $.Name}}<b>{{.Name}}</b>{{else}}<a href="/docs/{{.Name}}">{{.Name}}</a>{{end}}{{end -}}
</p></div></nav>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/docs.js"></script>
</body>
</html>
`))

const docsScript = `SwaggerUIBundle({url: document.body.dataset.document, dom_id: "#swagger-ui", deepLinking: true, filter: true,
  persistAuthorization: true, presets: [SwaggerUIBundle.presets.apis], docExpansion: "list"});
`

// docs answers the page of a product's API.
func (p products) docs(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = docsPage.Execute(w, map[string]any{"Name": name, "All": p}) // the reader may have left
	}
}
