package api

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"ciclo/shared/platform/problem"
)

// Costs of making one path of another, segment by segment.
const (
	costMethod    = 10  // the path does not have the method
	costParameter = 10  // a value in the place of a parameter
	costNothing   = 15  // an empty segment in the place of a parameter
	costSlash     = 10  // an empty segment too many
	costSegment   = 60  // another segment too many, or one too few
	costLetters   = 100 // for segments that have no letter in common, in proportion for others
)

// Only the beginning of a longer path is compared, which bounds the cost of a search.
const (
	maxCompared = 512
	maxSegments = 16
)

// unknown stands for the operation of a path that has none: it has the product
// alone that the path looks like. That is the one with the longest Base that the path
// is below, or else the one that has the nearest path.
func (h *Handler) unknown(r *http.Request) Spec {
	var best *Product
	for _, p := range h.products {
		if p.Base != "" && p.Has(r.URL.Path) && (best == nil || len(p.Base) > len(best.Base)) {
			best = p
		}
	}
	if best == nil {
		near, _ := h.nearest(r)
		best = near.Product
	}
	return Spec{Product: best}
}

// unrouted answers a path or a method that no operation has; spec is what [Handler.unknown]
// returned.
func (h *Handler) unrouted(w http.ResponseWriter, r *http.Request, spec Spec) {
	var allowed []string
	candidates := h.candidates(r)
	for _, m := range allMethods {
		if other, ok := candidates[m]; ok {
			spec.Product = other.Product
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		h.write(w, r, spec, problem.New(spec.Product.NoRoute, "No operation has this path. %s", h.hint(r)))
		return
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	h.write(w, r, spec, problem.New(spec.Product.NoMethod, "This path answers %s.", strings.Join(allowed, ", ")))
}

// nearest returns the operation whose path is nearest to that of an unrouted request, and
// the methods of that path.
func (h *Handler) nearest(r *http.Request) (best Spec, methods []string) {
	sent := strings.Split(r.URL.Path[:min(len(r.URL.Path), maxCompared)], "/")
	sent = sent[:min(len(sent), maxSegments)]
	byPath := map[string][]Spec{}
	for _, spec := range h.specs {
		byPath[spec.Path] = append(byPath[spec.Path], spec)
	}
	least := -1
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		d := distance(strings.Split(path, "/"), sent)
		if !slices.ContainsFunc(byPath[path], func(s Spec) bool { return s.Method == r.Method }) {
			d += costMethod
		}
		if least < 0 || d < least {
			least = d
			best = byPath[path][0]
		}
	}
	for _, spec := range byPath[best.Path] {
		methods = append(methods, spec.Method)
	}
	slices.Sort(methods)
	return best, methods
}

// hint suggests which path the client of an unrouted request may have meant.
func (h *Handler) hint(r *http.Request) string {
	var parts []string
	if strings.Contains(r.URL.Path, "//") {
		parts = append(parts, "It has an empty segment, as where an id is missing.")
	}
	near, methods := h.nearest(r)
	parts = append(parts, fmt.Sprintf("The nearest path is %s (%s).", near.Path, strings.Join(methods, ", ")))
	if h.deps.Docs != "" {
		parts = append(parts, "All paths are described at "+h.deps.Docs+".")
	}
	return strings.Join(parts, " ")
}

// distance is the least cost of making the segments sent those of a template.
func distance(template, sent []string) int {
	row := make([]int, len(sent)+1)
	for j, segment := range sent {
		row[j+1] = row[j] + leavingOut(segment)
	}
	for _, wanted := range template {
		diagonal := row[0]
		row[0] += costSegment
		for j, segment := range sent {
			cost := min(diagonal+replacing(wanted, segment), row[j]+leavingOut(segment), row[j+1]+costSegment)
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(sent)]
}

func leavingOut(segment string) int {
	if segment == "" {
		return costSlash
	}
	return costSegment
}

// replacing is the cost of a segment in the place of one of a template.
func replacing(wanted, segment string) int {
	switch {
	case wanted == segment:
		return 0
	case strings.HasPrefix(wanted, "{") && segment == "":
		return costNothing
	case strings.HasPrefix(wanted, "{"):
		return costParameter
	}
	longest := max(len(wanted), len(segment))
	return 1 + costLetters*edits(strings.ToLower(wanted), strings.ToLower(segment))/longest
}

// edits is how many letters have to be put in, left out or replaced to make one text
// of another (Levenshtein).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			cost = min(cost, row[j]+1, row[j+1]+1)
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
