package m2m

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

// MaxAtOnce is how many calls of an API a page makes at the same time.
const MaxAtOnce = 8

// Names returns the names of the things with those ids below a path of the API, such as
// /tenants, each read once. Those that the caller may not see have none.
func Names(v *office.Visit, path string, ids ...string) (map[string]string, error) {
	ids = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(id string) bool { return id == "" })
	read := make([]struct {
		Name string `json:"name"`
	}, len(ids))
	group := errgroup.Group{}
	group.SetLimit(MaxAtOnce)
	for i, id := range ids {
		group.Go(func() error {
			err := v.API(Product).Get(path+"/"+url.PathEscape(id), nil, &read[i])
			if refusal, refused := office.Refused(err); refused && IsHidden(refusal) {
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

// IsHidden reports whether the API says that a thing is not there, or not for the caller.
func IsHidden(r *office.Refusal) bool {
	return r.Status == http.StatusForbidden || r.Status == http.StatusNotFound || r.Status == http.StatusBadRequest
}

// IgnoreHidden returns nil for a refusal that says that a thing is not there or not for the
// caller: a page is shown without it.
func IgnoreHidden(err error) error {
	if refusal, refused := office.Refused(err); refused && IsHidden(refusal) {
		return nil
	}
	return err
}

// NameOr returns the name of a thing, or the beginning of its id where it has none.
func NameOr(all map[string]string, id string) string {
	if name := all[id]; name != "" {
		return name
	}
	return id[:min(8, len(id))] + "…"
}

// NamesIn returns the names of the first things of a list of the API.
func NamesIn(v *office.Visit, path string, query url.Values) (map[string]string, error) {
	var page struct {
		Results []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"results"`
	}
	query.Set("offset", "0")
	query.Set("limit", "50")
	err := v.API(Product).Get(path, query, &page)
	found := make(map[string]string, len(page.Results))
	for _, one := range page.Results {
		found[one.ID] = one.Name
	}
	return found, err
}

// AddNames adds the names that are not known yet.
func AddNames(v *office.Visit, path string, known map[string]string, ids []string) error {
	more, err := Names(v, path, slices.DeleteFunc(ids, func(id string) bool { return known[id] != "" })...)
	maps.Copy(known, more)
	return err
}
