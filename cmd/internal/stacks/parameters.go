package stacks

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// root is the template that deploys the others, which is written by hand. It says what a
// deployment chooses: parameters of other templates have their types and limits from it.
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

// passed returns what the root gives to the stack of a template, by parameter.
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

// longest returns the greatest lengths that parameters may have.
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

// described are the parameters that no parameter of the root stands for, and those that mean
// something else where the root has decided.
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
}

// prefix is a parameter of every template.
const prefix = `  Prefix:
    Type: String
    MaxLength: 20 # a function's name has room for 64 characters, 43 of them for its id
    Description: Name of the whole deployment; every function is called <Prefix>-<resource>-<operation>.
`

// parameter is a parameter of a template, by its declaration.
type parameter struct {
	Name    string
	Type    string
	Empty   bool   // whether it may be empty, which is its default then
	Length  string // its MaxLength
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
	return text + ", Description: " + strconv.Quote(p.Meaning) + " }\n"
}

// declare returns the declaration of a parameter. It is that of the root's parameter which
// it is given, or which has its name.
func (r root) declare(name string, given *yaml.Node) (parameter, error) {
	p := parameter{Name: name, Type: "String"}
	source := name
	if given != nil && given.Tag == "!Ref" {
		source = given.Value
	}
	if declared := child(&r.document, "Parameters", source); len(declared.Content) > 0 {
		p.Type, p.Length, p.Meaning = child(declared, "Type").Value, child(declared, "MaxLength").Value, child(declared, "Description").Value
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

// comesToNothing reports whether a value is empty where no condition of it holds.
func comesToNothing(value *yaml.Node) bool {
	for value.Kind == yaml.SequenceNode {
		value = value.Content[len(value.Content)-1]
	}
	return value.Kind == yaml.ScalarNode && value.Tag == "!!str" && value.Value == ""
}
