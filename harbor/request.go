package harbor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-querystring/query"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// Request describes a call to an endpoint that this package does not wrap.
type Request struct {
	// Name is what hooks, logs and errors call it; Method and Path when empty.
	Name string
	// Method is GET when empty.
	Method string
	// Path is a template below Environment.APIURL, such as
	// "/api/v1/towers/{tower}/reset". Put values that vary into Args, never into Path:
	// it appears in errors and logs.
	Path string
	// Args fill the braces of Path, in order; each is escaped as one path element.
	Args []string
	// Query is url.Values, or a struct with url tags as go-querystring reads it.
	Query any
	// Body is encoded as JSON; nil for none.
	Body any
	// Scope is what the token must be good for; ScopeServiceProvider when empty.
	Scope Scope
	// Idempotent says that it may be sent again after it may have arrived. GET and
	// HEAD always may.
	Idempotent bool
}

// Do sends a request through the same pipeline as every other call: token, retries,
// errors and hooks. The answer is decoded into out, a pointer for encoding/json
// (*json.RawMessage for the bytes); nil ignores it. An empty answer leaves out untouched.
func (c *Client) Do(ctx context.Context, req Request, out any, opts ...CallOption) error {
	op := &transport.Operation{Name: req.Name, Method: req.Method, Path: req.Path, Scope: string(req.Scope), Idempotent: req.Idempotent}
	if op.Method == "" {
		op.Method = http.MethodGet
	}
	if op.Name == "" {
		op.Name = op.Method + " " + op.Path
	}
	if op.Scope == "" {
		op.Scope = string(ScopeServiceProvider)
	} else if strings.Contains(op.Scope, " ") {
		op.Scope = scopeSet([]Scope{req.Scope, ""})
	}
	op.Idempotent = op.Idempotent || !op.Write()
	in := transport.Call{Op: op, Args: req.Args, Out: out, AllowEmpty: true}
	var problems []FieldError
	if problem := badTemplate(req.Path); problem != "" {
		problems = append(problems, FieldError{Field: "Path", Message: problem})
	} else if names := elements(req.Path); len(names) != len(req.Args) {
		problems = append(problems, FieldError{Field: "Args", Message: fmt.Sprintf("must be %d, one for each brace of Path", len(names))})
	}
	if strings.ContainsFunc(op.Method, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		problems = append(problems, FieldError{Field: "Method", Message: "must be upper-case letters"})
	}
	switch q := req.Query.(type) {
	case nil:
	case url.Values:
		in.Query = q.Encode()
	default:
		v, err := query.Values(q)
		if err != nil {
			problems = append(problems, FieldError{Field: "Query", Message: "cannot be encoded"})
		}
		in.Query = v.Encode()
	}
	if req.Body != nil {
		body, err := json.Marshal(req.Body)
		if err != nil {
			problems = append(problems, FieldError{Field: "Body", Message: "cannot be encoded as JSON"})
		}
		in.Body = body
	}
	if problems != nil {
		return &ArgumentError{Op: op.Name, Fields: problems}
	}
	_, err := c.do(ctx, in, opts)
	return err
}
