package transport

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-querystring/query"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/pathtemplate"
)

// NewCall turns a request to an endpoint without a method into a call.
func (c *Client) NewCall(r lockerline.Request, opts []lockerline.CallOption) (Call, error) {
	op := &lockerline.Operation{Name: r.Name, Method: r.Method, Path: r.Path, Scope: r.Scope}
	if op.Method == "" {
		op.Method = http.MethodGet
	}
	if op.Name == "" {
		op.Name = op.Method + " " + op.Path
	}
	op.Idempotent = r.Idempotent || !op.Write()
	in := Call{Op: op, Args: r.Args, AllowEmpty: true, Options: lockerline.NewCallConfig(opts)}
	var faults []lockerline.FieldError
	fault := func(field, message string) {
		faults = append(faults, lockerline.FieldError{Field: field, Message: message})
	}
	if strings.ContainsFunc(op.Method, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		fault("Method", "must be upper-case letters")
	}
	if problem := pathtemplate.Problem(r.Path); problem != "" {
		fault("Path", problem)
	}
	if names := pathtemplate.Elements(r.Path); len(names) != len(r.Args) {
		fault("Args", fmt.Sprintf("must be %d, one for each brace of Path", len(names)))
	}
	switch q := r.Query.(type) {
	case nil:
	case url.Values:
		in.Query = q.Encode()
	default:
		v, err := query.Values(q)
		if err != nil {
			fault("Query", "cannot be encoded")
		}
		in.Query = v.Encode()
	}
	if r.Body != nil {
		body, err := json.Marshal(r.Body)
		if err != nil {
			fault("Body", "cannot be encoded as JSON")
		}
		in.Body = body
	}
	if faults != nil {
		return in, &lockerline.ArgumentError{Service: c.service.Name, Op: op.Name, Fields: faults}
	}
	return in, nil
}
