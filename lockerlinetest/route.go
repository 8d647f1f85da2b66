package lockerlinetest

import (
	"net/url"
	"slices"
	"strings"

	"github.com/lockerline/lockerline-go"
)

// Routes are the operations of a service. A name may stand there more than once, for
// paths or methods that mean the same.
type Routes []lockerline.Operation

// Find returns the operation of a request and the values of its path's braces. Elements
// are split before they are unescaped, so that an escaped slash stays in its identifier.
// Of two paths that fit, the one with more literal elements is meant.
func (rs Routes) Find(method, escapedPath string) (op lockerline.Operation, args map[string]string, ok bool) {
	parts := strings.Split(escapedPath, "/")
	best := -1
	for _, o := range rs {
		if o.Method != method {
			continue
		}
		if got, literal, fits := match(o.Path, parts); fits && literal > best {
			op, args, best = o, got, literal
		}
	}
	return op, args, best >= 0
}

// Methods returns the methods that a path knows, in the order of the table.
func (rs Routes) Methods(escapedPath string) []string {
	var methods []string
	parts := strings.Split(escapedPath, "/")
	for _, o := range rs {
		if _, _, fits := match(o.Path, parts); fits && !slices.Contains(methods, o.Method) {
			methods = append(methods, o.Method)
		}
	}
	return methods
}

func (rs Routes) named(op string) bool {
	return slices.ContainsFunc(rs, func(o lockerline.Operation) bool { return o.Name == op })
}

func match(template string, parts []string) (args map[string]string, literal int, ok bool) {
	if strings.Count(template, "/")+1 != len(parts) {
		return nil, 0, false
	}
	i := -1
	for want := range strings.SplitSeq(template, "/") {
		i++
		part, err := url.PathUnescape(parts[i])
		name, isArg := strings.CutPrefix(want, "{")
		switch {
		case err != nil || isArg && part == "" || !isArg && part != want:
			return nil, 0, false
		case !isArg:
			literal++
		default:
			if args == nil {
				args = make(map[string]string, 3)
			}
			args[strings.TrimSuffix(name, "}")] = part
		}
	}
	return args, literal, true
}
