package main

import (
	"context"

	"ciclo/cmd/internal/catalog"
	money "ciclo/cmd/internal/cost"
)

// benchCost computes what vouchers at the size of PDND cost in a month, through the gateway
// that the templates deploy, and what a deployment outside prod costs that nobody calls.
// docs/cost.md has the formula and the other operations.
func benchCost(ctx context.Context, _ *bench, s *section) error {
	prices, err := money.List()
	if err != nil {
		return err
	}
	used, err := money.Measure(ctx, ".", "voucher/issue")
	if err != nil {
		return err
	}
	way := used.Variant()
	s.reach(goalMonth, used.Month(prices, money.Variant{HTTP: way.HTTP, Strict: true}).Sum())
	s.reach(goalMonthMemory, used.Month(prices, money.Variant{HTTP: way.HTTP}).Sum())
	parts := []string{money.Shared}
	for _, p := range catalog.Products() {
		parts = append(parts, p.Name)
	}
	alarms, keys, metrics, runs := used.Idle(prices, false, parts...)
	s.row("a month without calls, outside prod", alarms+keys+metrics+runs, " $", atMost(10))
	return nil
}
