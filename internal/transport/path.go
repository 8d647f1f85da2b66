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
		r, err := newRoute(operations, p)
		if err != nil {
			faults = append(faults, fmt.Errorf("WithOperationPath: %w", err))
		}
		routes[p.Operation] = r
	}
	return routes, faults
}

func newRoute(operations []lockerline.Operation, p lockerline.OperationPath) (*route, error) {
	i := slices.IndexFunc(operations, func(o lockerline.Operation) bool { return o.Name == p.Operation })
	if i < 0 {
		return nil, fmt.Errorf("there is no operation %q", p.Operation)
	}
	pick, err := p.Pick(operations[i].Path)
	if err != nil {
		return nil, err
	}
	r := &route{operations[i], pick}
	r.op.Path = p.Path
	return r, nil
}
