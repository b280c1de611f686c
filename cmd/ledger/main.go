// Command ledger compares the ledger of planned calls with the purposes that are
// active, of every e-service of a table of DynamoDB, and repairs nothing. Exit
// status 1: they differ, or could not be compared.
//
// It reads AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
// DYNAMODB_ENDPOINT and TABLE_INTEROP, the table's name.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"ciclo/shared/interop"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	db, err := dynamo.FromEnv(os.Getenv, interop.Table)
	same := false
	if err == nil {
		same, err = check(ctx, db, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ledger:", err)
	}
	if err != nil || !same {
		os.Exit(1) //nolint:gocritic // nothing is left to stop
	}
}

// check writes what differs; false when something does, or could not be compared.
func check(ctx context.Context, db table.DB, out io.Writer) (bool, error) {
	report, err := purpose.CheckLedger(ctx, db)
	if err != nil {
		return false, err
	}
	for _, d := range report.Differences {
		account := "all consumers"
		if d.ConsumerID != "" {
			account = "consumer " + d.ConsumerID
		}
		fmt.Fprintf(out, "e-service %s, %s: the ledger says %d calls a day, active purposes plan %d\n", d.EServiceID, account, d.Ledger, d.Active)
	}
	for _, id := range report.Busy {
		fmt.Fprintf(out, "e-service %s: changed each time it was read; run this again\n", id)
	}
	fmt.Fprintf(out, "%d e-services compared, %d differences\n", report.EServices, len(report.Differences))
	return len(report.Differences)+len(report.Busy) == 0, nil
}
