package catalog_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
)

// watched is the part of a template that says what is measured, logged and traced.
type watched struct {
	Parameters map[string]struct {
		Default string `yaml:"Default"`
	} `yaml:"Parameters"`
	Globals struct {
		Function struct {
			Tracing string `yaml:"Tracing"`
			Logging struct {
				SystemLogLevel []string `yaml:"SystemLogLevel"`
			} `yaml:"LoggingConfig"`
		} `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]struct {
		Type       string `yaml:"Type"`
		Properties struct {
			Name           pattern `yaml:"Name"`
			StageName      string  `yaml:"StageName"`
			TracingEnabled bool    `yaml:"TracingEnabled"`
			MethodSettings []struct {
				MetricsEnabled string `yaml:"MetricsEnabled"`
			} `yaml:"MethodSettings"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

// sampling is the rule by which requests are traced.
type sampling struct {
	Resources struct {
		Rule struct {
			Properties struct {
				Rule struct {
					ServiceName   string `yaml:"ServiceName"`
					FixedRate     string `yaml:"FixedRate"`
					ReservoirSize int    `yaml:"ReservoirSize"`
					Host          string `yaml:"Host"`
					Method        string `yaml:"HTTPMethod"`
					Path          string `yaml:"URLPath"`
				} `yaml:"SamplingRule"`
			} `yaml:"Properties"`
		} `yaml:"TraceSampling"`
	} `yaml:"Resources"`
}

// TestCheapByDefault: without parameters no method has metrics of its own, Lambda logs failed
// invocations alone, and X-Ray traces one request in a hundred of every API.
func TestCheapByDefault(t *testing.T) {
	t.Parallel()
	whole := readYAML[watched](t, rootTemplate)
	for name, want := range map[string]string{"DetailedMetrics": "false", "TraceRate": "0.01", "LogLevel": "INFO"} {
		if got := whole.Parameters[name].Default; got != want {
			t.Errorf("the default of %s is %q, want %q", name, got, want)
		}
	}
	rule := readYAML[sampling](t, rootTemplate).Resources.Rule.Properties.Rule
	if rule.FixedRate != "TraceRate" || rule.ReservoirSize != 0 || rule.Host+rule.Method+rule.Path != "***" {
		t.Errorf("the sampling rule %+v is not for all requests at the rate TraceRate", rule)
	}
	apis := 0
	for file := range templates(t) {
		apis += checkWatched(t, file, rule.ServiceName)
	}
	if want := len(catalog.Products()) + 1; apis != want { // and the front office's
		t.Errorf("%d APIs, want %d", apis, want)
	}
}

// checkWatched checks one template, and returns how many APIs it has. sampled is the pattern
// of the APIs that the sampling rule is for.
func checkWatched(t *testing.T, file, sampled string) (apis int) {
	t.Helper()
	tpl := readYAML[watched](t, file)
	if file != rootTemplate && file != "functions/example-issuer.yaml" {
		levels := strings.Join(tpl.Globals.Function.Logging.SystemLogLevel, " ")
		if levels != "LogsPlatform INFO WARN" || tpl.Globals.Function.Tracing != "Active" {
			t.Errorf("%s: the level of Lambda's lines is %q, tracing %q", file, levels, tpl.Globals.Function.Tracing)
		}
	}
	for _, r := range tpl.Resources {
		if r.Type != "AWS::Serverless::Api" {
			continue
		}
		apis++
		p := r.Properties
		name := strings.Replace(string(p.Name), "${Prefix}", "${AWS::StackName}", 1) + "/" + p.StageName
		if traced, err := path.Match(sampled, name); err != nil || !traced || !p.TracingEnabled {
			t.Errorf("%s: the rule for %q does not sample %q (%v)", file, sampled, name, err)
		}
		for _, m := range p.MethodSettings {
			if m.MetricsEnabled != "DetailedMetrics" {
				t.Errorf("%s: methods have metrics if %q", file, m.MetricsEnabled)
			}
		}
	}
	return apis
}

// TestCachedIsSaid: the templates and the page on deploying say how long the answers of
// authorizers are kept, and what the parameters of this file are.
func TestCachedIsSaid(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs", "deploy.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range catalog.Products() {
		text, err := os.ReadFile(filepath.Join(root, productTemplate(p.Name)))
		if err != nil {
			t.Fatal(err)
		}
		said := fmt.Sprintf("for %d seconds", p.Cached())
		row := fmt.Sprintf("\n| %s | %d s |", p.Name, p.Cached())
		if p.Cached() == 0 {
			said, row = "keeps no answer", "\n| "+p.Name+" | not |"
		}
		if !strings.Contains(string(text), said) {
			t.Errorf("%s does not say that it %q", productTemplate(p.Name), said)
		}
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/deploy.md lacks the row %q", row)
		}
	}
	for _, name := range []string{"DetailedMetrics", "TraceRate", "LogLevel", "ThrottleRate", "ThrottleBurst"} {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/deploy.md does not have the parameter %s", name)
		}
	}
}
