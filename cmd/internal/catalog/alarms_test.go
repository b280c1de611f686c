package catalog_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"ciclo/cmd/internal/catalog"
)

// alarmed is the part of a template that the tests of alarms read.
type alarmed struct {
	Resources map[string]struct {
		Type       string `yaml:"Type"`
		Condition  string `yaml:"Condition"`
		Properties struct {
			Description     string `yaml:"AlarmDescription"`
			MetricName      string `yaml:"MetricName"`
			LogGroup        string `yaml:"LogGroupName"`
			Transformations []struct {
				Name string `yaml:"MetricName"`
			} `yaml:"MetricTransformations"`
		} `yaml:"Properties"`
	} `yaml:"Resources"`
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
