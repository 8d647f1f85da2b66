package transport

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/lockerline/lockerline-go"
)

// pathError says that a path could not be built, so nothing was sent.
type pathError struct {
	param  string // name of the element in the template
	reason string
}

func (e *pathError) Error() string { return e.param + " " + e.reason }

// expand puts args into the braces of the template, each escaped as one path element, and
// appends the result to base. An element that would change the meaning of the path is
// refused: empty, "." and "..", control characters.
func expand(base *url.URL, template string, args []string) (url.URL, error) {
	u := *base
	// Text and elements in turn, the base first: a short list that stays on the stack.
	parts := append(make([]string, 0, 16), base.Path)
	rest, used := template, 0
	for {
		before, after, found := strings.Cut(rest, "{")
		parts = append(parts, before)
		if !found {
			break
		}
		name, after, closed := strings.Cut(after, "}")
		switch {
		case !closed:
			return u, errors.New("the path template has an open brace")
		case used == len(args):
			return u, &pathError{name, "is missing"}
		}
		if reason := badElement(args[used]); reason != "" {
			return u, &pathError{name, reason}
		}
		parts = append(parts, args[used])
		rest = after
		used++
	}
	if used != len(args) {
		return u, errors.New("there are more arguments than the path template takes")
	}
	u.Path = strings.Join(parts, "")
	escaped := base.RawPath != ""
	for _, a := range args {
		escaped = escaped || url.PathEscape(a) != a
	}
	if !escaped {
		return u, nil
	}
	for i, part := range parts {
		switch {
		case i == 0:
			parts[i] = base.EscapedPath()
		case i%2 == 0:
			parts[i] = url.PathEscape(part)
		default:
			parts[i] = escape(part)
		}
	}
	u.RawPath = strings.Join(parts, "")
	return u, nil
}

// escape is the default spelling of a path. net/http drops a RawPath that is not in order
// and spells Path itself, by which a slash inside an element would divide it.
func escape(path string) string { return (&url.URL{Path: path}).EscapedPath() }

func badElement(s string) string {
	switch s {
	case "":
		return "must not be empty"
	case ".", "..":
		return "must not be a dot segment"
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] == 0x7f {
			return "must not contain control characters"
		}
	}
	return ""
}

// route is the path that takes the place of an operation's own, and which arguments it
// wants.
type route struct {
	op   lockerline.Operation
	pick []int
}

// resolve returns the operation to call, and its arguments in order.
func (r *route) resolve(args []string) (*lockerline.Operation, []string) {
	picked := make([]string, len(r.pick))
	for i, j := range r.pick {
		picked[i] = args[j]
	}
	return &r.op, picked
}

// newRoutes checks the paths of WithOperationPath against the operations that there are.
func newRoutes(operations []lockerline.Operation, paths []lockerline.OperationPath) (map[string]*route, []error) {
	var faults []error
	routes := make(map[string]*route, len(paths))
	for _, p := range paths {
		r, err := newRoute(operations, p.Operation, p.Path)
		if err != nil {
			faults = append(faults, fmt.Errorf("WithOperationPath: %w", err))
		}
		routes[p.Operation] = r
	}
	return routes, faults
}

func newRoute(operations []lockerline.Operation, name, path string) (*route, error) {
	i := slices.IndexFunc(operations, func(o lockerline.Operation) bool { return o.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no operation %q", name)
	}
	if problem := badTemplate(path); problem != "" {
		return nil, fmt.Errorf("the path of %s %s", name, problem)
	}
	r := &route{op: operations[i]}
	known := elements(r.op.Path)
	for _, element := range elements(path) {
		j := slices.Index(known, element)
		if j < 0 {
			return nil, fmt.Errorf("%s has no element {%s}; it has %s", name, element, strings.Join(known, ", "))
		}
		r.pick = append(r.pick, j)
	}
	r.op.Path = path
	return r, nil
}

// badTemplate says what is wrong with a path template; nothing when it is in order.
func badTemplate(path string) string {
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

// elements returns the names in the braces of a path template.
func elements(path string) (names []string) {
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
