package service

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"ciclo/shared/platform/form"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// errPageFull ends a query when the page is complete.
var errPageFull = errors.New("the page is full")

// history returns a page of the changes of a service and the token of the next page, "" on
// the last one. A token has the id of the service and the key of the last row of its page.
// So it stays valid when changes are added, and is not valid for another service.
func (s *Store) history(ctx context.Context, in *HistoryInput) ([]HistoryItem, string, error) {
	after, err := in.after()
	if err != nil {
		return nil, "", err
	}
	if _, err := s.get(ctx, in.ServiceID, access{reviewers: true, hideDeleted: true}); err != nil {
		return nil, "", err
	}
	q := table.Query{
		Table: services.Table.Name, PK: servicePK(in.ServiceID), From: historyPrefix, To: historyPrefix + last,
		Descending: in.Order == orderDescending, Consistent: true,
		Limit: in.Limit + 2, // the row of the token again, and the first row of the next page
	}
	switch {
	case after != "" && q.Descending:
		q.To = after
	case after != "":
		q.From = after
	}
	items := []HistoryItem{}
	token := ""
	err = table.All(ctx, s.db, q, func(item table.Item) error {
		var r struct {
			row
			SK string `dynamodbav:"sk"`
		}
		if err := table.Decode(item, &r); err != nil || r.SK == after {
			return err
		}
		if len(items) == in.Limit {
			return errPageFull
		}
		items = append(items, r.view(in.ServiceID))
		token = base64.RawURLEncoding.EncodeToString([]byte(in.ServiceID + r.SK))
		return nil
	})
	if errors.Is(err, errPageFull) {
		return items, token, nil
	}
	return items, "", err
}

// orderDescending asks for the newest change first.
const orderDescending = "DESC"

// isHistoryKey reports whether a text is the sort key of a row, without the service's id.
func isHistoryKey(text string) bool {
	parts := strings.Split(strings.TrimPrefix(text, historyPrefix), "#")
	return strings.HasPrefix(text, historyPrefix) && len(parts) == 3 && form.Is(parts[0], 24, 24, form.Digits+"TZ:.-") &&
		form.Is(parts[1], 1, 1, "12") && form.Is(parts[2], 10, 10, form.Digits)
}

// after returns the sort key of the row after which the page begins, "" for the first page.
func (in *HistoryInput) after() (string, error) {
	if in.ContinuationToken == "" {
		return "", nil
	}
	token, err := base64.RawURLEncoding.DecodeString(in.ContinuationToken)
	sk, own := strings.CutPrefix(string(token), in.ServiceID)
	if err != nil || !own || !isHistoryKey(sk) {
		p := problem.New(services.RequestInvalid, "The continuation token was not issued by this API for this service.")
		p.Fields = []problem.Field{{
			Name: "query.continuationToken", Code: services.RequestInvalid.Name, Detail: "expected the continuationToken of the page before",
		}}
		return "", p
	}
	return sk, nil
}
