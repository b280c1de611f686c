package dynamo_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// TestRepeatedWrite: a lone put or delete that refuses is taken for done if an
// attempt before it may have been carried out and the item is as it leaves it.
func TestRepeatedWrite(t *testing.T) {
	t.Parallel()
	refusal := func(item string) answer {
		return exception("ConditionalCheckFailedException", `,"Item":{"pk":{"S":"p"},"sk":{"S":"a"},`+item+`}`)
	}
	absent := exception("ConditionalCheckFailedException", "")
	throttled := exception("ThrottlingException", "")
	internal := answer{status: 500, body: `{}`}
	item := table.Item{
		"n":    &types.AttributeValueMemberN{Value: "1.50"},
		"set":  &types.AttributeValueMemberSS{Value: []string{"b", "a"}},
		"nums": &types.AttributeValueMemberNS{Value: []string{"10", "2e0"}},
		"bins": &types.AttributeValueMemberBS{Value: [][]byte{{2}, {1}}},
		"bin":  &types.AttributeValueMemberB{Value: []byte{1}},
		"list": &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberBOOL{Value: true}}},
		"map":  &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"x": &types.AttributeValueMemberNULL{Value: true}}},
	}
	const (
		rest   = `"bin":{"B":"AQ=="},"list":{"L":[{"BOOL":true}]},"map":{"M":{"x":{"NULL":true}}}`
		ours   = `"n":{"N":"1.5"},"set":{"SS":["a","b"]},"nums":{"NS":["2","10"]},"bins":{"BS":["AQ==","Ag=="]},` + rest
		theirs = `"n":{"N":"1.6"},"set":{"SS":["a","b"]},"nums":{"NS":["2","10"]},"bins":{"BS":["AQ==","Ag=="]},` + rest
	)
	put := table.Put("w", thing("a"), item, table.NotExists())
	remove := table.Delete("w", thing("a"), table.Exists())
	for name, c := range map[string]struct {
		step    table.Step
		answers []answer
		done    bool
	}{
		"put, answer lost, ours":        {put, []answer{lost, refusal(ours)}, true},
		"put, failed inside, ours":      {put, []answer{internal, refusal(ours)}, true},
		"put, lost, throttled, ours":    {put, []answer{lost, throttled, refusal(ours)}, true},
		"put, answer lost, theirs":      {put, []answer{lost, refusal(theirs)}, false},
		"put, answer lost, more":        {put, []answer{lost, refusal(ours + `,"more":{"N":"1"}`)}, false},
		"put, answer lost, other type":  {put, []answer{lost, refusal(`"n":{"S":"1.5"},` + rest)}, false},
		"put, throttled, ours":          {put, []answer{throttled, refusal(ours)}, false},
		"put, first attempt, ours":      {put, []answer{refusal(ours)}, false},
		"put, answer lost, absent":      {put, []answer{lost, absent}, false},
		"delete, answer lost, absent":   {remove, []answer{lost, absent}, true},
		"delete, answer lost, there":    {remove, []answer{lost, refusal(ours)}, false},
		"delete, throttled, absent":     {remove, []answer{throttled, absent}, false},
		"delete, first attempt, absent": {remove, []answer{absent}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				db, service := newService(c.answers...)
				err := db.Write(t.Context(), c.step)
				switch {
				case c.done && err != nil:
					t.Errorf("error %v, want it to be done", err)
				case !c.done && table.AsRefused(err) == nil:
					t.Errorf("error %v, want a refusal", err)
				}
				if len(service.sent) != len(c.answers) {
					t.Errorf("%d requests, want %d", len(service.sent), len(c.answers))
				}
			})
		})
	}
}

// TestRefusalCarriesTheItem: of a lone write and of a step.
func TestRefusalCarriesTheItem(t *testing.T) {
	t.Parallel()
	const item = `{"pk":{"S":"p"},"state":{"S":"ACTIVE"}}`
	for name, c := range map[string]struct {
		answer answer
		steps  []table.Step
	}{
		"lone": {
			exception("ConditionalCheckFailedException", `,"Item":`+item),
			[]table.Step{table.Delete("w", thing("a"), table.Exists())},
		},
		"step": {
			canceled("None", "ConditionalCheckFailed "+item),
			[]table.Step{table.Delete("v", thing("b")), table.Delete("w", thing("a"), table.Exists())},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, _ := newService(c.answer)
			refused := table.AsRefused(db.Write(t.Context(), c.steps...))
			if refused == nil {
				t.Fatal("not refused")
			}
			current, _ := refused.By("w")
			if s, ok := current["state"].(*types.AttributeValueMemberS); !ok || s.Value != "ACTIVE" || len(current) != 2 {
				t.Errorf("current item %v, want pk and state ACTIVE", current)
			}
		})
	}
}
