package cost

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"ciclo/cmd/internal/catalog"
)

// Idle is what a part of a deployment has while nobody calls it.
type Idle struct {
	ProdAlarms, OtherAlarms int // metrics that alarms look at, in prod and elsewhere
	Keys                    int // of KMS
	Runs                    float64
}

func (i Idle) plus(j Idle) Idle {
	return Idle{i.ProdAlarms + j.ProdAlarms, i.OtherAlarms + j.OtherAlarms, i.Keys + j.Keys, i.Runs + j.Runs}
}

// template is what is read of a template.
type template struct {
	Resources map[string]resource `yaml:"Resources"`
}

type resource struct {
	Type       string `yaml:"Type"`
	Condition  string `yaml:"Condition"`
	Properties struct {
		Metrics []struct {
			MetricStat map[string]any `yaml:"MetricStat"`
		} `yaml:"Metrics"`
		AccessLogSetting struct {
			Format string `yaml:"Format"`
		} `yaml:"AccessLogSetting"`
		Events map[string]struct {
			Properties struct {
				ScheduleExpression string `yaml:"ScheduleExpression"`
			} `yaml:"Properties"`
		} `yaml:"Events"`
	} `yaml:"Properties"`
}

// metrics returns how many metrics an alarm looks at.
func (r resource) metrics() int {
	n := 0
	for _, m := range r.Properties.Metrics {
		if m.MetricStat != nil {
			n++
		}
	}
	return max(n, 1)
}

// deployment is what the templates have, by product; "" is what products share.
type deployment struct {
	idle   map[string]Idle
	access map[string]int // bytes of a line of the access log
	http   bool           // whether tokens are issued by an HTTP API
}

// Parts of a deployment that are no product: the front office, and what products share.
const (
	Office = "office"
	Shared = ""
)

// readDeployment reads the templates of a repository.
func readDeployment(repository fs.FS) (deployment, error) {
	d := deployment{idle: map[string]Idle{}, access: map[string]int{}}
	files := []string{"template.yaml"}
	for _, pattern := range []string{"functions/*.yaml", "functions/*/*.yaml"} {
		found, err := fs.Glob(repository, pattern)
		if err != nil {
			return d, err
		}
		files = append(files, found...)
	}
	for _, file := range files {
		if base := path.Base(file); base == "api.yaml" || base == "example-issuer.yaml" || path.Base(path.Dir(file)) == "own" {
			continue
		}
		text, err := fs.ReadFile(repository, file)
		if err != nil {
			return d, err
		}
		var t template
		if err := yaml.Unmarshal(text, &t); err != nil {
			return d, fmt.Errorf("%s: %w", file, err)
		}
		part := partOf(file)
		if err := d.add(part, t); err != nil {
			return d, fmt.Errorf("%s: %w", file, err)
		}
	}
	return d, nil
}

// partOf returns whose template a file is.
func partOf(file string) string {
	for _, p := range catalog.Products() {
		if strings.HasPrefix(file, "functions/"+p.Name+"/") {
			return p.Name
		}
	}
	if strings.HasSuffix(file, "/office.yaml") {
		return Office
	}
	return Shared
}

func (d *deployment) add(part string, t template) error {
	i := d.idle[part]
	for _, r := range t.Resources {
		switch r.Type {
		case "AWS::CloudWatch::Alarm":
			if r.Condition != "IsNotProduction" {
				i.ProdAlarms += r.metrics()
			}
			if r.Condition != "IsProduction" {
				i.OtherAlarms += r.metrics()
			}
		case "AWS::KMS::Key":
			i.Keys++
		case "AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api":
			d.http = true
		}
		for _, e := range r.Properties.Events {
			runs, err := monthly(e.Properties.ScheduleExpression)
			if err != nil {
				return err
			}
			i.Runs += runs
		}
		if format := r.Properties.AccessLogSetting.Format; format != "" {
			n, err := accessLine(format)
			if err != nil {
				return err
			}
			d.access[part] = max(d.access[part], n)
		}
	}
	d.idle[part] = i
	return nil
}

var rate = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)

// monthly returns how often a schedule runs in a month of 30 days; an event without a
// schedule does not.
func monthly(expression string) (float64, error) {
	if expression == "" {
		return 0, nil
	}
	parts := rate.FindStringSubmatch(expression)
	if parts == nil {
		return 0, fmt.Errorf("the schedule %q is not known", expression)
	}
	n, err := strconv.ParseFloat(parts[1], 64)
	return 30 * map[string]float64{"minute": 24 * 60, "hour": 24, "day": 1}[parts[2]] / n, err
}

// said are values of the variables of an access log, as long as usual.
var said = map[string]string{
	"requestTime": "01/Dec/2026:10:00:00 +0000", "requestId": "9f2c4d5e-6a7b-4c8d-9e0f-1a2b3c4d5e04", "httpMethod": "POST",
	"resourcePath": "/token.oauth2", "routeKey": "POST /token.oauth2", "status": "200", "responseLatency": "25",
	"integration.status": "200", "integration.latency": "22", "integration.error": "-", "integrationErrorMessage": "-",
	"authorizer.status": "-", "authorizer.latency": "-", "authorizer.error": "-", "error.responseType": "-",
	"authorizer.subject": "69e2865e-65ab-4e48-a638-2037a9ee2ee7", "xrayTraceId": "Root=1-673f0a1c-4b6d2e8f90a1b2c3d4e5f602",
}

var variable = regexp.MustCompile(`\$context\.[A-Za-z.]+`)

// accessLine returns the length of a line of an access log.
func accessLine(format string) (int, error) {
	var unknown []string
	text := variable.ReplaceAllStringFunc(format, func(name string) string {
		value, ok := said[strings.TrimPrefix(name, "$context.")]
		if !ok {
			unknown = append(unknown, name)
		}
		return value
	})
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return 0, fmt.Errorf("the access log has the variables %v, whose length is not known", unknown)
	}
	return len(text) + len("\n"), nil
}
