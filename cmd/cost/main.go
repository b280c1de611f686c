// Command cost writes docs/cost.md, which says what a deployment costs. With -prices it prints
// the page for the prices in a file instead; with -check it fails when the page is stale.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"ciclo/cmd/internal/cost"
)

// document is the page.
const document = "docs/cost.md"

func main() {
	prices := flag.String("prices", "", "a file of prices, as cmd/internal/cost/prices.csv; the page is printed")
	check := flag.Bool("check", false, "write nothing; fail when the page is stale")
	flag.Parse()
	if err := run(context.Background(), *prices, *check); err != nil {
		fmt.Fprintln(os.Stderr, "cost:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file string, check bool) error {
	prices, err := cost.List()
	if err == nil && file != "" {
		prices, err = read(file)
	}
	if err != nil {
		return err
	}
	used, err := cost.Measure(ctx, ".")
	if err != nil {
		return err
	}
	page := cost.Page(used, prices)
	if file != "" {
		fmt.Print(page)
		return nil
	}
	have, err := os.ReadFile(document)
	switch {
	case err == nil && string(have) == page:
		return nil
	case check:
		return errors.New(document + " is stale; run make cost")
	}
	fmt.Println("wrote", document)
	return os.WriteFile(document, []byte(page), 0o644)
}

func read(file string) (p cost.Prices, err error) {
	f, err := os.Open(file)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return cost.ReadPrices(f)
}
