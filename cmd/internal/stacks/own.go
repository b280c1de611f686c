package stacks

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// own is the hand-written part of a template, the file of the same name in the folder own
// beside it.
type own struct {
	Description string    `yaml:"Description"`
	API         string    `yaml:"API"`     // description of the product's API
	Methods     yaml.Node `yaml:"Methods"` // MethodSettings of single methods
	Functions   yaml.Node `yaml:"Functions"`

	// Text that is copied into the template, with its comments.
	Resources string `yaml:"-"`
	Outputs   string `yaml:"-"`

	source string // where it is, for the first lines of the template
}

// ownFunction is the hand-written part of a worker, job or authorizer: how it is started,
// its timeout and settings.
type ownFunction struct {
	Comment     []string
	Metadata    string
	Description string
	Version     string
	Settings    []string
	Needs       []string
	Variables   []variable
	Properties  string // all other properties, as text of the template
}

// ownFile returns the file of the hand-written part of a template.
func ownFile(template string) string {
	return path.Join(path.Dir(template), "own", path.Base(template))
}

// readOwn returns the hand-written part of a template, an empty one when there is no file.
func readOwn(repository fs.FS, template string) (own, error) {
	var o own
	name := ownFile(template)
	text, err := fs.ReadFile(repository, name)
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	if err == nil {
		err = yaml.Unmarshal(text, &o)
	}
	if err != nil {
		return o, fmt.Errorf("%s: %w", name, err)
	}
	o.Resources = section(text, "Resources")
	o.Outputs = section(text, "Outputs")
	o.source = " and from " + name
	return o, nil
}

var topLevel = regexp.MustCompile(`(?m)^\S`)

// section returns the text below a top-level key, with a line break at its end; "" when the
// key is absent.
func section(text []byte, key string) string {
	_, below, found := strings.Cut("\n"+string(text), "\n"+key+":\n")
	if !found {
		return ""
	}
	if next := topLevel.FindStringIndex(below); next != nil {
		below = below[:next[0]]
	}
	return strings.TrimRight(below, "\n") + "\n"
}

// functions returns the hand-written parts of functions by id.
func (o own) functions() (map[string]ownFunction, error) {
	all := map[string]ownFunction{}
	for i := 0; i+1 < len(o.Functions.Content); i += 2 {
		key := o.Functions.Content[i]
		value := o.Functions.Content[i+1]
		f, err := readOwnFunction(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key.Value, err)
		}
		if key.HeadComment != "" {
			f.Comment = strings.Split(key.HeadComment, "\n")
		}
		all[key.Value] = f
	}
	return all, nil
}

func readOwnFunction(value *yaml.Node) (ownFunction, error) {
	f := ownFunction{Metadata: skipBuild}
	rest := yaml.Node{Kind: yaml.MappingNode}
	var err error
	for i := 0; i+1 < len(value.Content) && err == nil; i += 2 {
		property := value.Content[i]
		content := value.Content[i+1]
		switch property.Value {
		case "Settings":
			err = content.Decode(&f.Settings)
		case "Needs":
			err = content.Decode(&f.Needs)
		case "Variables":
			f.Variables, err = readVariables(content)
		case "Description":
			f.Description, err = encode(content)
		case "Metadata":
			f.Metadata, err = encode(content)
		case "VersionDescription":
			f.Version, err = encode(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{property, content}})
		default:
			rest.Content = append(rest.Content, property, content)
		}
	}
	if err == nil && len(rest.Content) > 0 {
		f.Properties, err = encode(&rest)
	}
	return f, err
}

func readVariables(content *yaml.Node) ([]variable, error) {
	var all []variable
	for i := 0; i+1 < len(content.Content); i += 2 {
		value, err := encode(content.Content[i+1])
		if err != nil {
			return nil, err
		}
		all = append(all, variable{content.Content[i].Value, value})
	}
	return all, nil
}

// encode returns the YAML text of a node, without a line break at its end.
func encode(node *yaml.Node) (string, error) {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(node); err != nil {
		return "", err
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}
