package api_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

func jsonText(text string) (string, error) {
	quoted, err := json.Marshal(text)
	return string(quoted), err
}

// TestWholeNumbers writes whole numbers in every notation of JSON, and numbers that
// are not whole or too large.
func TestWholeNumbers(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{enter(product)})
	for sent, want := range map[string]string{
		"5": "5", "5.0": "5", "5e0": "5", "5E+0": "5", "0.05e2": "5", "500e-2": "5", "-5.00": "-5", "50.0e-1": "5",
		"1e3": "1000", "0e999999999": "0", "-0.0": "0", "0.000e-99999999999999999999": "0", "2147483647.0": "2147483647",
		"5" + strings.Repeat("0", 400) + "e-400": "5", strings.Repeat("9", 100000): "",
		"5.5": "", "5e-1": "", "1e400": "", "-1e400": "",
		"1e999999999": "", "1e-999999999": "", "1e99999999999999999999": "",
		"2147483648.0": "", "9007199254740993.5": "", "1e19": "", "5." + strings.Repeat("0", 20) + "1": "",
	} {
		res := w.Call(t, me, "PUT", "/entries/"+small, `{"count":`+sent+`,"counts":[7.0,`+sent+`]}`)
		switch {
		case want == "" && (res.Status != 400 || strings.Contains(res.Raw, "float64") || strings.Contains(res.Raw, "int32")):
			t.Errorf("%.40s = %d %s, want a refusal", sent, res.Status, res.Raw)
		case want == "0" && res.Status == 200: // is left out of the answer
		case want != "" && (res.Status != 200 || !strings.Contains(res.Raw, `{"count":`+want+`,"counts":[7,`+want+`]}`)):
			t.Errorf("%.40s = %d %s, want %s", sent, res.Status, res.Raw, want)
		}
	}
	for _, huge := range []string{"1e400", "-1e400", "1e999999999"} {
		if res := w.Call(t, me, "PUT", "/entries/"+small, `{"scale":`+huge+`}`); res.Status != 400 || strings.Contains(res.Raw, "float64") {
			t.Errorf("a scale of %s = %d %s", huge, res.Status, res.Raw)
		}
		if res := w.Call(t, me, "PUT", "/entries/"+small, `{"other":[`+huge+`],"count":1}`); res.Status != 200 {
			t.Errorf("a member that is not looked at of %s = %d %s", huge, res.Status, res.Raw)
		}
	}
	if res := w.Call(t, me, "PUT", "/entries/"+small, `{"count":9007199254740993.0,"counts":[9007199254740993.0]}`); res.Status != 400 {
		t.Errorf("a number beyond its field = %d", res.Status)
	}
	if res := w.Call(t, me, "PUT", "/entries/"+small, `{"counts":[9007199254740993.0]}`); !strings.Contains(res.Raw, "[9007199254740993]") {
		t.Errorf("a number of 16 digits lost some: %s", res.Raw)
	}
}

// TestWholeNumbersAreExact compares with unbounded arithmetic.
func TestWholeNumbersAreExact(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, []api.Op{enter(product)})
	rapid.Check(t, func(rt *rapid.T) {
		sent := rapid.StringMatching(`-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,2})?`).Draw(rt, "number")
		exact, _ := new(big.Rat).SetString(sent)
		res := w.Call(t, me, "PUT", "/entries/"+small, `{"counts":[`+sent+`]}`)
		fits := exact.IsInt() && exact.Num().IsInt64()
		if res.Status == 200 != fits || fits && !strings.Contains(res.Raw, "["+exact.Num().String()+"]") {
			rt.Fatalf("%s = %d %s, want %v", sent, res.Status, res.Raw, exact)
		}
	})
}

// TestNumbersInQueries checks that a product with numbers takes them in any notation, and
// others only in digits.
func TestNumbersInQueries(t *testing.T) {
	t.Parallel()
	digits := apitest.New(nil, []api.Op{filter(&api.Product{Product: problemtest.Product, Scheme: api.Bearer})})
	numbers := apitest.New(nil, []api.Op{filter(&api.Product{Product: problemtest.Product, Scheme: api.Bearer, Numbers: true})})
	for sent, want := range map[string]int{
		"20": 200, "20.0": 200, "2e1": 200, "2E%2B1": 200, "200e-1": 200,
		"20.5": 400, "1e400": 400, "1e999999999": 400, "%2B20": 400, "020": 400,
		"20.": 400, ".2e2": 400, "0x14": 400, "": 400, "51.0": 400, "0.0": 400,
		"20&limit=20": 400, "20.0&limit=20": 400, "2e1%20": 400, "NaN": 400, "Infinity": 400,
	} {
		if res := numbers.Call(t, me, "GET", "/things?limit="+sent, ""); res.Status != want || want == 200 && res.Body["limit"] != 20.0 {
			t.Errorf("limit=%s = %d %s", sent, res.Status, res.Raw)
		}
		if res := digits.Call(t, me, "GET", "/things?limit="+sent, ""); (res.Status == 200) != (sent == "20") {
			t.Errorf("limit=%s without Numbers = %d %s", sent, res.Status, res.Raw)
		}
	}
}
