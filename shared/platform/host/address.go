package host

import "strings"

// PublicAddresses returns the URLs at which clients may have sent a request below the public
// URLs of a setting, which are separated by commas or spaces. base is what precedes the path
// of the operation in path.
//
// A public URL with a path has the base path of its own, because a proxy may take it away or
// replace it: it is followed by the path of the operation. Every public URL, unless it ends
// with the base path already, is also followed by the whole path.
func PublicAddresses(setting, base, path string) []string {
	var all []string
	rest := strings.TrimPrefix(path, base)
	for _, public := range PublicURLs(setting) {
		hasBase := base != "" && strings.HasSuffix(public, base)
		if !hasBase {
			all = append(all, public+path)
		}
		_, host, _ := strings.Cut(public, "://")
		if base != "" && strings.Contains(host, "/") {
			all = append(all, public+rest)
		}
	}
	return all
}

// PublicURLs returns the URLs of a setting, which are separated by commas or spaces, without
// the slashes at their ends.
func PublicURLs(setting string) []string {
	all := strings.FieldsFunc(setting, func(r rune) bool { return r == ',' || r == ' ' })
	for i := range all {
		all[i] = strings.TrimRight(all[i], "/")
	}
	return all
}
