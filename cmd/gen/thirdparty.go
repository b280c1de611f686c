package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// linked are the packages whose binaries are deployed or run.
var linked = map[string]string{"functions": "./functions/...", "sandbox": "./cmd/local"}

// module is one that something linked comes from.
type module struct {
	Path, Version, Dir string
	Main               bool
}

// thirdParty is the page of the modules that are linked, with their licences.
func thirdParty(ctx context.Context) (string, error) {
	users := map[module][]string{}
	for user, packages := range linked {
		modules, err := modulesOf(ctx, packages)
		if err != nil {
			return "", err
		}
		for _, m := range modules {
			users[m] = append(users[m], user)
		}
	}
	rows := []string{}
	for m, by := range users {
		licence, err := licenceOf(m)
		if err != nil {
			return "", err
		}
		slices.Sort(by)
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s |\n", m.Path, m.Version, licence, strings.Join(by, ", ")))
	}
	slices.Sort(rows)
	return "# What is linked\n\n" +
		"Generated from go.mod and the modules' own files by `make gen`: the Go modules in the binaries of the functions and of the\n" +
		"sandbox, and their licences (SPDX). Tools and tests use more, which are not in any binary.\n\n" +
		"| module | version | licence | in |\n|---|---|---|---|\n" + strings.Join(rows, ""), nil
}

// modulesOf lists the modules that packages and what they import are from, this one aside.
func modulesOf(ctx context.Context, packages string) ([]module, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-json=Module", packages)
	cmd.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", packages, err)
	}
	seen := map[module]bool{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ Module *module }
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list %s: %w", packages, err)
		}
		if p.Module != nil && !p.Module.Main {
			seen[*p.Module] = true
		}
	}
	all := make([]module, 0, len(seen))
	for m := range seen {
		all = append(all, m)
	}
	return all, nil
}

// licences are texts by which the licences of modules are known, in the order in which
// they are looked for.
var licences = []struct{ name, has, lacks string }{
	{"Apache-2.0", "Apache License Version 2.0", ""},
	{"MPL-2.0", "Mozilla Public License Version 2.0", ""},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy", ""},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose", ""},
	{"BSD-3-Clause", "may be used to endorse or promote products derived from this software", ""},
	{"BSD-2-Clause", "Redistribution and use in source and binary forms", "may be used to endorse or promote"},
}

// licenceOf names the licence in a module's licence file by its SPDX identifier. A
// module without a known one is an error: somebody has to look at it.
func licenceOf(m module) (string, error) {
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "COPYING*", "License*"} {
		files, err := filepath.Glob(filepath.Join(m.Dir, pattern))
		if err != nil {
			return "", err
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return "", err
			}
			text := strings.Join(strings.Fields(string(content)), " ")
			for _, l := range licences {
				if strings.Contains(text, l.has) && (l.lacks == "" || !strings.Contains(text, l.lacks)) {
					return l.name, nil
				}
			}
		}
	}
	return "", fmt.Errorf("%s %s has no licence file that is known", m.Path, m.Version)
}
