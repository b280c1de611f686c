package office

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// List is which part of a list a page shows, and in which order. Both are in the page's URL.
type List struct {
	Offset, Limit, Total int64
	Sort                 string // a column, with - in front for descending; "" for the API's order
	Sorts                bool   // whether the API sorts the whole list, and not the page what it shows

	path  string
	query url.Values
}

// List reads offset and sort from the query; limit is how many entries a page has.
func (v *Visit) List(limit int64) *List {
	l := &List{Limit: limit, Sort: v.Query("sort"), path: v.office.Prefix + v.Request.URL.Path, query: v.Request.URL.Query()}
	if n, err := strconv.ParseInt(v.Query("offset"), 10, 64); err == nil && n > 0 {
		l.Offset = n
	}
	return l
}

// Range returns the parameters offset and limit of the APIs.
func (l *List) Range() url.Values {
	return url.Values{"offset": {strconv.FormatInt(l.Offset, 10)}, "limit": {strconv.FormatInt(l.Limit, 10)}}
}

func (l *List) link(name, value string) string {
	q := url.Values{}
	maps.Copy(q, l.query)
	if name == "sort" {
		q.Del("offset")
	}
	q.Set(name, value)
	if value == "" || value == "0" {
		q.Del(name)
	}
	if len(q) == 0 {
		return l.path
	}
	return l.path + "?" + q.Encode()
}

// First and Last are the numbers of the entries that are shown, counted from 1.
func (l *List) First() int64 { return min(l.Offset+1, l.Total) }

// Last is the number of the last entry that is shown.
func (l *List) Last() int64 { return min(l.Offset+l.Limit, l.Total) }

// Previous returns the URL of the page before, "" for none.
func (l *List) Previous() string {
	if l.Offset == 0 {
		return ""
	}
	return l.link("offset", strconv.FormatInt(max(0, l.Offset-l.Limit), 10))
}

// Next returns the URL of the page after, "" for none.
func (l *List) Next() string {
	if l.Offset+l.Limit >= l.Total {
		return ""
	}
	return l.link("offset", strconv.FormatInt(l.Offset+l.Limit, 10))
}

// Sortable reports whether the API sorts, or the whole list is shown: the order of a part
// would mislead.
func (l *List) Sortable() bool {
	return l.Total > 1 && (l.Sorts || l.Offset == 0 && l.Total <= l.Limit)
}

// By returns the URL of the list sorted by a column, the other way round if it is already.
func (l *List) By(column string) string {
	if l.Sort == column {
		return l.link("sort", "-"+column)
	}
	return l.link("sort", column)
}

// Order returns the value of aria-sort for a column.
func (l *List) Order(column string) string {
	switch l.Sort {
	case column:
		return "ascending"
	case "-" + column:
		return "descending"
	}
	return "none"
}

// SortBy sorts rows by the column that was asked for; columns have a text to compare each.
func SortBy[T any](l *List, rows []T, columns map[string]func(T) string) {
	column, descending := strings.CutPrefix(l.Sort, "-")
	text, known := columns[column]
	if !known || !l.Sortable() {
		return
	}
	slices.SortStableFunc(rows, func(a, b T) int {
		n := strings.Compare(strings.ToLower(text(a)), strings.ToLower(text(b)))
		if descending {
			return -n
		}
		return n
	})
}
