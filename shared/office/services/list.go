package services

import (
	"cmp"
	"net/http"

	"ciclo/shared/office"
)

// pageSize is how many services a page of the list has.
const pageSize = 50

// columns are the orders of the API, by the columns of the list.
var columns = map[string]string{
	"name": "name", "-name": "-name", "last": "last_update", "-last": "-last_update",
}

// list shows the services of the owner: those that the filters select, in the order of a column.
func list(v *office.Visit) (*office.View, error) {
	l := v.List(pageSize)
	l.Sorts, l.Sort = true, cmp.Or(l.Sort, "-last")
	query := l.Range()
	for _, name := range []string{"name", "state", "visibility"} {
		if value := v.Query(name); value != "" {
			query.Set(name, value)
		}
	}
	query.Set("order", cmp.Or(columns[l.Sort], "created"))
	var answer struct {
		Value      []service `json:"value"`
		Pagination struct {
			Count int64 `json:"count"`
		} `json:"pagination"`
	}
	if err := v.API(product).Get(base+"/services", query, &answer); err != nil {
		return nil, err
	}
	l.Total = answer.Pagination.Count
	return &office.View{
		Template: "service-list.html", Title: office.T("Servizi", "Services"), Status: http.StatusOK,
		Data: map[string]any{
			"Services": answer.Value, "List": l, "Filters": filters(v),
			"Filtered": v.Query("name")+v.Query("state")+v.Query("visibility") != "",
		},
	}, nil
}

// filters returns the fields that select services, with what the query says.
func filters(v *office.Visit) []*office.Field {
	whichever := office.Option{Text: office.T("Qualsiasi", "Any")}
	state := &office.Field{Name: "state", Kind: "select", Label: office.T("Stato", "State"), Options: []office.Option{whichever}}
	for _, value := range []string{"draft", "submitted", "rejected", "approved", "deleted"} {
		state.Options = append(state.Options, office.Option{Value: value, Text: states[value].Text})
	}
	seen := &office.Field{Name: "visibility", Kind: "select", Label: office.T("Visibilità", "Visibility"), Options: []office.Option{whichever}}
	for _, value := range []string{"published", "unpublished"} {
		seen.Options = append(seen.Options, office.Option{Value: value, Text: visibilities[value].Text})
	}
	seen.Options = append(seen.Options, office.Option{Value: "none", Text: visibilities[""].Text})
	all := []*office.Field{{Name: "name", Kind: "search", Label: office.T("Nome", "Name")}, state, seen}
	for _, f := range all {
		f.Value = v.Query(f.Name)
	}
	return all
}
