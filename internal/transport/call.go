package transport

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/lockerline/lockerline-go"
)

// Call is one request for Client.Do.
type Call struct {
	Op         *lockerline.Operation
	Args       []string // for the braces of Op.Path, in order, unescaped
	Query      string   // encoded
	Body       []byte   // JSON; nil for none. Not touched after the call
	Out        any      // decoded into when the answer has a body; nil to ignore it
	AllowEmpty bool     // an empty answer, or null, is one: Result.Empty says so
	Options    lockerline.CallConfig
}

// Result describes the answer of a call that succeeded.
type Result struct {
	lockerline.CallMeta
	Empty        bool // the answer had no body, or null, and Out was not touched
	MaybeApplied bool // some attempt of a write may have taken effect, whatever the last answer says
}

// Op is a row of a client's table of operations.
func Op(name, method, path, scope string, idempotent bool, evidence lockerline.Evidence) lockerline.Operation {
	return lockerline.Operation{Name: name, Method: method, Path: path, Scope: scope, Idempotent: idempotent, Evidence: evidence}
}

type callKey struct{}

// call is the state of one call, and the context its attempts travel under: the retry
// loop hands its policies nothing but a context.
type call struct {
	context.Context
	client      *Client
	op          *lockerline.Operation
	idempotent  bool
	noRetry     bool
	attempts    int
	wait        time.Duration // before the next attempt
	unsent      bool          // the latest attempt provably had no effect
	maybe       bool          // some attempt may have had an effect
	interrupted bool          // there would have been another attempt, but the caller is gone
	refreshed   atomic.Bool   // the one replay after a 401 is spent
	header      http.Header   // of the latest answer
	status      int           // of the latest answer
	buf         *bytes.Buffer // body of the latest answer

	loop  retryablehttp.Client
	req   retryablehttp.Request
	first attempt
}

// Value answers the keys of this package, and that of lockerline.OperationFromContext.
func (c *call) Value(key any) any {
	switch key {
	case callKey{}:
		return c
	case (*lockerline.Operation)(nil):
		return c.op
	}
	return c.Context.Value(key)
}

// nextAttempt begins an attempt. It runs once per attempt, in the loop's goroutine.
func (c *call) nextAttempt() *attempt {
	c.attempts++
	a := &c.first
	if c.attempts > 1 {
		a = new(attempt)
	}
	a.call = c
	return a
}

// attemptEnded records what is known after an attempt and tells the hooks.
func (c *call) attemptEnded(a *attempt, resp *http.Response, err error, started time.Time) error {
	c.unsent = false
	mayHave := a.end()
	status := 0
	if resp != nil {
		status = resp.StatusCode
		c.status, c.header = status, resp.Header
	}
	switch {
	case err != nil && status == 0:
		c.unsent = a.seen.Load() && !mayHave
	case err == nil && refused(status):
		c.unsent = !mayHave
	}
	if !c.unsent {
		c.maybe = true
	}
	if h := c.client.config.Hooks.Attempt; h != nil {
		h(c.Context, lockerline.AttemptEvent{
			Service: c.client.service.Name, Operation: c.op.Name, Method: c.op.Method, Path: c.op.Path,
			Attempt: c.attempts, StatusCode: status, Duration: time.Since(started), Err: StripURL(err),
		})
	}
	return err
}

// refused reports an answer by which the server says that it did nothing.
func refused(status int) bool {
	switch status {
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect, http.StatusNotImplemented:
		return true
	case http.StatusRequestTimeout:
		return false
	}
	return status >= 400 && status < 500
}

func (c *call) retrying(resp *http.Response, err error) {
	h := c.client.config.Hooks.Retry
	if h == nil {
		return
	}
	e := lockerline.RetryEvent{
		Service: c.client.service.Name, Operation: c.op.Name, Method: c.op.Method, Path: c.op.Path,
		Attempt: c.attempts, Wait: c.wait, Err: err,
	}
	if resp != nil {
		e.StatusCode = resp.StatusCode
	}
	h(c.Context, e)
}

// failure ends the call: what is known, with err as the cause.
func (c *call) failure(err error) error {
	service := c.client.service
	if p, ok := errors.AsType[*pathError](err); ok {
		return &lockerline.ArgumentError{Service: service.Name, Op: c.op.Name, Fields: []lockerline.FieldError{{Field: p.param, Message: p.reason}}}
	}
	e := c.client.Failed(c.op, lockerline.CallMeta{StatusCode: c.status, RequestID: requestID(c.header), Attempts: c.attempts}, err)
	e.MaybeApplied = c.op.Write() && !c.op.Idempotent && c.maybe
	if c.buf.Len() > 0 && c.status != 0 {
		e.Body = bytes.Clone(c.buf.Bytes()[:min(c.buf.Len(), maxRefusal)])
	}
	if c.header != nil && e.RetryAfter == 0 {
		e.RetryAfter, _ = RetryAfter(c.header, time.Now())
	}
	if service.Explain != nil {
		service.Explain(e)
	}
	return e
}

// finish turns the last answer into the caller's value.
func (c *call) finish(in *Call) (empty bool, err error) {
	if c.status >= 300 && c.status < 400 {
		return false, &redirectError{c.status}
	}
	body := trim(c.buf.Bytes())
	if len(body) == 0 {
		if in.AllowEmpty || in.Out == nil {
			return true, nil
		}
		return true, &lockerline.DecodeError{Reason: "empty, or null, where a body belongs", Offset: -1, Snapshot: snapshot(c.buf.Bytes())}
	}
	if in.Out == nil {
		return false, nil
	}
	return false, Decode(body, in.Out)
}

// requestID finds the identifier by which the server knows the request, under any of the
// names in use.
func requestID(h http.Header) string {
	for _, name := range [...]string{"X-Request-Id", "X-Correlation-Id", "Request-Id", "X-Amzn-Requestid", "Cf-Ray"} {
		if v := h[name]; len(v) > 0 {
			return v[0][:min(len(v[0]), 128)]
		}
	}
	return ""
}

// canceledError is the caller's own end of a call: its context was cancelled or ran out.
// It matches both context.Canceled (or context.DeadlineExceeded) and the cause given.
type canceledError struct{ err, cause error }

func (e *canceledError) Error() string {
	if e.cause != nil && !errors.Is(e.err, e.cause) {
		return e.err.Error() + ": " + e.cause.Error()
	}
	return e.err.Error()
}

// Unwrap returns the context's error and its cause.
func (e *canceledError) Unwrap() []error { return []error{e.err, e.cause} }

// Permanent reports that the caller does not wait any more.
func (e *canceledError) Permanent() bool { return true }

// Canceled returns the end of ctx as an error.
func Canceled(ctx context.Context) error { return &canceledError{ctx.Err(), context.Cause(ctx)} }

// Cut shortens s to at most n bytes, between two characters.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
