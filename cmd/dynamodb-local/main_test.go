package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// actAs makes this binary play Java, a server that answers, instead of running tests.
const actAs = "ACT_AS_JAVA"

func TestMain(m *testing.M) {
	if os.Getenv(actAs) == "" {
		os.Exit(m.Run())
	}
	port := os.Args[slices.Index(os.Args, "-port")+1]
	fmt.Fprintln(os.Stderr, http.ListenAndServe("127.0.0.1:"+port, http.NotFoundHandler()))
}

// install makes PATH a folder with a Java, if wanted, and a Maven that fetches nothing.
func install(t *testing.T, java bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	scripts := map[string]string{"mvn": "exit 0"}
	if java {
		scripts["java"] = fmt.Sprintf("[ $1 = -version ] && echo 'version \"17\"' && exit\n%s=yes exec %s \"$@\"", actAs, self)
	}
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	t.Setenv("JAVA_HOME", "")
}

func TestExitCodes(t *testing.T) {
	shell := func(script string) []string { return []string{"--", "/bin/sh", "-c", script} }
	for name, c := range map[string]struct {
		args []string
		java bool
		want int
	}{
		"the command's":        {shell("exit 7"), true, 7},
		"success":              {shell("exit 0"), true, 0},
		"the command's signal": {shell("kill -KILL $$"), true, 128 + 9},
		"signal forwarded":     {shell(`trap "exit 9" TERM; kill -TERM $PPID; while :; do :; done`), true, 9},
		"endpoint":             {shell(`case "$DYNAMODB_ENDPOINT" in http://127.0.0.1:*) exit 8;; esac`), true, 8},
		"region of its own":    {shell(`[ "$AWS_REGION" = eu-west-1 ] && exit 8`), true, 8},
		"made-up credentials":  {shell(`[ "$AWS_ACCESS_KEY_ID" = local ] && [ "$AWS_SECRET_ACCESS_KEY" = local ] && exit 8`), true, 8},
		"no such command":      {[]string{"--", "/no/such/command"}, true, exitFailed},
		"unknown flag":         {[]string{"-unknown"}, true, exitUsage},
		"no Java":              {shell("exit 0"), false, exitMissing},
		"check":                {[]string{"-check"}, true, 0},
		"check, missing":       {[]string{"-check"}, false, exitMissing},
	} {
		t.Run(name, func(t *testing.T) {
			install(t, c.java)
			t.Setenv("AWS_REGION", "eu-west-1")
			t.Setenv("AWS_ACCESS_KEY_ID", "")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "")
			if got := run(append([]string{"-cache", t.TempDir()}, c.args...)); got != c.want {
				t.Errorf("exit code %d, want %d", got, c.want)
			}
		})
	}
}
