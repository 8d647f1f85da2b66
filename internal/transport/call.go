package transport

import (
	"bytes"
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Call is one request for Client.Do.
type Call struct {
	Op         *Operation
	Args       []string // for the braces of Op.Path, in order, unescaped
	Query      string   // encoded
	Body       []byte   // JSON; nil for none. Not touched after the call
	Out        any      // decoded into when the answer has a body; nil to ignore it
	AllowEmpty bool     // an empty answer, or null, is one: Result.Empty says so
	Idempotent bool     // the caller takes it on itself that a repeat does no harm
	NoRetry    bool     // one attempt
}

// Result describes the answer of a call that succeeded.
type Result struct {
	StatusCode int
	RequestID  string
	Attempts   int
	Duration   time.Duration
	Empty      bool // the answer had no body, or null, and Out was not touched
}

type callKey struct{}

// call is the state of one call, and the context its attempts travel under: the retry
// loop hands its policies nothing but a context.
type call struct {
	context.Context
	client      *Client
	op          *Operation
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

func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// OperationFromContext returns the operation a request is made for, so that a middleware
// can label what it measures without looking at the URL.
func OperationFromContext(ctx context.Context) (Operation, bool) {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return *c.op, true
	}
	return Operation{}, false
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

// attemptEnded records what is known after an attempt and tells who listens.
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
		c.unsent = a.known.Load() && !mayHave
	case err == nil && refused(status):
		c.unsent = !mayHave
	}
	if !c.unsent {
		c.maybe = true
	}
	if h := c.client.hooks.Attempt; h != nil {
		h(c.Context, AttemptEvent{c.op.Name, c.op.Method, c.op.Path, c.attempts, status, time.Since(started), StripURL(err)})
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
	h := c.client.hooks.Retry
	if h == nil {
		return
	}
	e := RetryEvent{Operation: c.op.Name, Method: c.op.Method, Path: c.op.Path, Attempt: c.attempts, Wait: c.wait, Err: err}
	if resp != nil {
		e.StatusCode = resp.StatusCode
	}
	h(c.Context, e)
}

// failure ends the call: what is known, with err as the cause.
func (c *call) failure(err error) *Failure {
	f := &Failure{
		Op: c.op, StatusCode: c.status, RequestID: requestID(c.header), Attempts: c.attempts,
		MaybeApplied: c.op.Write() && c.maybe, Cause: err,
	}
	if c.buf.Len() > 0 && c.status != 0 {
		f.Body = bytes.Clone(c.buf.Bytes()[:min(c.buf.Len(), maxRefusal)])
	}
	if c.header != nil {
		f.RetryAfter, _ = RetryAfter(c.header, time.Now())
	}
	return f
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
		return true, &DecodeError{Reason: "empty, or null, where a body belongs", Offset: -1, Body: snapshot(c.buf.Bytes())}
	}
	if in.Out == nil {
		return false, nil
	}
	if err := decode(body, in.Out); err != nil {
		return false, err
	}
	return false, nil
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
