// Command prune deletes old versions of a deployment's functions. Each deployment leaves a
// version of every function that it changes, and Lambda keeps 75 GB of them in a region.
//
//	prune [-keep 3] <environment> [<flags of sam deploy>]
//
// It takes the stack's name, region and profile from samconfig.toml or from the flags, as
// sam deploy does, and calls the AWS CLI.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/samconfig"
)

func main() {
	keep := flag.Int("keep", 3, "how many `versions` of a function to keep, the newest")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *keep, flag.Args(), os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "prune:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, keep int, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("say for which environment")
	}
	if keep < 1 {
		return errors.New("the version that is called must be kept: -keep is at least 1")
	}
	settings, err := os.ReadFile(samconfig.File)
	if err != nil {
		return err
	}
	said := func(name string) string { return samconfig.Deployment(string(settings), args[0], args[1:], name) }
	stack := said("stack_name")
	if stack == "" {
		return fmt.Errorf("%s has no stack_name for %s", samconfig.File, args[0])
	}
	if _, err := exec.LookPath("aws"); err != nil {
		fmt.Fprintln(out, "*** LEFT OUT: old versions of functions are not deleted; install the AWS CLI and say make prune ***")
		return nil //nolint:nilerr // said, and not a failure
	}
	c := cli{}
	for _, name := range []string{"region", "profile"} {
		if value := said(name); value != "" {
			c.flags = append(c.flags, "--"+name, value)
		}
	}
	all, err := c.versions(ctx, stack)
	if err != nil {
		return err
	}
	old := outdated(all, keep)
	deleted, used, err := c.delete(ctx, old)
	fmt.Fprintf(out, "%s: %d functions, %d old versions deleted, %d that are in use kept\n", stack, len(all), deleted, used)
	return err
}

// version is one of a function.
type version struct {
	function string
	number   int
}

// outdated returns the versions of each function but the newest.
func outdated(all map[string][]int, keep int) []version {
	var old []version
	for function, numbers := range all {
		slices.Sort(numbers)
		for _, n := range numbers[:max(0, len(numbers)-keep)] {
			old = append(old, version{function, n})
		}
	}
	slices.SortFunc(old, func(a, b version) int { return strings.Compare(a.String(), b.String()) })
	return old
}

func (v version) String() string { return v.function + ":" + strconv.Itoa(v.number) }

// cli is the AWS CLI, with flags that every call has.
type cli struct{ flags []string }

// latest is what Lambda calls the code that is no version yet.
const latest = "$LATEST"

// versions returns the numbers of the versions of a stack's functions by name. The names
// are exact: the functions of the stack ciclo-dev begin with ciclo, too, which may be a
// stack of its own.
func (c cli) versions(ctx context.Context, stack string) (map[string][]int, error) {
	ours := map[string]bool{}
	for _, f := range catalog.Functions() {
		ours[stack+"-"+strings.ReplaceAll(f.ID, "/", "-")] = true
	}
	answer, err := c.call(ctx, "list-functions", "--function-version", "ALL", "--output", "json",
		"--query", "Functions[?starts_with(FunctionName,'"+stack+"-')].[FunctionName,Version]")
	if err != nil {
		return nil, err
	}
	var listed [][2]string
	if err := json.Unmarshal(answer, &listed); err != nil {
		return nil, fmt.Errorf("aws lambda list-functions answers %w", err)
	}
	all := map[string][]int{}
	for _, l := range listed {
		function, number := l[0], l[1]
		if !ours[function] {
			continue
		}
		if number == latest {
			all[function] = append([]int{}, all[function]...)
			continue
		}
		n, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("%s has the version %q", function, number)
		}
		all[function] = append(all[function], n)
	}
	return all, nil
}

// atOnce is how many versions are deleted at the same time: each takes a process, and
// Lambda takes 15 such calls a second.
const atOnce = 8

// delete deletes versions, and returns how many it deleted and how many are in use. Lambda
// refuses to delete a version that an alias points to. That is not the newest where
// somebody has gone back to an older one.
func (c cli) delete(ctx context.Context, all []version) (deleted, used int, err error) {
	inUse := make([]bool, len(all))
	done := make([]bool, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, v := range all {
		group.Go(func() error {
			_, err := c.call(ctx, "delete-function", "--function-name", v.function, "--qualifier", strconv.Itoa(v.number))
			inUse[i] = err != nil && strings.Contains(err.Error(), "ResourceConflictException")
			done[i] = err == nil
			if inUse[i] {
				return nil
			}
			return err
		})
	}
	err = group.Wait()
	return count(done), count(inUse), err
}

func count(all []bool) int {
	n := 0
	for _, is := range all {
		if is {
			n++
		}
	}
	return n
}

// call returns what a command of aws lambda answers; what it says on failure is the error.
func (c cli) call(ctx context.Context, command string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "aws", slices.Concat([]string{"lambda", command}, args, c.flags)...)
	var failure bytes.Buffer
	cmd.Stderr = &failure
	answer, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("aws lambda %s: %w: %s", command, err, bytes.TrimSpace(failure.Bytes()))
	}
	return answer, nil
}
