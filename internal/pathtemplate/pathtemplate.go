// Package pathtemplate reads path templates such as "/v1/towers/{tower}/lockers/{locker}".
package pathtemplate

import "strings"

// Problem says what is wrong with a path template; nothing when it is in order.
func Problem(path string) string {
	bad := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '?' || r == '#' }
	if !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, bad) {
		return "must begin with a slash and have no query, fragment or white space"
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "." || part == ".." {
			return "must not have dot segments"
		}
	}
	open := false
	for _, r := range path {
		if (r == '{' || r == '}') && open == (r == '{') || r == '/' && open {
			return "has braces that do not match"
		}
		open = r == '{' || open && r != '}'
	}
	if open {
		return "has braces that do not match"
	}
	return ""
}

// Elements returns the names in the braces of a path template.
func Elements(path string) (names []string) {
	for {
		_, rest, ok := strings.Cut(path, "{")
		if !ok {
			return names
		}
		name, rest, closed := strings.Cut(rest, "}")
		if !closed {
			return names
		}
		names, path = append(names, name), rest
	}
}
