// Package namestest has names that look alike, for tests of code that compares names.
package namestest

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Alike returns names that look like name and have other characters. The name has to have
// an ASCII letter and a blank.
func Alike(name string) []string {
	wide := strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r - '!' + '\uff01'
		}
		return r
	}, name)
	first, rest, _ := strings.Cut(name, " ")
	all := []string{
		strings.ToUpper(name), wide, norm.NFD.String(strings.ToUpper(name)),
		first + "  " + rest, first + "\u00a0" + rest, first + "\u200b " + rest, name[:1] + "\u00ad" + name[1:],
		" " + name, name + " ", "\ufeff" + name,
	}
	if decomposed := norm.NFD.String(name); decomposed != name {
		all = append(all, decomposed)
	}
	return all
}
