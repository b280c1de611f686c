// Package cost computes what a deployment costs: from what each operation's event reads,
// writes, logs and sends on the embedded engine, which counts capacity as DynamoDB bills it,
// from the resources in the templates, and from list prices. Nothing in it depends on time or
// on the machine, so the page that it writes can be checked.
package cost

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

//go:embed prices.csv
var listPrices string

// Price is a row of a file of prices.
type Price struct {
	Name, Unit, Source string
	Dollars, Per       float64
}

// Prices are the prices of one region.
type Prices struct {
	Region, Date string
	All          []Price
}

// List returns the list prices.
func List() (Prices, error) { return ReadPrices(strings.NewReader(listPrices)) }

// used are the names of all prices.
var used = []string{
	"rest", "http", "invocation", "second", "write", "read", "storage", "recovery", "kms", "key", "put", "object", "queue",
	"logs", "trace", "out", "alarm", "metric",
}

// ReadPrices reads a file of prices, which must have all of them.
func ReadPrices(file io.Reader) (Prices, error) {
	var p Prices
	rows := csv.NewReader(file)
	rows.Comment = '#'
	records, err := rows.ReadAll()
	if err != nil {
		return p, fmt.Errorf("prices: %w", err)
	}
	for i, r := range records {
		switch {
		case i == 0 || len(r) < 5: // the names of the columns
		case r[0] == "region":
			p.Region = r[1]
		case r[0] == "date":
			p.Date = r[1]
		default:
			dollars, err := strconv.ParseFloat(r[1], 64)
			if err != nil {
				return p, fmt.Errorf("prices: %s: %w", r[0], err)
			}
			per, err := strconv.ParseFloat(r[2], 64)
			if err != nil || per <= 0 {
				return p, fmt.Errorf("prices: %s: the number of units %q is none", r[0], r[2])
			}
			p.All = append(p.All, Price{Name: r[0], Unit: r[3], Source: r[4], Dollars: dollars, Per: per})
		}
	}
	for _, name := range used {
		if !slices.ContainsFunc(p.All, func(price Price) bool { return price.Name == name }) {
			return p, fmt.Errorf("prices: the row %s is missing", name)
		}
	}
	return p, nil
}

// of returns what n units cost.
func (p Prices) of(name string, n float64) float64 {
	for _, price := range p.All {
		if price.Name == name {
			return n * price.Dollars / price.Per
		}
	}
	panic("cost: no price is called " + name)
}
