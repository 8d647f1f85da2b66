package transport

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// attempt is one try of a call. It is the context its request travels under, so that the
// layers below find it without a copy of their own. Each try has its own: one that a
// middleware abandoned cannot speak for a later one.
type attempt struct {
	context.Context
	call   *call
	unsent atomic.Bool // refused by a layer of ours before the base transport saw it
	latest atomic.Pointer[evidence]
	first  evidence
}

type attemptKey struct{}

func (a *attempt) Value(key any) any {
	if key == (attemptKey{}) {
		return a
	}
	return a.Context.Value(key)
}

// ErrAttemptTimeout says that one attempt took longer than it may. It is not the
// caller's deadline and does not match context.DeadlineExceeded.
var ErrAttemptTimeout = errors.New("attempt timed out")

// attemptTripper bounds one attempt, reads its answer whole within that bound and hides
// the transport's CloseIdleConnections, by which the retry loop would empty a pool that
// all calls share after any failure.
type attemptTripper struct {
	next    http.RoundTripper
	private bool // a middleware will see the request: give it a header map of its own
}

func (t *attemptTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	c := r.Context().Value(callKey{}).(*call)
	a := c.nextAttempt()
	ctx, cancel := context.WithTimeoutCause(c, c.client.attemptTimeout, ErrAttemptTimeout)
	defer cancel()
	a.Context = ctx
	started := time.Now()
	if l := c.client.limiter; l != nil {
		if err := l.Wait(a); err != nil {
			a.unsent.Store(true)
			return nil, c.attemptEnded(a, nil, limited(err), started)
		}
	}
	r = r.WithContext(a)
	if t.private {
		r.Header = r.Header.Clone()
	}
	resp, err := t.next.RoundTrip(r)
	switch {
	case err != nil:
	case resp == nil:
		err = errors.New("middleware returned neither an answer nor an error")
	default:
		err = readBody(c.buf, resp)
		resp.Body = http.NoBody
	}
	if err != nil && context.Cause(ctx) == ErrAttemptTimeout {
		err = ErrAttemptTimeout
	}
	if err = c.attemptEnded(a, resp, err, started); err != nil {
		return nil, err
	}
	return resp, nil
}

// limitError marks a failure of the user's rate limiter: final, nothing was sent.
type limitError struct{ err error }

func (e *limitError) Error() string { return "rate limiter: " + e.err.Error() }
func (e *limitError) Unwrap() error { return e.err }

func limited(err error) error { return &limitError{err} }
