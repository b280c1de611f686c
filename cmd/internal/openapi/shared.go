package openapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const responsesAt = "#/components/responses/"

// shareResponses puts the answer that most operations have with a status among the
// components, for every status with which several operations have the same answer.
func shareResponses(paths object) (object, error) {
	uses := map[string]map[string]int{} // by status, then by text
	err := eachResponse(paths, func(_ object, status, text string) {
		if uses[status] == nil {
			uses[status] = map[string]int{}
		}
		uses[status][text]++
	})
	if err != nil {
		return nil, err
	}
	shared := object{}
	err = eachResponse(paths, func(responses object, status, text string) {
		code, err := strconv.Atoi(status)
		if err != nil || code < http.StatusBadRequest || uses[status][text] < 2 || text != mostUsed(uses[status]) {
			return
		}
		name := strings.ReplaceAll(http.StatusText(code), " ", "")
		shared[name] = responses[status]
		responses[status] = object{"$ref": responsesAt + name}
	})
	return shared, err
}

// mostUsed returns the text with the greatest count; of several, the first in order.
func mostUsed(counts map[string]int) string {
	var best string
	for text, n := range counts {
		if n > counts[best] || n == counts[best] && text < best {
			best = text
		}
	}
	return best
}

// eachResponse calls do for each answer of each operation, with its text.
func eachResponse(paths object, do func(responses object, status, text string)) error {
	for path := range paths {
		for method := range in(paths, path) {
			responses := in(paths, path, method, "responses")
			for _, status := range slices.Collect(maps.Keys(responses)) {
				text, err := json.Marshal(responses[status])
				if err != nil {
					return err
				}
				do(responses, status, string(text))
			}
		}
	}
	return nil
}
