package m2m

import (
	"net/url"
	"strconv"

	"ciclo/shared/office"
)

// Page is a page of a list as the API answers it.
type Page[T any] struct {
	Results    []T `json:"results"`
	Pagination struct {
		Total int64 `json:"totalCount"`
	} `json:"pagination"`
}

// MaxPage is how many entries a page of a list has, the most of the API.
const MaxPage = 50

// All returns all entries of a list that is short, as the API bounds it.
func All[T any](v *office.Visit, path string) ([]T, error) {
	var all []T
	for {
		var next Page[T]
		query := url.Values{"offset": {strconv.Itoa(len(all))}, "limit": {strconv.Itoa(MaxPage)}}
		if err := v.API(Product).Get(path, query, &next); err != nil {
			return nil, err
		}
		all = append(all, next.Results...)
		if len(next.Results) == 0 || int64(len(all)) >= next.Pagination.Total {
			return all, nil
		}
	}
}
