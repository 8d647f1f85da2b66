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
	call  *call
	open  atomic.Int32 // requests that may have arrived; over is added at the end
	known atomic.Bool  // a layer of ours saw the request, so that open tells the truth
	taken atomic.Bool  // first is in use
	first evidence
}

// over marks an attempt that has ended.
const over = 1 << 30

// begin announces a request. It reports false when the attempt has ended: what a
// middleware left running must not send any more, since it has been accounted for.
func (a *attempt) begin() bool {
	a.known.Store(true)
	return a.open.Add(1) < over
}

// harmless takes back a request that provably had no effect.
func (a *attempt) harmless() { a.open.Add(-1) }

// end closes the attempt and reports whether some request of it may have had an effect.
func (a *attempt) end() bool { return a.open.Add(over) > over }

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
	private bool // a middleware will see the request: give it a URL and header of its own
}

func (t *attemptTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	c := r.Context().Value(callKey{}).(*call)
	a := c.nextAttempt()
	started := time.Now()
	if l := c.client.limiter; l != nil {
		// Under the caller's context: a queue may be longer than an attempt.
		if err := l.Wait(c); err != nil {
			a.known.Store(true)
			return nil, c.attemptEnded(a, nil, &limitError{err}, started)
		}
		started = time.Now()
	}
	ctx, cancel := context.WithTimeoutCause(c, c.client.attemptTimeout, ErrAttemptTimeout)
	defer cancel()
	a.Context = ctx
	r = r.WithContext(a)
	if t.private {
		u := *r.URL
		r.URL, r.Header = &u, r.Header.Clone()
	}
	resp, err := t.next.RoundTrip(r)
	switch {
	case err != nil:
		if resp != nil && resp.Body != nil {
			_ = resp.Body.Close()
		}
		resp = nil
	case resp == nil:
		err = errors.New("middleware returned neither an answer nor an error")
	default:
		err = readBody(c.buf, resp)
		resp.Body = http.NoBody
		if resp.StatusCode >= 400 && c.Err() == nil {
			err = nil // the status is the answer, whatever became of its body
		}
	}
	if err != nil {
		err = a.explain(err)
	}
	if err = c.attemptEnded(a, resp, err, started); err != nil {
		return nil, err
	}
	if resp.StatusCode < 400 && resp.StatusCode >= 300 {
		resp.Header = nil // net/http would parse Location, and print it when it cannot
	}
	return resp, nil
}

// limitError marks a failure of the user's rate limiter: final, nothing was sent.
type limitError struct{ err error }

func (e *limitError) Error() string { return "rate limiter: " + e.err.Error() }
func (e *limitError) Unwrap() error { return e.err }
