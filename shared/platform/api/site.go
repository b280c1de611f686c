package api

import "net/http"

// Site is a web site that a function serves: all of its paths, for people instead of clients.
type Site struct {
	ID       string
	Settings []string // the environment variables that it reads
	Needs    []Need
	// Open returns what serves the site. A page that it serves has the header
	// x-correlation-id, which is logged.
	Open func(Deps) (http.Handler, error)
	// First is the path of a page that everybody can see. It is rendered once before the first
	// request, where the CPU is free.
	First string
}

// Start opens the site. It sees the settings that it names, no others.
func (s Site) Start(deps Deps) (http.Handler, error) {
	deps.Setting = only(s.Settings, deps.Setting)
	return s.Open(deps)
}
