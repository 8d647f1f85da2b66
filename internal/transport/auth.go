package transport

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/lockerline/lockerline-go/internal/redact"
)

// Authorizer has the credential for a scope. Both methods are safe for concurrent use.
type Authorizer interface {
	// Credential returns the header to send. It must honour ctx.
	Credential(ctx context.Context, scope string) (*Credential, error)
	// Reject says that c was answered with 401, and reports whether asking again can
	// bring another one. It must compare by identity, so that a late answer about an
	// old credential costs nothing.
	Reject(scope string, c *Credential) bool
}

// Credential is a header ready to be put into a request. It is never printed.
type Credential struct {
	redact.Hidden
	header string   // canonical name
	value  []string // one element
}

// NewCredential returns a credential that travels in the named header.
func NewCredential(header, value string) *Credential {
	return &Credential{header: http.CanonicalHeaderKey(header), value: []string{value}}
}

// errForeignHost ends a call that a middleware pointed elsewhere.
const errForeignHost = permanentError("refusing to send the credential to another host")

// errAttemptOver ends a request that a middleware left running.
var errAttemptOver = errors.New("the attempt this request belongs to is over")

// credentialError marks a failure to get a credential: nothing was sent, and the retry
// loop must not repeat what has its own tries.
type credentialError struct{ err error }

func (e *credentialError) Error() string { return e.err.Error() }
func (e *credentialError) Unwrap() error { return e.err }

// authTripper adds the credential anew on every attempt, for its own host only, and
// turns the first 401 of a call into one refresh and one replay.
type authTripper struct {
	next   http.RoundTripper
	auth   Authorizer
	origin *url.URL
}

func (t *authTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	a, ok := r.Context().Value(attemptKey{}).(*attempt)
	if !ok {
		closeBody(r)
		return nil, errContextReplaced
	}
	if !sameOrigin(r.URL, t.origin) {
		return nil, a.refuse(r, errForeignHost)
	}
	scope := a.call.op.Scope
	cred, err := t.auth.Credential(r.Context(), scope)
	if err != nil {
		return nil, a.refuse(r, &credentialError{err})
	}
	resp, err := t.send(a, r, cred)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	if !t.auth.Reject(scope, cred) || !a.call.mayReplay(r) {
		return resp, nil
	}
	fresh, err := t.auth.Credential(r.Context(), scope)
	if err != nil {
		discard(resp)
		return nil, a.refuse(nil, &credentialError{err})
	}
	if fresh.value[0] == cred.value[0] {
		return resp, nil
	}
	discard(resp)
	again := *r
	if r.GetBody != nil {
		if again.Body, err = r.GetBody(); err != nil {
			return nil, a.refuse(nil, err)
		}
	}
	return t.send(a, &again, fresh)
}

func (t *authTripper) send(a *attempt, r *http.Request, cred *Credential) (*http.Response, error) {
	if !a.begin() {
		closeBody(r)
		return nil, errAttemptOver
	}
	r2, e := a.watch(r)
	h := CopyHeader(r.Header)
	h[cred.header] = cred.value
	r2.Header = h
	resp, err := t.next.RoundTrip(r2)
	if err == nil && resp == nil {
		err = errors.New("transport returned neither an answer nor an error")
	}
	if e.harmless(resp, err) {
		a.harmless()
	}
	return resp, err
}

// refuse records that this request did not leave, and closes r's body as a RoundTripper
// must.
func (a *attempt) refuse(r *http.Request, err error) error {
	if r != nil {
		closeBody(r)
	}
	a.seen.Store(true)
	return err
}

// mayReplay spends the call's one replay after a 401.
func (c *call) mayReplay(r *http.Request) bool {
	if c.noRetry || r.Body != nil && r.Body != http.NoBody && r.GetBody == nil {
		return false
	}
	return c.refreshed.CompareAndSwap(false, true)
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

// CopyHeader returns a map of its own with room for more; the values are shared.
func CopyHeader(h http.Header) http.Header {
	out := make(http.Header, len(h)+2)
	for k, v := range h {
		out[k] = v
	}
	return out
}
