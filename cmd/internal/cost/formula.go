package cost

import "math"

// What a call takes beside what is measured. Milliseconds and bytes were measured in November
// 2026 on this product, or are estimates; docs/cost.md has them with the formula.
const (
	defaultMemory = 512 // MB

	readMs        = 4  // a read of DynamoDB from Lambda
	transactionMs = 13 // a transaction of it
	kmsMs         = 12 // a call of KMS
	otherMs       = 20 // a call of S3 or SQS

	// Milliseconds of a whole processor: for a call, a request to DynamoDB, an item, a signature
	// and what is verified with it. A function with 512 MB has 0.29 of a processor.
	callCPU, requestCPU, itemCPU, tokenCPU = 0.4, 0.2, 0.016, 0.8
	share                                  = 0.29

	// requestIDBytes is the member lambdaRequestId, which Lambda's runtime gives a log line.
	requestIDBytes = len(`,"lambdaRequestId":""`) + 36
	platformBytes  = 600 // Lambda's lines about an invocation, at LogLevel DEBUG

	itemOverhead = 100 // bytes that DynamoDB stores beside each item
	gigabyte     = 1 << 30
	traceRate    = 0.01 // the default of TraceRate
)

// million is a number of calls for which prices are said.
const million = 1_000_000

// Milliseconds returns how long an invocation takes, rounded up as it is billed.
func (c Call) Milliseconds() float64 {
	waits := float64(readMs*(c.Trips-c.Transactions) + transactionMs*c.Transactions + kmsMs*c.KMS + otherMs*(c.Puts+c.Gets+c.Queues))
	cpu := callCPU + requestCPU*float64(c.Trips) + itemCPU*float64(c.Items)
	if c.Signs {
		cpu += tokenCPU
	}
	return math.Ceil(waits + cpu/share)
}

// Costs are dollars.
type Costs struct {
	Gateway, Lambda, DynamoDB, Services, Logs, Trace, Out float64
}

// Sum returns all of them together.
func (c Costs) Sum() float64 {
	return c.Gateway + c.Lambda + c.DynamoDB + c.Services + c.Logs + c.Trace + c.Out
}

// plus returns c and so many times d.
func (c Costs) plus(d Costs, times float64) Costs {
	return Costs{
		c.Gateway + times*d.Gateway, c.Lambda + times*d.Lambda, c.DynamoDB + times*d.DynamoDB, c.Services + times*d.Services,
		c.Logs + times*d.Logs, c.Trace + times*d.Trace, c.Out + times*d.Out,
	}
}

// invocation returns what an invocation costs a million times.
func (c Call) invocation(p Prices) Costs {
	return Costs{
		Lambda:   p.of("invocation", million) + p.of("second", million*c.Milliseconds()/1000*float64(c.Memory)/1024),
		DynamoDB: p.of("read", million*c.ReadUnits) + p.of("write", million*c.WriteUnits),
		Services: p.of("kms", million*float64(c.KMS)) + p.of("put", million*float64(c.Puts)) +
			p.of("object", million*float64(c.Gets)) + p.of("queue", million*float64(c.Queues)),
		Logs: p.of("logs", million*float64(c.Line)/gigabyte),
	}
}

// request returns what a request that the gateway takes costs a million times. gateway is
// the name of its price.
func (c Call) request(p Prices, gateway string) Costs {
	costs := c.invocation(p)
	costs.Gateway = p.of(gateway, million)
	costs.Logs += p.of("logs", million*float64(c.Access)/gigabyte)
	costs.Trace = p.of("trace", million*traceRate)
	costs.Out = p.of("out", million*float64(c.Out)/gigabyte)
	return costs
}
