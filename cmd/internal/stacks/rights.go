package stacks

import (
	"maps"
	"slices"
	"strings"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// variable is an environment variable of a function.
type variable struct{ Name, Value string }

// right is a statement of a function's policy.
type right struct {
	Sid, Note string
	Actions   []string
	Resource  string
	Condition string
}

// need is what a function gets for an [api.Need]: rights and environment variables.
type need struct {
	Rights    []right
	Variables []variable
}

const (
	answers  = "{ StringEquals: { kms:EncryptionContext:subscription: integrity } }"
	vouchers = "{ StringEquals: { kms:EncryptionContext:subscription: vouchers } }"
	signing  = "{ StringEquals: { kms:SigningAlgorithm: RSASSA_PKCS1_V1_5_SHA_256, kms:MessageType: DIGEST } }"
	logos    = `!Sub "${LogoBucketArn}/services/*"`
)

var (
	sealKey    = []variable{{"SEAL_KEY_ID", "!Ref SealKeyArn"}}
	logoBucket = []variable{{"LOGO_BUCKET", "!Ref LogoBucket"}}
	signKey    = []variable{{"SIGN_JWKS", "!Ref SigningJwks"}, {"SIGN_KEY_ID", "!Ref SigningKeyArn"}}

	answersIssuer = variable{"INTEGRITY_ISSUER", "!Ref SignIssuer"}

	publicKey = right{
		Sid: "PublicKey", Note: "asked for where SIGN_JWKS is empty",
		Actions: []string{"kms:GetPublicKey"}, Resource: "!Ref SigningKeyArn",
	}
)

// needs has an entry for each [api.Need].
var needs = map[api.Need]need{
	api.NeedSeal:    {[]right{{Sid: "SealKey", Actions: []string{"kms:GenerateDataKey"}, Resource: "!Ref SealKeyArn"}}, sealKey},
	api.NeedUnseal:  {[]right{{Sid: "SealKey", Actions: []string{"kms:Decrypt"}, Resource: "!Ref SealKeyArn"}}, sealKey},
	api.NeedPutBlob: {[]right{{Sid: "Logos", Actions: []string{"s3:PutObject"}, Resource: logos}}, logoBucket},
	api.NeedGetBlob: {[]right{
		{Sid: "Logos", Actions: []string{"s3:GetObject"}, Resource: logos},
		{
			Sid: "AbsentLogos", Note: "without it S3 answers 403 instead of 404",
			Actions: []string{"s3:ListBucket"}, Resource: "!Ref LogoBucketArn",
		},
	}, logoBucket},
	api.NeedSign: {[]right{
		{Sid: "SigningKey", Actions: []string{"kms:Sign"}, Resource: "!Ref SigningKeyArn", Condition: signing},
		publicKey,
	}, signKey},
	api.NeedIntegrity: {[]right{{
		Sid: "AnswersKey", Note: "opens the key that signs answers, and no other",
		Actions: []string{"kms:Decrypt"}, Resource: "!Ref SealKeyArn", Condition: answers,
	}}, append(sealKey, answersIssuer)},
	api.NeedTokenKey: {[]right{{
		Sid: "TokenKey", Note: "opens the key that signs vouchers, and no other",
		Actions: []string{"kms:Decrypt"}, Resource: "!Ref SealKeyArn", Condition: vouchers,
	}}, sealKey},
	api.NeedDerive: {[]right{{
		Sid: "SessionKey", Actions: []string{"kms:GenerateMac"}, Resource: "!GetAtt SessionKey.Arn",
		Condition: "{ StringEquals: { kms:MacAlgorithm: HMAC_SHA_256 } }",
	}}, []variable{{"DERIVE_KEY_ID", "!GetAtt SessionKey.Arn"}}},
	api.NeedPublicKeys: {[]right{publicKey}, signKey},
}

// rights returns the rights for a function's access to tables, and the variables with the
// names of the tables.
func (f frame) rights(access []api.Access) (all []right, names []variable) {
	for _, a := range access {
		sid, resource := logicalTable(a.Table), f.value(logicalTable(a.Table)+"Arn")
		if a.Index != "" {
			sid, resource = pascal(a.Table.Name)+pascal(a.Index), `!Sub "${`+logicalTable(a.Table)+`Arn}/index/`+a.Index+`"`
		}
		actions := make([]string, len(a.Actions))
		for i, action := range a.Actions {
			actions[i] = "dynamodb:" + action
		}
		all = append(all, right{Sid: sid, Actions: actions, Resource: resource})
	}
	for _, s := range api.Schemas(access) {
		names = append(names, variable{"TABLE_" + strings.ToUpper(s.Name), "!Ref " + logicalTable(s)})
	}
	return merged(all), names
}

// merged joins rights with the same Sid and sorts their actions.
func merged(all []right) []right {
	var result []right
	at := map[string]int{}
	for _, r := range all {
		i, known := at[r.Sid]
		if !known {
			i = len(result)
			at[r.Sid] = i
			result = append(result, right{Sid: r.Sid, Note: r.Note, Resource: r.Resource, Condition: r.Condition})
		}
		result[i].Actions = append(result[i].Actions, r.Actions...)
	}
	for i, r := range result {
		slices.Sort(r.Actions)
		result[i].Actions = slices.Compact(r.Actions)
	}
	return result
}

// needed returns the rights and variables for needs.
func needed(all []api.Need) ([]right, []variable) {
	var rights []right
	values := map[string]string{}
	for _, n := range all {
		rights = append(rights, needs[n].Rights...)
		for _, v := range needs[n].Variables {
			values[v.Name] = v.Value
		}
	}
	variables := make([]variable, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		variables = append(variables, variable{name, values[name]})
	}
	return merged(rights), variables
}

// logicalTable returns the logical id of a table.
func logicalTable(s table.Schema) string { return pascal(s.Name) + "Table" }

// pascal returns a name in Pascal case: ConsumerRegisterCards for consumer/register-cards,
// RetentionMonths for RETENTION_MONTHS, ByConsumer for byConsumer.
func pascal(name string) string {
	var b strings.Builder
	upper := strings.ToUpper(name) == name
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '/' || r == '-' || r == '_' }) {
		if upper {
			word = strings.ToLower(word)
		}
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
