package interop

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

// maxAtOnce is how many calls of an API a page makes at the same time.
const maxAtOnce = 8

// namesOf returns the names of the things with those ids below a path of the API, such as
// /tenants, each read
// once. Those that the caller may not see have none.
func namesOf(v *office.Visit, path string, ids ...string) (map[string]string, error) {
	ids = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(id string) bool { return id == "" })
	read := make([]struct {
		Name string `json:"name"`
	}, len(ids))
	group := errgroup.Group{}
	group.SetLimit(maxAtOnce)
	for i, id := range ids {
		group.Go(func() error {
			err := v.API(product).Get(path+"/"+url.PathEscape(id), nil, &read[i])
			if refusal, refused := errors.AsType[*office.Refusal](err); refused && isHidden(refusal) {
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	found := make(map[string]string, len(ids))
	for i, id := range ids {
		if read[i].Name != "" {
			found[id] = read[i].Name
		}
	}
	return found, nil
}

// isHidden reports whether the API says that a thing is not there, or not for the caller.
func isHidden(r *office.Refusal) bool {
	return r.Status == http.StatusForbidden || r.Status == http.StatusNotFound || r.Status == http.StatusBadRequest
}

// nameOr returns the name of a thing, or the beginning of its id where it has none.
func nameOr(all map[string]string, id string) string {
	if name := all[id]; name != "" {
		return name
	}
	return id[:min(8, len(id))] + "…"
}

// namesIn returns the names of the first things of a list of the API.
func namesIn(v *office.Visit, path string, query url.Values) (map[string]string, error) {
	var page struct {
		Results []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"results"`
	}
	query.Set("offset", "0")
	query.Set("limit", "50")
	err := v.API(product).Get(path, query, &page)
	found := make(map[string]string, len(page.Results))
	for _, one := range page.Results {
		found[one.ID] = one.Name
	}
	return found, err
}

// addNames adds the names that are not known yet.
func addNames(v *office.Visit, path string, known map[string]string, ids []string) error {
	more, err := namesOf(v, path, slices.DeleteFunc(ids, func(id string) bool { return known[id] != "" })...)
	maps.Copy(known, more)
	return err
}
