package stacks

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// root is template.yaml, the hand-written template that deploys the others. The parameters of
// the others have the types and limits of its parameters.
type root struct {
	repository fs.FS
	document   yaml.Node
}

const rootTemplate = "template.yaml"

func readRoot(repository fs.FS) (root, error) {
	r := root{repository: repository}
	text, err := fs.ReadFile(repository, rootTemplate)
	if err == nil {
		err = yaml.Unmarshal(text, &r.document)
	}
	return r, err
}

// passed returns the values that the root passes to the stack of a template, by parameter.
func (r root) passed(template string) map[string]*yaml.Node {
	resources := child(&r.document, "Resources")
	given := map[string]*yaml.Node{}
	for _, name := range keys(resources) {
		properties := child(resources, name, "Properties")
		if child(properties, "Location").Value != template {
			continue
		}
		parameters := child(properties, "Parameters")
		for _, parameter := range keys(parameters) {
			given[parameter] = child(parameters, parameter)
		}
	}
	return given
}

// longest returns the greatest lengths of the values of parameters that have a limit.
func (r root) longest() (map[string]int, error) {
	all := map[string]int{"SignIssuer": 80} // VoucherIssuer and TokenIssuer, or what API Gateway calls an API
	parameters := child(&r.document, "Parameters")
	for _, name := range keys(parameters) {
		declared := child(parameters, name)
		n := len(child(declared, "MaxValue").Value)
		for _, value := range child(declared, "AllowedValues").Content {
			n = max(n, len(value.Value))
		}
		if text := child(declared, "MaxLength").Value; text != "" {
			var err error
			if n, err = strconv.Atoi(text); err != nil {
				return nil, fmt.Errorf("%s: MaxLength of %s: %w", rootTemplate, name, err)
			}
		}
		if n > 0 {
			all[name] = n
		}
	}
	return all, nil
}

// described has the descriptions of parameters that the root does not have, or that are
// never empty once the root has chosen a value.
var described = map[string]string{
	"FunctionLogs":       "Log group of all functions.",
	"ApiServerErrors":    "Alarm of the API that rolls a new version back.",
	"SignIssuer":         "URL of this API as its clients know it, which is the issuer of tokens; empty for its own.",
	"WebAclArn":          "Web ACL of this API, or empty.",
	"Stage":              "prod or another.",
	"Audience":           "Audience (aud) an access token must be for.",
	"IssuerUrl":          "Issuer (iss) of the accepted access tokens.",
	"ClaimPrefix":        "What the names of claims that say who is calling may begin with, or empty.",
	"SigningKeyArn":      "KMS key that signs tokens.",
	"SigningRevision":    "Short name of SigningJwks or, without them, of the key.",
	"OperationsTable":    "Table of operations.",
	"SealKeyArn":         "Key that wraps the data keys of secrets.",
	"LogoBucket":         "Bucket of logos.",
	"OperationsTableArn": "Its ARN.",
	"PurgeDeadLetters":   "Queue of purge runs that were not started or failed.",
	"ConsumersUrl":       "URL of the API of consumers, empty without that product.",
	"InteropUrl":         "URL of the API of interop, empty without that product.",
	"ServicesUrl":        "URL of the API of services, empty without that product.",
	"OfficeClientId":     "Client of the issuer in whose name people sign in.",
}

// prefix declares the parameter that every template has.
const prefix = `  Prefix:
    Type: String
    MaxLength: 20 # a function's name has room for 64 characters, 43 of them for its id
    Description: Name of the whole deployment; every function is called <Prefix>-<resource>-<operation>.
`

// parameter is the declaration of a parameter.
type parameter struct {
	Name    string
	Type    string
	Empty   bool   // it may be empty, which is its default
	Length  string // its MaxLength
	Hidden  bool   // it is a secret
	Meaning string
}

func (p parameter) String() string {
	if p.Name == "Prefix" {
		return prefix
	}
	text := "  " + p.Name + ": { Type: " + p.Type
	if p.Empty {
		text += `, Default: ""`
	}
	if p.Length != "" {
		text += ", MaxLength: " + p.Length
	}
	if p.Hidden {
		text += ", NoEcho: true"
	}
	return text + ", Description: " + strconv.Quote(p.Meaning) + " }\n"
}

// declare returns the declaration of a parameter. Type and limit are those of the root's
// parameter that is passed for it, or that has the same name.
func (r root) declare(name string, given *yaml.Node) (parameter, error) {
	p := parameter{Name: name, Type: "String"}
	source := name
	if given != nil && given.Tag == "!Ref" {
		source = given.Value
	}
	if declared := child(&r.document, "Parameters", source); len(declared.Content) > 0 {
		p.Type, p.Length, p.Meaning = child(declared, "Type").Value, child(declared, "MaxLength").Value, child(declared, "Description").Value
		p.Hidden = child(declared, "NoEcho").Value == "true"
		unset := child(declared, "Default")
		p.Empty = given != nil && given.Tag == "!Ref" && unset.Tag != "" && unset.Value == ""
	}
	if text, ok := described[name]; ok {
		p.Meaning = text
	}
	p.Empty = p.Empty || given != nil && comesToNothing(given)
	table, isTable := strings.CutSuffix(name, "Table")
	switch {
	case p.Meaning != "" || name == "Prefix":
	case isTable:
		p.Meaning = "Table of " + strings.ToLower(table) + "."
	case strings.HasSuffix(name, "StreamArn"):
		p.Meaning = "The ARN of its stream."
	case strings.HasSuffix(name, "Arn"):
		p.Meaning = "Its ARN."
	default:
		return p, fmt.Errorf("a template refers to %s, which is neither a resource, nor a parameter of %s, nor described in cmd/internal/stacks",
			name, rootTemplate)
	}
	return p, nil
}

// comesToNothing reports whether a value is empty when none of its conditions holds.
func comesToNothing(value *yaml.Node) bool {
	for value.Kind == yaml.SequenceNode {
		value = value.Content[len(value.Content)-1]
	}
	return value.Kind == yaml.ScalarNode && value.Tag == "!!str" && value.Value == ""
}
