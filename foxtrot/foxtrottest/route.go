package foxtrottest

import (
	"net/url"
	"strings"

	"github.com/lockerline/lockerline-go/foxtrot"
)

// route finds the operation of a request. Elements are split before they are unescaped,
// so that an escaped slash stays within its identifier.
func route(method, escaped string) (op string, args []string) {
	parts := strings.Split(strings.TrimPrefix(escaped, "/"), "/")
	best := -1
	for _, o := range foxtrot.Operations() {
		if o.Method != method && !(o.Method == "PATCH" && method == "PUT") {
			continue
		}
		// Of two templates that fit, such as {route}/waypoints and find_by_date/{date},
		// the one with more words of its own is meant.
		if got, fixed, ok := match(strings.Split(strings.TrimPrefix(o.Path, "/"), "/"), parts); ok && fixed > best {
			op, args, best = o.Name, got, fixed
		}
	}
	return op, args
}

func match(template, parts []string) (args []string, fixed int, ok bool) {
	if len(template) != len(parts) {
		return nil, 0, false
	}
	for i, t := range template {
		part, err := url.PathUnescape(parts[i])
		if err != nil || part == "" {
			return nil, 0, false
		}
		if strings.HasPrefix(t, "{") {
			args = append(args, part)
			continue
		}
		if t != part {
			return nil, 0, false
		}
		fixed++
	}
	return args, fixed, true
}
