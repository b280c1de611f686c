// Package samconfig reads what samconfig.toml says of an environment, as far as commands
// beside SAM have to know it.
package samconfig

import (
	"cmp"
	"regexp"
	"strings"
)

// File is the name of the file.
const File = "samconfig.toml"

// setting begins one in a section of a TOML file as SAM writes it.
var setting = regexp.MustCompile(`^\s*([\w-]+)\s+=\s`)

// Text returns what a setting of a section is, as it is written; false when there is no
// such section.
func Text(settings, section, name string) (text string, found bool) {
	section = "[" + section + "]"
	inSection, inValue := false, false
	for line := range strings.Lines(settings) {
		switch trimmed := strings.TrimSpace(line); {
		case strings.HasPrefix(trimmed, "#"):
			continue
		case strings.HasPrefix(trimmed, "[") && strings.HasSuffix(trimmed, "]") && strings.Contains(trimmed, "."):
			inSection, inValue = trimmed == section, false
			found = found || inSection
			continue
		}
		if match := setting.FindStringSubmatch(line); match != nil {
			inValue = match[1] == name
			line = line[len(match[0]):]
		}
		if inSection && inValue {
			text += line
		}
	}
	return text, found
}

// Deployment returns a setting of a deployment such as stack_name: from the flags of sam
// deploy, or else from the environment's sections; "" where neither has it.
func Deployment(settings, environment string, flags []string, name string) string {
	flag := "--" + strings.ReplaceAll(name, "_", "-")
	for i, f := range flags {
		if f == flag && i+1 < len(flags) {
			return flags[i+1]
		}
		if value, ok := strings.CutPrefix(f, flag+"="); ok {
			return value
		}
	}
	var values []string
	for _, section := range []string{"deploy", "global"} {
		text, _ := Text(settings, environment+"."+section+".parameters", name)
		text, _, _ = strings.Cut(text, "#")
		values = append(values, strings.Trim(strings.TrimSpace(text), `"'`))
	}
	return cmp.Or(values...)
}
