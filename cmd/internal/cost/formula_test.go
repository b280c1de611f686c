package cost

import (
	"math"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// TestFormula compares a call with a calculation by hand.
func TestFormula(t *testing.T) {
	t.Parallel()
	p, err := List()
	if err != nil {
		t.Fatal(err)
	}
	c := Call{
		Trips: 3, Transactions: 1, Items: 10, ReadUnits: 6, WriteUnits: 4, KMS: 1, Signs: true, Memory: 512,
		Line: 500, Access: 500, Out: 1 << 10,
	}
	// 2 × 4 + 13 + 12 ms, and (0.4 + 3 × 0.2 + 10 × 0.016 + 0.8) ÷ 0.29 = 6.76 ms of processor.
	if got := c.Milliseconds(); got != 40 {
		t.Errorf("it takes %g ms, want 40", got)
	}
	want := Costs{
		Gateway: 3.5, Lambda: 0.2 + 1e6*0.040*0.5*0.0000133334, DynamoDB: 6*0.125 + 4*0.625, Services: 3,
		Logs: 1e9 / (1 << 30) * 0.5, Trace: 0.05, Out: 1e6 / (1 << 20) * 0.09,
	}
	got := c.request(p, "rest")
	for name, pair := range map[string][2]float64{
		"gateway": {got.Gateway, want.Gateway}, "Lambda": {got.Lambda, want.Lambda}, "DynamoDB": {got.DynamoDB, want.DynamoDB},
		"services": {got.Services, want.Services}, "logs": {got.Logs, want.Logs}, "trace": {got.Trace, want.Trace},
		"out": {got.Out, want.Out}, "sum": {got.Sum(), 3.5 + want.Lambda + 3.25 + 3 + want.Logs + 0.05 + want.Out},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-9 {
			t.Errorf("%s: %g, want %g", name, pair[0], pair[1])
		}
	}
	if got := c.request(p, "http").Gateway; got != 1 {
		t.Errorf("an HTTP API costs %g", got)
	}
}

// TestDeployment reads what a small deployment has.
func TestDeployment(t *testing.T) {
	t.Parallel()
	const alarms = `
Resources:
  One: { Type: AWS::CloudWatch::Alarm, Properties: { MetricName: m } }
  Two: { Type: AWS::CloudWatch::Alarm, Condition: IsProduction,
    Properties: { Metrics: [{ Expression: a + b }, { MetricStat: { Stat: Sum } }, { MetricStat: { Stat: Sum } }] } }
  Three: { Type: AWS::CloudWatch::Alarm, Condition: IsNotProduction, Properties: { MetricName: m } }
  Job: { Type: AWS::Serverless::Function, Properties: { Events: { Often: { Properties: { ScheduleExpression: rate(5 minutes) } } } } }
  Key: { Type: AWS::KMS::Key }
  Api: { Type: AWS::Serverless::Api, Properties: { AccessLogSetting: { Format: '{"a": "$context.status"}' } } }
`
	read := func(text string) (deployment, error) {
		return readDeployment(fstest.MapFS{
			"template.yaml": {Data: []byte("Resources: { Key: { Type: AWS::KMS::Key } }")}, "functions/interop/template.yaml": {Data: []byte(text)},
			"functions/own/retention.yaml": {Data: []byte(text)}, "functions/interop/api.yaml": {Data: []byte(text)},
		})
	}
	d, err := read(alarms)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := d.idle["interop"], (Idle{ProdAlarms: 3, OtherAlarms: 2, Keys: 1, Runs: 8640}); got != want {
		t.Errorf("interop has %+v, want %+v", got, want)
	}
	if d.idle[Shared].Keys != 1 || d.access["interop"] != len(`{"a": "200"}`+"\n") || d.http {
		t.Errorf("the deployment has %+v", d)
	}
	for old, new := range map[string]string{"rate(5 minutes)": `"cron(0 0 * * ? *)"`, "$context.status": "$context.new"} {
		if _, err := read(strings.Replace(alarms, old, new, 1)); err == nil || !strings.Contains(err.Error(), "known") {
			t.Errorf("%s: %v", new, err)
		}
	}
	if d, err := read(alarms + "  Tokens: { Type: AWS::Serverless::HttpApi }\n"); err != nil || !d.http {
		t.Errorf("an HTTP API is not seen: %v", err)
	}
	if _, err := readDeployment(os.DirFS(t.TempDir())); err == nil {
		t.Error("a folder without templates is a deployment")
	}
}
