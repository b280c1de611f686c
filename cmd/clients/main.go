// Command clients shows that clients which were not made for Ciclo work with it. It starts
// a sandbox of its own and runs programs there, which are next to this file:
//   - OAuth libraries get tokens, and raise on a refusal with its reason: openid-client
//     (npm), Authlib (PyPI) and golang.org/x/oauth2;
//   - clients that are generated from the official document of PDND's API v3 tell the story
//     of an e-service, with DPoP: openapi-typescript with openapi-fetch,
//     openapi-python-client, and the default Java client of OpenAPI Generator.
//
// Libraries and generated clients are put into a folder. A language that is not here is
// left out, loudly, as are the stories without the official document.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"ciclo/cmd/internal/sandbox"
)

func main() {
	binary := flag.String("sandbox", sandbox.Binary, "the sandbox's binary")
	folder := flag.String("cache", ".cache/clients", "where libraries and generated clients are put")
	contract := flag.String("contract", "../shared/contracts/pdnd-m2m-v3.yml", "the official document of the API v3")
	languages := flag.String("languages", "", "which of node, python, go and java (all)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *binary, *folder, *contract, strings.Fields(strings.ReplaceAll(*languages, ",", " "))); err != nil {
		fmt.Fprintln(os.Stderr, "clients:", err)
		os.Exit(1) //nolint:gocritic // stop only unregisters signals, and the process is over
	}
}

func run(ctx context.Context, binary, folder, contract string, languages []string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	programs, err := choose(folder, contract, languages)
	if err != nil {
		return err
	}
	keys, err := os.MkdirTemp("", "ciclo-clients-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(keys)
	own, err := sandbox.Start(ctx, binary)
	if err != nil {
		return err
	}
	defer own.Stop()
	env, err := prepare(ctx, own.URL, keys)
	if err != nil {
		return err
	}
	for _, p := range programs {
		if err := p.run(ctx, env); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// choose returns the programs in these languages, or in all if there are none.
func choose(folder, contract string, languages []string) ([]program, error) {
	for _, language := range languages {
		if !slices.Contains([]string{"node", "python", "go", "java"}, language) {
			return nil, fmt.Errorf("LANGUAGES has %q: choose from node, python, go and java", language)
		}
	}
	programs := libraries(folder)
	if _, err := os.Stat(contract); err == nil {
		told, err := stories(folder, contract)
		if err != nil {
			return nil, err
		}
		programs = append(programs, told...)
	} else {
		fmt.Printf("*** LEFT OUT: clients generated from the official document, for %s is not here; name it with CONTRACT. ***\n", contract)
	}
	return slices.DeleteFunc(programs, func(p program) bool {
		return len(languages) > 0 && !slices.Contains(languages, p.language)
	}), nil
}
