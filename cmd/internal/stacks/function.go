package stacks

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
)

// skipBuild keeps sam build from a function that make builds.
const skipBuild = "{ SkipBuild: true }"

// function is a Lambda function as the layout needs it, with its rights and its alarm.
type function struct {
	ID, LogicalID, Name string
	Comment             []string
	Metadata            string
	Description         string
	CodeURI             string
	Version             string // its VersionDescription
	Alarms              string // that roll a new version back
	OfProduct           bool   // false for the platform's
	Protected           bool   // has reserved concurrency
	Properties          string
	Variables           []variable
	Rights              []right
}

// frame is the context of a template: where it is, and what its parameters are.
type frame struct {
	file    string
	product string            // "" for the platform
	stack   string            // "" for the product's own
	longest map[string]int    // greatest lengths of parameters
	values  map[string]string // expressions by parameter, for values that the template computes itself
}

// operation returns the function of an operation.
func (f frame) operation(artifact string, s api.Spec) (function, error) {
	fn, err := f.function(artifact, s.ID, s.Access, s.AllNeeds(), s.Settings)
	if err != nil {
		return fn, err
	}
	fn.Comment = []string{"# " + s.Method + " " + s.Path}
	if fn.Description, err = encode(&yaml.Node{Kind: yaml.ScalarNode, Value: s.Summary}); err != nil {
		return fn, err
	}
	fn.Protected = s.Token
	fn.Properties = sizes(s.Memory, s.Timeout)
	fn.Version, err = f.version(s)
	return fn, err
}

// sizes returns the properties MemorySize and Timeout where they are not the defaults.
func sizes(memory int, timeout time.Duration) string {
	var properties []string
	if memory != 0 {
		properties = append(properties, fmt.Sprintf("MemorySize: %d", memory))
	}
	if timeout != 0 {
		properties = append(properties, fmt.Sprintf("Timeout: %d", int(timeout.Seconds())))
	}
	return strings.Join(properties, "\n")
}

// other returns the function of a worker, job or authorizer.
func (f frame) other(artifact string, o catalog.Other, by ownFunction) (function, error) {
	all := slices.Clone(o.Needs)
	for _, n := range by.Needs {
		all = append(all, api.Need(n))
	}
	fn, err := f.function(artifact, o.ID, o.Access, all, slices.Concat(o.Settings, by.Settings))
	if err != nil {
		return fn, err
	}
	fn.Comment = by.Comment
	fn.Metadata = by.Metadata
	fn.Description = by.Description
	fn.Version = by.Version
	fn.Properties = by.Properties
	fn.Variables = append(fn.Variables, by.Variables...)
	fn.Protected = o.Kind == "Authorizer"
	// A worker without a queue does what may be left undone.
	if queue := queueOf(path.Base(o.ID)); o.Kind == "Worker" && strings.Contains(by.Properties, queue) {
		fn.Variables = append(fn.Variables, variable{api.DeadLettersVariable, "!Ref " + queue})
		fn.Rights = append(fn.Rights, right{Sid: "DeadLetters", Actions: []string{"sqs:SendMessage"}, Resource: "!GetAtt " + queue + ".Arn"})
	}
	if fn.Version == "" {
		fn.Version, err = f.version(api.Spec{ID: o.ID, Settings: by.Settings})
	}
	return fn, err
}

// queueOf returns the logical id of the queue of dead letters with a name.
func queueOf(name string) string { return pascal(name) + "DeadLetters" }

// counts gives a function the URL of a queue of dead letters, and the right to count its
// messages. A queue of another stack is a parameter.
func (fn *function) counts(name string, o own) {
	queue := queueOf(name)
	arn := "!Ref " + queue + "Arn"
	if strings.Contains("\n"+o.Resources, "\n  "+queue+":\n") {
		arn = "!GetAtt " + queue + ".Arn"
	}
	fn.Variables = append(fn.Variables, variable{api.QueueVariable(name), "!Ref " + queue})
	fn.Rights = append(fn.Rights, right{Sid: queue, Actions: []string{"sqs:GetQueueAttributes"}, Resource: arn})
}

func (f frame) function(artifact, id string, access []api.Access, all []api.Need, settings []string) (function, error) {
	fn := function{
		ID: id, LogicalID: pascal(id), Name: strings.ReplaceAll(id, "/", "-"), Metadata: skipBuild, OfProduct: f.product != "",
		CodeURI: strings.Repeat("../", strings.Count(f.file, "/")) + ".build/" + artifact + "/",
	}
	fn.Alarms = "[!Ref " + fn.LogicalID + "Failures]"
	if fn.OfProduct {
		fn.Alarms = "!If [IsProduction, [!Ref ApiServerErrors, !Ref " + fn.LogicalID + "Failures], [!Ref ApiServerErrors]]"
	}
	ofTables, tables := f.rights(access)
	ofNeeds, variables := needed(all)
	for _, n := range all {
		if _, known := needs[n]; !known {
			return fn, fmt.Errorf("%s needs %q, for which there are no rights", id, n)
		}
	}
	fn.Variables = tables
	for _, s := range settings {
		fn.Variables = append(fn.Variables, variable{s, f.value(pascal(s))})
	}
	fn.Variables = append(fn.Variables, variables...)
	fn.Rights = slices.Concat(ofTables, ofNeeds)
	return fn, nil
}

// derived has the settings, by the parameters that they would be, whose values follow from
// another parameter.
var derived = map[string]struct{ from, suffix string }{
	// The audience of access tokens for the API is below the issuer, where no producer may have one.
	"SignAudience": {"SignIssuer", "/m2m"},
}

// value returns the expression for the value of a parameter.
func (f frame) value(parameter string) string {
	if v, ok := f.values[parameter]; ok {
		return v
	}
	d, ok := derived[parameter]
	if !ok {
		return "!Ref " + parameter
	}
	if from, ok := f.values[d.from]; ok {
		return fmt.Sprintf("!Join [%q, [%s, %q]]", "", from, d.suffix)
	}
	return fmt.Sprintf("!Sub %q", "${"+d.from+"}"+d.suffix)
}

// maxVersion is the greatest length of a VersionDescription.
const maxVersion = 256

// shorter has the short forms of parameters for descriptions that would be too long: a URL
// without https://, the first label of a host, and the beginning of a word.
var shorter = map[string]struct {
	name, expression string
	length           func(int) int
}{
	"SignIssuer":       {"Issuer", `!Select [1, !Split ["//", !Sub "${SignIssuer}//"]]`, func(n int) int { return n - len("https://") }},
	"DynamoDBEndpoint": {"Endpoint", `!Select [0, !Split [".", !Ref DynamoDBEndpoint]]`, func(int) int { return maxLabel }},
	"VoucherErrors":    {"Errors", `!Select [0, !Split ["xplained", !Ref VoucherErrors]]`, func(int) int { return len("generic") }},
	"VoucherKey":       {"Key", `!Select [0, !Split ["ealed", !Ref VoucherKey]]`, func(int) int { return len("kms") }},
}

// maxLabel is the length of https:// and of the longest first label of DynamoDBEndpoint.
const maxLabel = 47

// version returns the VersionDescription of a function. It must name every parameter that the
// function depends on: SAM publishes no new version for a parameter that it does not name, so
// the alias would keep the old value (TestVersions).
func (f frame) version(s api.Spec) (string, error) {
	parameters := []string{"LogLevel", "DynamoDBEndpoint"}
	for _, setting := range s.Settings {
		p := pascal(setting)
		p = cmp.Or(derived[p].from, p)
		if !slices.Contains(parameters, p) {
			parameters = append(parameters, p)
		}
	}
	if slices.Contains(s.AllNeeds(), api.NeedIntegrity) && !slices.Contains(parameters, "SignIssuer") {
		parameters = append(parameters, "SignIssuer") // INTEGRITY_ISSUER
	}
	if slices.Contains(s.Needs, api.NeedSign) || slices.Contains(s.Needs, api.NeedPublicKeys) {
		parameters = append(parameters, "SigningRevision")
	}
	length, short := -1, -1
	words, shortWords, meanings := []string{}, []string{}, []string{}
	for _, p := range parameters {
		n, known := f.longest[p]
		if !known {
			return "", fmt.Errorf("%s: the parameter %s has no MaxLength, so a version's description may have no room for it", s.ID, p)
		}
		words = append(words, "${"+p+"}")
		length += 1 + n
		if by, ok := shorter[p]; ok {
			p, n = by.name, by.length(n)
			meanings = append(meanings, "    "+by.name+": "+by.expression)
		}
		shortWords = append(shortWords, "${"+p+"}")
		short += 1 + n
	}
	if length <= maxVersion {
		return "VersionDescription: !Sub " + strings.Join(words, " "), nil
	}
	if short > maxVersion {
		return "", fmt.Errorf("%s: the description of a version may become %d characters long, there is room for %d", s.ID, short, maxVersion)
	}
	slices.Sort(meanings)
	meanings[0] = "  - " + strings.TrimSpace(meanings[0])
	return fmt.Sprintf("VersionDescription: !Sub # %d characters, so there is no room for all of an address\n  - %s\n%s",
		maxVersion, strings.Join(shortWords, " "), strings.Join(meanings, "\n")), nil
}
