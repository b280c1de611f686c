// Command deploycheck says which parameters a deployment lacks, before anything is built:
// CloudFormation would say so only after everything is uploaded.
//
//	deploycheck <environment> [<flags of sam deploy>]
//
// It reads samconfig.toml in the working directory. Exit status 1: something is missing.
package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"ciclo/cmd/internal/samconfig"
)

const file = samconfig.File

func main() {
	settings, err := os.ReadFile(file)
	if err == nil && len(os.Args) < 2 {
		err = errors.New("say for which environment")
	}
	if err == nil {
		err = check(string(settings), os.Args[1], os.Args[2:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "deploy:", err)
		os.Exit(1)
	}
}

// production are the parameters that have a default only outside of production: an
// example issuer stands in for them there.
var production = []string{"IssuerUrl", "Audience"}

// check returns an error that says what to add where, if the deployment of environment with
// these flags lacks a parameter.
func check(settings, environment string, flags []string) error {
	if slices.Contains(flags, "--guided") || slices.Contains(flags, "-g") {
		return nil // SAM asks
	}
	section := environment + ".deploy.parameters"
	overrides, found := samconfig.Text(settings, section, "parameter_overrides")
	section = "[" + section + "]"
	where := fmt.Sprintf("parameter_overrides of %s in %s", section, file)
	if i := slices.Index(flags, "--parameter-overrides"); i >= 0 { // SAM takes these instead
		overrides, where, found = strings.Join(flags[i+1:], " "), "--parameter-overrides", true
	}
	if !found {
		return fmt.Errorf("%s has no section %s. CONFIG is an environment of that file, such as prod", file, section)
	}
	given := parameters(overrides)
	if given["Stage"] != "prod" || given["Products"] == "services" && given["Office"] != "true" || strings.Contains(overrides, "file://") {
		return nil // services take keys, which nobody issues, but people sign in; SAM alone reads files
	}
	var missing []string
	for _, name := range production {
		if given[name] == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf(`%s lacks %s.
In production access tokens come from an issuer of your own. Add, for example:
  IssuerUrl=https://issuer.example Audience=https://api.example
and JwksUrl, where its keys are not at /.well-known/jwks.json below IssuerUrl. docs/deploy.md says what else production takes`,
		where, strings.Join(missing, " and "))
}

// Both forms in which SAM takes parameters, and quoted or not.
var (
	long      = regexp.MustCompile(`ParameterKey=(\w+),ParameterValue=`)
	parameter = regexp.MustCompile(`(\w+)=(?:\\?["']([^"'\\]*)|([^\s"'\\]+))`)
)

func parameters(overrides string) map[string]string {
	given := map[string]string{}
	for _, m := range parameter.FindAllStringSubmatch(long.ReplaceAllString(overrides, "$1="), -1) {
		given[m[1]] = m[2] + m[3]
	}
	return given
}
