package host

import "strings"

// PublicAddresses returns the URLs of a path below the public ones of a setting, which are
// separated by commas or spaces. base is what precedes the path of the operation in path; a
// public URL that ends with it is not continued by it again.
func PublicAddresses(setting, base, path string) []string {
	var all []string
	for _, public := range strings.FieldsFunc(setting, func(r rune) bool { return r == ',' || r == ' ' }) {
		public = strings.TrimRight(public, "/")
		if base != "" && strings.HasSuffix(public, base) {
			public = strings.TrimSuffix(public, base)
		}
		all = append(all, public+path)
	}
	return all
}
