package service

import (
	"context"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"

	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// history returns a page of a service's changes, and the token of the next one,
// "" on the last page. A token is the service's id and the key of the last row, so
// that it holds whatever is added meanwhile, and for no other service.
func (s *Store) history(ctx context.Context, in *HistoryInput) ([]HistoryItem, string, error) {
	after, err := in.after()
	if err != nil {
		return nil, "", err
	}
	if _, err := s.get(ctx, in.ServiceID, access{reviewers: true, alive: true}); err != nil {
		return nil, "", err
	}
	q := table.Query{
		Table: services.Table.Name, PK: servicePK(in.ServiceID), From: historyPrefix, To: historyPrefix + last,
		Descending: in.Order == orderDescending, Consistent: true,
		Limit: in.Limit + 2, // the row of the token comes again, and one more tells whether there is a next page
	}
	switch {
	case after != "" && q.Descending:
		q.To = after
	case after != "":
		q.From = after
	}
	items, token := []HistoryItem{}, ""
	err = table.All(ctx, s.db, q, func(item table.Item) error {
		var r struct {
			row
			SK string `dynamodbav:"sk"`
		}
		if err := table.Decode(item, &r); err != nil || r.SK == after {
			return err
		}
		if len(items) == in.Limit {
			return errEnough
		}
		items, token = append(items, r.view(in.ServiceID)), base64.RawURLEncoding.EncodeToString([]byte(in.ServiceID+r.SK))
		return nil
	})
	if errors.Is(err, errEnough) {
		return items, token, nil
	}
	return items, "", err
}

// The orders of a history.
const orderDescending = "DESC"

var tokenPattern = regexp.MustCompile(`^` + historyPrefix + `[0-9TZ:.-]{24}#[12]#[0-9]{10}$`)

// after reads the token; "" when there is none.
func (in *HistoryInput) after() (string, error) {
	if in.ContinuationToken == "" {
		return "", nil
	}
	token, err := base64.RawURLEncoding.DecodeString(in.ContinuationToken)
	sk, own := strings.CutPrefix(string(token), in.ServiceID)
	if err != nil || !own || !tokenPattern.MatchString(sk) {
		p := problem.New(services.RequestInvalid, "The continuation token is not one of this API's.")
		p.Fields = []problem.Field{{Name: "query.continuationToken", Code: services.RequestInvalid.Name, Detail: "expected the continuationToken of the page before"}}
		return "", p
	}
	return sk, nil
}
