package stacks

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// references collects the names that a template refers to.
type references struct {
	values     map[string]bool // parameters and resources
	conditions map[string]bool
}

// read adds the names that a node refers to.
func (r references) read(node *yaml.Node) {
	switch node.Tag {
	case "!Ref", "!GetAtt":
		r.value(node.Value)
	case "!Sub":
		r.text(node)
	case "!If":
		r.conditions[node.Content[0].Value] = true
	case "!Condition":
		r.conditions[node.Value] = true
	}
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 && child.Value == "Condition" && node.Content[i+1].Kind == yaml.ScalarNode {
			r.conditions[node.Content[i+1].Value] = true
		}
		r.read(child)
	}
}

func (r references) value(name string) {
	name, _, _ = strings.Cut(name, ".")
	if !strings.HasPrefix(name, "AWS::") {
		r.values[name] = true
	}
}

var placeholder = regexp.MustCompile(`\$\{([A-Za-z0-9.]+)\}`)

// text adds the names in a !Sub. Names that the map beside its text defines are not references.
func (r references) text(node *yaml.Node) {
	text, local := node, map[string]bool{}
	if node.Kind == yaml.SequenceNode {
		text = node.Content[0]
		for i, key := range node.Content[1].Content {
			if i%2 == 0 {
				local[key.Value] = true
			}
		}
	}
	for _, match := range placeholder.FindAllStringSubmatch(text.Value, -1) {
		if !local[match[1]] {
			r.value(match[1])
		}
	}
}

// child returns the node at a path of keys, or an empty node.
func child(node *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		if node.Kind == yaml.DocumentNode {
			node = node.Content[0]
		}
		found := &yaml.Node{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == key {
				found = node.Content[i+1]
			}
		}
		node = found
	}
	return node
}

// keys returns the keys of a mapping in order.
func keys(node *yaml.Node) []string {
	var all []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		all = append(all, node.Content[i].Value)
	}
	return all
}
