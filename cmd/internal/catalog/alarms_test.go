package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
)

// alarmed is the part of a template that the tests of alarms read.
type alarmed struct {
	Resources map[string]struct {
		Type       string `yaml:"Type"`
		Condition  string `yaml:"Condition"`
		Properties struct {
			Description string `yaml:"AlarmDescription"`
			MetricName  string `yaml:"MetricName"`
			Metrics     []struct {
				MetricStat map[string]any `yaml:"MetricStat"`
			} `yaml:"Metrics"`
			LogGroup        string `yaml:"LogGroupName"`
			Transformations []struct {
				Name string `yaml:"MetricName"`
			} `yaml:"MetricTransformations"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
}

// metrics counts the metrics that the alarms of a template look at, in prod or elsewhere:
// that is what they cost.
func (a alarmed) metrics(prod bool) int {
	n := 0
	for _, r := range a.Resources {
		if r.Type != "AWS::CloudWatch::Alarm" || r.Condition == "IsProduction" && !prod || r.Condition == "IsNotProduction" && prod {
			continue
		}
		if len(r.Properties.Metrics) == 0 {
			n++
		}
		for _, m := range r.Properties.Metrics {
			if m.MetricStat != nil {
				n++
			}
		}
	}
	return n
}

// TestAlarms: each alarm names a playbook that is there. A function of a product has an
// alarm in prod, and elsewhere its product has one, on the metric that a filter of its
// functions' log makes.
func TestAlarms(t *testing.T) {
	t.Parallel()
	playbook := regexp.MustCompile(`See (docs/playbooks/[\w-]+\.md)$`)
	deployed := functions(t)
	for file := range templates(t) {
		for name, r := range readYAML[alarmed](t, file).Resources {
			if r.Type != "AWS::CloudWatch::Alarm" {
				continue
			}
			match := playbook.FindStringSubmatch(r.Properties.Description)
			if match == nil {
				t.Errorf("%s: %s names no playbook: %s", file, name, r.Properties.Description)
			} else if _, err := os.Stat(filepath.Join(root, match[1])); err != nil {
				t.Errorf("%s: %s: %v", file, name, err)
			}
		}
	}
	for _, f := range catalog.Functions() {
		alarm := readYAML[alarmed](t, deployed[f.ID].file).Resources[logicalID(f.ID)+"Failures"]
		if want := !f.Artifact.Alone; alarm.Type == "" || (alarm.Condition == "IsProduction") != want {
			t.Errorf("%s: its alarm %q is there under the condition %q", f.ID, alarm.Type, alarm.Condition)
		}
	}
	for _, p := range catalog.Products() {
		all := readYAML[alarmed](t, productTemplate(p.Name)).Resources
		filter, alarm := all["FailedInvocations"], all["FunctionFailures"]
		if len(filter.Properties.Transformations) != 1 || filter.Properties.LogGroup != "FunctionLogs" ||
			filter.Properties.Transformations[0].Name != alarm.Properties.MetricName || alarm.Properties.MetricName == "" ||
			filter.Condition != "IsNotProduction" || alarm.Condition != "IsNotProduction" {
			t.Errorf("%s: the alarm outside prod %+v does not look at what the filter makes %+v", p.Name, alarm, filter)
		}
	}
}

// TestWhatAlarmsCost holds the page on deploying to the templates: an alarm costs $0.10 a
// month for each metric that it looks at.
func TestWhatAlarmsCost(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs", "deploy.md"))
	if err != nil {
		t.Fatal(err)
	}
	for row, prod := range map[string]bool{"prod: alarms": true, "elsewhere: one alarm": false} {
		var cells []string
		all := 0
		for _, p := range catalog.Products() {
			n := 0
			for file := range templates(t) {
				if strings.HasPrefix(file, "functions/"+p.Name+"/") {
					n += readYAML[alarmed](t, file).metrics(prod)
				}
			}
			cells = append(cells, fmt.Sprintf("%.1f", float64(n)/10))
			all += n
		}
		want := fmt.Sprintf("%s | **%.1f** |\n", strings.Join(cells, " | "), float64(all)/10)
		if _, line, _ := strings.Cut(string(page), "\n| "+row); !strings.HasSuffix(line[:strings.Index(line, "\n")+1], want) {
			t.Errorf("docs/deploy.md: the row %q does not end with %q", row, want)
		}
	}
}
