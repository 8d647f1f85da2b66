package transport

import (
	"errors"
	"net/url"
	"strings"
)

// PathError says that a path could not be built, so nothing was sent.
type PathError struct {
	Param  string // name of the element in the template
	Reason string
}

func (e *PathError) Error() string { return e.Param + " " + e.Reason }

// expand puts args into the braces of the template, each escaped as one path element, and
// appends the result to base. An element that would change the meaning of the path is
// refused: empty, "." and "..", control characters.
func expand(base *url.URL, template string, args []string) (url.URL, error) {
	u := *base
	var pathBuf, rawBuf [128]byte // both are short: no allocation but the result's
	path, raw := append(pathBuf[:0], base.Path...), rawBuf[:0]
	escaped := base.RawPath != ""
	if escaped {
		raw = append(raw, base.EscapedPath()...)
	}
	rest, used := template, 0
	for {
		before, after, found := strings.Cut(rest, "{")
		path = append(path, before...)
		if escaped {
			raw = append(raw, escape(before)...)
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(after, "}")
		if !closed {
			return u, errors.New("the path template has an open brace")
		}
		rest = after
		if used == len(args) {
			return u, &PathError{name, "is missing"}
		}
		arg := args[used]
		used++
		if reason := badElement(arg); reason != "" {
			return u, &PathError{name, reason}
		}
		esc := url.PathEscape(arg)
		if esc != arg && !escaped {
			escaped = true
			raw = append(raw, escape(string(path))...)
		}
		path = append(path, arg...)
		if escaped {
			raw = append(raw, esc...)
		}
	}
	if used != len(args) {
		return u, errors.New("there are more arguments than the path template takes")
	}
	u.Path, u.RawPath = string(path), string(raw)
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
