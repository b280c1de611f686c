package client

import (
	"testing"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/published"
)

// withForm are the actions that have a form in place of a question.
var withForm = map[string]bool{"addKey": true, "addPurpose": true, "addUser": true, "setAdmin": true}

// TestActionsHaveWords: every action that the API lists for a client has words, as
// one without is not shown, and asks before it is taken, unless it has a form.
func TestActionsHaveWords(t *testing.T) {
	t.Parallel()
	names := published.Matches(t, "../../../interop/client/actions.go", `action\w+ += "(\w+)"`)
	buttons, questions, words := map[string]office.Text{}, map[string]office.Text{}, map[string]office.Text{}
	var asked []string
	for name, a := range actions {
		buttons[name] = a.button
		if withForm[name] {
			if a.question != (office.Text{}) || a.words != (office.Text{}) {
				t.Errorf("the action %s has a form and a question", name)
			}
			continue
		}
		asked = append(asked, name)
		questions[name], words[name] = a.question, a.words
	}
	published.Check(t, "action", buttons, names)
	published.Check(t, "question of the action", questions, asked)
	published.Check(t, "consequence of the action", words, asked)
	for name := range withForm {
		if _, known := actions[name]; !known {
			t.Errorf("%s has a form and is no action", name)
		}
	}
}

// TestTablesAreClosed: the tables of words have each value that the API publishes, and no others.
func TestTablesAreClosed(t *testing.T) {
	t.Parallel()
	published.CheckOptions(t, "role", userRoles, published.Values(t, "UserSeed", "roles"))
	outcomes := map[string]office.Text{}
	for name, chip := range decisions {
		outcomes[name] = chip.Text
	}
	published.Check(t, "decision", outcomes, published.Values(t, "TokenEvent", "decision"))
}
