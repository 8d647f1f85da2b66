package transport

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lockerline/lockerline-go"
)

// attempt is one try of a call. It is the context its request travels under, so that the
// layers below find it without a copy of their own. Each try has its own: one that a
// middleware abandoned cannot speak for a later one.
type attempt struct {
	context.Context
	call      *call
	mayArrive atomic.Int32 // requests that may have arrived; ended is added at the end
	seen      atomic.Bool  // a layer of ours saw the request, so that mayArrive is right
	taken     atomic.Bool  // first is in use
	first     evidence
}

// ended marks an attempt that has ended.
const ended = 1 << 30

// begin announces a request. It reports false when the attempt has ended: what a
// middleware left running must not send any more, since it has been accounted for.
func (a *attempt) begin() bool {
	a.seen.Store(true)
	return a.mayArrive.Add(1) < ended
}

// harmless takes back a request that provably had no effect.
func (a *attempt) harmless() { a.mayArrive.Add(-1) }

// end closes the attempt and reports whether some request of it may have had an effect.
func (a *attempt) end() bool { return a.mayArrive.Add(ended) > ended }

type attemptKey struct{}

func (a *attempt) Value(key any) any {
	if key == (attemptKey{}) {
		return a
	}
	return a.Context.Value(key)
}

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
	if l := c.client.config.RateLimiter; l != nil {
		// Under the caller's context: a queue may be longer than an attempt.
		if err := l.Wait(c); err != nil {
			a.seen.Store(true)
			return nil, c.attemptEnded(a, nil, &limitError{err}, started)
		}
		started = time.Now()
	}
	ctx, cancel := context.WithTimeoutCause(c, c.client.config.AttemptTimeout, lockerline.ErrAttemptTimeout)
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

// limitError is a failure of the user's rate limiter: nothing was sent.
type limitError struct{ err error }

func (e *limitError) Error() string   { return "rate limiter: " + e.err.Error() }
func (e *limitError) Unwrap() error   { return e.err }
func (e *limitError) Permanent() bool { return true }

// permanentError is a failure that another attempt does not cure.
type permanentError string

func (e permanentError) Error() string { return string(e) }
func (permanentError) Permanent() bool { return true }

// evidence tells whether a request left. Only net/http's own word counts: it asked for a
// connection and never got one. A transport that fires no trace, such as a mock, is
// taken to have sent it.
type evidence struct {
	asked, got atomic.Bool
	trace      httptrace.ClientTrace
}

func (e *evidence) getConn(string)                { e.asked.Store(true) }
func (e *evidence) gotConn(httptrace.GotConnInfo) { e.got.Store(true) }

// watch arranges for r to leave evidence. It is the innermost layer, so that no other
// request under the same context (a middleware's own) blurs it.
func (a *attempt) watch(r *http.Request) (*http.Request, *evidence) {
	e := &a.first
	if !a.taken.CompareAndSwap(false, true) {
		e = new(evidence)
	}
	e.trace.GetConn, e.trace.GotConn = e.getConn, e.gotConn
	return r.WithContext(httptrace.WithClientTrace(r.Context(), &e.trace)), e
}

// harmless reports whether a request that ended so provably had no effect. It speaks
// only of what has ended: a request under way may still get its connection.
func (e *evidence) harmless(resp *http.Response, err error) bool {
	if err != nil {
		return e.asked.Load() && !e.got.Load()
	}
	return refused(resp.StatusCode)
}

// errContextReplaced ends a call whose middleware lost what its attempts travel under.
// Without it there is no deadline, and no telling what was sent.
const errContextReplaced = permanentError("the middleware replaced the context of the request instead of deriving from it")

// explain says what an error from below means for the call.
func (a *attempt) explain(err error) error {
	if errors.Is(err, errContextReplaced) {
		a.seen.Store(true)
		return err
	}
	if context.Cause(a) == lockerline.ErrAttemptTimeout {
		return lockerline.ErrAttemptTimeout
	}
	if _, ok := errors.AsType[*credentialError](err); ok || a.call.Err() != nil {
		return err
	}
	if text := err.Error(); strings.Contains(text, "malformed ") || strings.Contains(text, "failed to parse Location") {
		// net/http quotes what it could not parse: when an answer before was longer
		// than it said, that is the rest of its body.
		return &quietError{text: "answer is not well-formed HTTP"}
	}
	return Detached(err)
}

// Detached returns err such that it cannot be taken for the end of the caller's own
// context. Dialler, transport and middleware have time limits of their own whose errors
// match context.DeadlineExceeded; here they match lockerline.ErrAttemptTimeout instead.
func Detached(err error) error {
	timeout := errors.Is(err, context.DeadlineExceeded)
	if !timeout && !errors.Is(err, context.Canceled) {
		return err
	}
	return &quietError{text: StripURL(err).Error(), timeout: timeout}
}

// TimedOut returns an error that matches ErrAttemptTimeout.
func TimedOut(text string) error { return &quietError{text: text, timeout: true} }

// quietError keeps the words of an error and drops what it wraps.
type quietError struct {
	text    string
	timeout bool
}

func (e *quietError) Error() string { return e.text }

// Is tells a time limit from other failures.
func (e *quietError) Is(target error) bool {
	return e.timeout && target == lockerline.ErrAttemptTimeout
}
