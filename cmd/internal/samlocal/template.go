// Package samlocal answers events by `sam local invoke`, in Lambda's image, for the
// processor of this machine's Docker.
package samlocal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// Function is what the templates say about a function.
type Function struct {
	ID        string // its logical id
	Template  string // the file that has it, from the root template's folder
	CodeURI   string // the folder of its binary, from the root template's folder
	Handler   string
	Builder   string   // what sam build compiles it with; empty where it skips it
	Variables []string // names of its environment variables, the globals aside
}

// template is the part of a template that matters here.
type template struct {
	Globals struct {
		Function struct {
			Handler string `yaml:"Handler"`
		} `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Type     string `yaml:"Type"`
		Metadata struct {
			BuildMethod string `yaml:"BuildMethod"`
		} `yaml:"Metadata"`
		Properties struct {
			Location    string `yaml:"Location"`
			CodeURI     string `yaml:"CodeUri"`
			Handler     string `yaml:"Handler"`
			Environment struct {
				Variables map[string]any `yaml:"Variables"`
			} `yaml:"Environment"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

// RootTemplate is the file that names all others.
const RootTemplate = "template.yaml"

// ErrNoFunction is the error for a function that no template has.
var ErrNoFunction = errors.New("no template has this function")

// Functions returns the functions of the root template in a folder and of the nested
// ones, by logical id.
func Functions(root string) (map[string]Function, error) {
	functions := map[string]Function{}
	return functions, collect(root, RootTemplate, functions)
}

func collect(root, file string, functions map[string]Function) error {
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return err
	}
	var t template
	if err := yaml.Unmarshal(text, &t); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	folder := path.Dir(file)
	for id, r := range t.Resources {
		switch r.Type {
		case "AWS::Serverless::Application":
			if err := collect(root, path.Join(folder, r.Properties.Location), functions); err != nil {
				return err
			}
		case "AWS::Serverless::Function":
			f := Function{
				ID: id, Template: file, CodeURI: path.Join(folder, r.Properties.CodeURI),
				Handler: r.Properties.Handler, Builder: r.Metadata.BuildMethod,
			}
			if f.Handler == "" {
				f.Handler = t.Globals.Function.Handler
			}
			for name := range r.Properties.Environment.Variables {
				f.Variables = append(f.Variables, name)
			}
			functions[id] = f
		}
	}
	return nil
}

// LogicalID returns the logical id of the function <resource>/<operation>.
func LogicalID(function string) string {
	var id strings.Builder
	for word := range strings.FieldsFuncSeq(function, func(r rune) bool { return r == '/' || r == '-' }) {
		id.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return id.String()
}

// Find returns the function <resource>/<operation>.
func Find(root, function string) (Function, error) {
	functions, err := Functions(root)
	if err != nil {
		return Function{}, err
	}
	f, ok := functions[LogicalID(function)]
	if !ok {
		return f, fmt.Errorf("%s: %w", function, ErrNoFunction)
	}
	return f, nil
}

// Copy is the folder, below the root template's, that has copies of the templates for
// another processor. A function's binary is expected in Copy/<CodeURI>.
const Copy = ".build/sam"

// Deployed is the architecture that the templates are for.
const Deployed = "arm64"

// CopyTemplates writes the templates, what they include and SAM's settings to Copy.
// Functions are for the architecture there.
func CopyTemplates(root, architecture string) error {
	source := os.DirFS(root)
	files := []string{RootTemplate, "samconfig.toml"}
	err := fs.WalkDir(source, "functions", func(file string, _ fs.DirEntry, err error) error {
		if path.Ext(file) == ".yaml" {
			files = append(files, file)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := fs.ReadFile(source, file)
		if err != nil {
			return err
		}
		target := filepath.Join(root, Copy, file)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		text = bytes.ReplaceAll(text, []byte("Architectures: ["+Deployed+"]"), []byte("Architectures: ["+architecture+"]"))
		if err := os.WriteFile(target, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
