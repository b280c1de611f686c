package m2m

import (
	"net/url"
	"slices"
	"strconv"

	"ciclo/shared/office"
)

// Part is a part of a list that grows at its end, newest first.
type Part[T any] struct {
	Rows   []T
	Older  int64 // how many come before, 0 for none
	Newest bool  // whether nothing comes after it
}

// ReadPart reads the last entries of a list, or those before the one with that number.
func ReadPart[T any](api *office.API, path, before string, into *Part[T]) error {
	end, err := strconv.ParseInt(before, 10, 64)
	if err != nil || end <= 0 {
		end = 0
	}
	read := func(offset, limit int64) (answer Page[T], err error) {
		query := url.Values{"offset": {strconv.FormatInt(offset, 10)}, "limit": {strconv.FormatInt(limit, 10)}}
		err = api.Get(path, query, &answer)
		return answer, err
	}
	var answer Page[T]
	into.Newest = end == 0
	if into.Newest {
		if answer, err = read(0, MaxPage); err != nil {
			return err
		}
		end = answer.Pagination.Total
	}
	first := max(0, end-MaxPage)
	if first > 0 || !into.Newest {
		if answer, err = read(first, end-first); err != nil {
			return err
		}
	}
	slices.Reverse(answer.Results)
	into.Rows, into.Older = answer.Results, first
	return nil
}
