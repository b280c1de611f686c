package auth_test

import (
	"slices"
	"strings"
	"time"
)

func timeCases() []refusal {
	at := func(d time.Duration) int64 { return start.Add(d).Unix() }
	with := func(name string, v any) string { return "Bearer " + es256(head(nil), payload(set{name: v})) }
	cases := []refusal{
		{"expired, leeway over", with("exp", at(-60*time.Second)), "expired at 2026-05-04T09:59:00Z, it is 2026-05-04T10:00:00Z"},
		{"expired, leeway over by 1 s", with("exp", at(-61*time.Second)), "expired at 2026-05-04T09:58:59Z, it is 2026-05-04T10:00:00Z"},
		{"exp negative", with("exp", -1), "expired at 1969-12-31T23:59:59Z, it is 2026-05-04T10:00:00Z"},
		{"exp missing", with("exp", absent), missing},
		{"exp is 0", with("exp", 0), missing},
		{"nbf 1 s beyond the leeway", with("nbf", at(61*time.Second)), notYet},
		{"iat 1 s beyond the leeway", with("iat", at(61*time.Second)), notYet},
		{"nbf in the year 10000", with("nbf", 253402300800), notYet},
		{"nbf beyond 64 bits", with("nbf", 1e300), badDate},
		{"iat beyond 64 bits", with("iat", 1e300), badDate},
		{"nbf negative", with("nbf", -1), badDate},
		{"exp in the year 10000", with("exp", 253402300800), badDate},
	}
	for _, name := range []string{"exp", "nbf", "iat"} {
		cases = append(cases,
			refusal{name + " is a string", with(name, "1777889700"), malformed},
			refusal{name + " is null", with(name, nil), malformed},
			refusal{name + " is an array", with(name, []int64{at(0)}), malformed},
			refusal{name + " is a bool", with(name, true), malformed},
		)
	}
	return cases
}

func claimCases() []refusal {
	with := func(name string, v any) string { return "Bearer " + es256(head(nil), payload(set{name: v})) }
	return []refusal{
		{"other iss", with("iss", "https://other.example"), "wrong issuer"},
		{"iss with a slash more", with("iss", issuer+"/"), "wrong issuer"},
		{"iss in other case", with("iss", strings.ToUpper(issuer)), "wrong issuer"},
		{"iss missing", with("iss", absent), missing},
		{"iss empty", with("iss", ""), missing},
		{"iss is an array", with("iss", []string{issuer}), malformed},
		{"ISS instead", "Bearer " + es256(head(nil), payload(set{"iss": absent, "ISS": issuer})), missing},
		{"other aud", with("aud", "https://other.example"), notHere + audience},
		{"aud as prefix", with("aud", audience+"/more"), notHere + audience},
		{"aud in a string of two", with("aud", "other "+audience), notHere + audience},
		{"aud among others only", with("aud", []string{"a", "b"}), notHere + audience},
		{"aud missing", with("aud", absent), missing},
		{"aud empty", with("aud", ""), missing},
		{"aud is an empty array", with("aud", []string{}), missing},
		{"aud is a number", with("aud", 7), missing},
		{"aud is an object", with("aud", set{audience: true}), missing},
		{"aud is null", with("aud", nil), missing},
		{"aud with a number", with("aud", []any{audience, 7}), malformed},
	}
}

func identityCases() []refusal {
	with := func(changes set) string { return "Bearer " + es256(head(nil), payload(changes)) }
	many := slices.Repeat([]string{"AAAAAAAAAA"}, 101)
	return []refusal{
		{"sub missing", with(set{"sub": absent}), noSubject},
		{"sub empty", with(set{"sub": ""}), noSubject},
		{"sub is null", with(set{"sub": nil}), noSubject},
		{"sub is a number", with(set{"sub": 1234567890}), noSubject},
		{"sub is an array", with(set{"sub": []string{tenant}}), noSubject},
		{"sub of 9", with(set{"sub": "ISSUER_-0"}), noTenants},
		{"sub of 11", with(set{"sub": "ISSUER_-011"}), noTenants},
		{"sub with a slash", with(set{"sub": "ISSUER/-01"}), noTenants},
		{"sub with a line break after", with(set{"sub": tenant + "\n"}), noSubject},
		{"sub not ASCII", with(set{"sub": "ISSUER_-0é"}), noSubject},
		{"sub with a space", with(set{"sub": "an aggregator", "issuers": "AAAAAAAAAA"}), noSubject},
		{"sub of 129", with(set{"sub": strings.Repeat("s", 129), "issuers": "AAAAAAAAAA"}), noSubject},
		{"issuers empty", with(set{"issuers": ""}), noTenants},
		{"issuers is an empty array", with(set{"issuers": []string{}}), noTenants},
		{"issuers is null", with(set{"issuers": nil}), "malformed issuers"},
		{"issuers is a number", with(set{"issuers": 1}), "malformed issuers"},
		{"issuers is an object", with(set{"issuers": set{"AAAAAAAAAA": 1}}), "malformed issuers"},
		{"issuers with a number", with(set{"issuers": []any{"AAAAAAAAAA", 1}}), "malformed issuers"},
		{"issuers with an array", with(set{"issuers": []any{[]string{"AAAAAAAAAA"}}}), "malformed issuers"},
		{"issuers, two in one element", with(set{"issuers": []string{"AAAAAAAAAA BBBBBBBBBB"}}), "malformed issuers"},
		{"issuers with a bad id", with(set{"issuers": []string{"AAAAAAAAAA", "B*BBBBBBBB"}}), noTenants},
		{"issuers, comma separated", with(set{"issuers": "AAAAAAAAAA,BBBBBBBBBB"}), noTenants},
		{"101 issuers", with(set{"issuers": many}), noTenants},
		{"scope is a number", with(set{"scope": 1}), "malformed scope"},
		{"scope is null", with(set{"scope": nil}), "malformed scope"},
		{"scope with a number", with(set{"scope": []any{1}}), "malformed scope"},
		{"scope, two in one element", with(set{"scope": []string{"a d1-api:consumer:full"}}), "malformed scope"},
		{"scope, empty element", with(set{"scope": []string{""}}), "malformed scope"},
		{"scp is an object", with(set{"scope": absent, "scp": set{"a": 1}}), "malformed scope"},
	}
}
