package foxtrot

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-querystring/query"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// Request is a call to an endpoint that this package has no method for.
type Request struct {
	// Name is what hooks, logs and errors call it, such as "drivers.list"; Method and
	// Path when empty.
	Name string
	// Method is GET when empty.
	Method string
	// Path is a template below the base URL, such as "/dcs/{dc}/drivers". Put values that
	// vary into Args, never into Path: it appears in errors and logs.
	Path string
	// Args fill the braces of Path, in order; each is escaped as one path element.
	Args []string
	// Query is url.Values, or a struct with url tags as go-querystring reads it; nil for
	// none. No endpoint of the vendor's pages takes one.
	Query any
	// Body is encoded as JSON; nil for none.
	Body any
	// Idempotent says that it may be sent again after it may have arrived. GET and HEAD
	// always may.
	Idempotent bool
}

// Do makes a call through the same pipeline as every method: key, retries, errors,
// envelope. The answer's data, or a bare answer whole, is decoded into out; use a
// *json.RawMessage to have it as it came, nil when none is expected. An envelope that says
// error or pending is an error, also with HTTP 200; a transaction that HTTP 202 accepts
// with an envelope of success is not: see Meta for the status.
func (c *Client) Do(ctx context.Context, r Request, out any, opts ...CallOption) error {
	op := &transport.Operation{Name: r.Name, Method: r.Method, Path: r.Path}
	if op.Method == "" {
		op.Method = http.MethodGet
	}
	if op.Name == "" {
		op.Name = op.Method + " " + op.Path
	}
	op.Idempotent = r.Idempotent || !op.Write()
	bad := r.faults(op.Method)
	in := transport.Call{Op: op, Args: r.Args}
	switch q := r.Query.(type) {
	case nil:
	case url.Values:
		in.Query = q.Encode()
	default:
		v, err := query.Values(q)
		if err != nil {
			bad = append(bad, FieldError{"Query", "cannot be encoded"})
		}
		in.Query = v.Encode()
	}
	if r.Body != nil {
		var err error
		if in.Body, err = json.Marshal(r.Body); err != nil {
			bad = append(bad, FieldError{"Body", "cannot be encoded as JSON"})
		}
	}
	if err := argumentError(op.Name, bad); err != nil {
		return err
	}
	var p payload
	if out != nil {
		p = whole{out}
	}
	cs := settingsOf(opts)
	_, err := c.do(ctx, in, p, &cs)
	return err
}

func (r Request) faults(method string) (bad []FieldError) {
	if strings.ContainsFunc(method, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		bad = append(bad, FieldError{"Method", "must be upper-case letters"})
	}
	if !strings.HasPrefix(r.Path, "/") || strings.ContainsAny(r.Path, "?#") {
		bad = append(bad, FieldError{"Path", "must begin with a slash and have no query"})
	}
	names, ok := elements(r.Path)
	if !ok {
		bad = append(bad, FieldError{"Path", "has an open brace"})
	} else if len(names) != len(r.Args) {
		bad = append(bad, FieldError{"Args", "must have one value for each brace of Path"})
	} else {
		for i, name := range names {
			if reason := badID(r.Args[i]); reason != "" {
				bad = append(bad, FieldError{name, reason})
			}
		}
	}
	return bad
}

// elements returns the names in the braces of a path template.
func elements(path string) (names []string, ok bool) {
	for {
		_, rest, found := strings.Cut(path, "{")
		if !found {
			return names, true
		}
		name, rest, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, false
		}
		names, path = append(names, name), rest
	}
}
