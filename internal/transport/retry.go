package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// RetryPolicy bounds the attempts of a call.
type RetryPolicy struct {
	MaxAttempts   int           // tries of one call, the first included
	MinWait       time.Duration // before the second try, doubled for each further one
	MaxWait       time.Duration // cap of that
	MaxRetryAfter time.Duration // longest wait taken from a server; a longer one ends the call
}

// DefaultRetry is used where the user says nothing.
var DefaultRetry = RetryPolicy{MaxAttempts: 4, MinWait: 250 * time.Millisecond, MaxWait: 8 * time.Second, MaxRetryAfter: 30 * time.Second}

// Validate reports what is wrong with the policy.
func (p RetryPolicy) Validate() error {
	var errs []error
	if p.MaxAttempts < 1 {
		errs = append(errs, errors.New("retry policy: MaxAttempts must be at least 1"))
	}
	if p.MinWait <= 0 || p.MaxWait < p.MinWait {
		errs = append(errs, errors.New("retry policy: MinWait must be positive and at most MaxWait"))
	}
	if p.MaxRetryAfter < 0 {
		errs = append(errs, errors.New("retry policy: MaxRetryAfter must not be negative"))
	}
	return errors.Join(errs...)
}

// backoff is half of the exponential step for sure and half at random, so that callers
// who failed together do not come back together.
func (p RetryPolicy) backoff(failed int) time.Duration {
	step := p.MaxWait
	if shift := failed - 1; p.MinWait <= p.MaxWait>>shift { // so written that nothing overflows
		step = p.MinWait << shift
	}
	return step/2 + rand.N(step/2+1)
}

// checkRetry is asked by the retry loop after each attempt. It never returns an error:
// that would make the loop throw the answer away.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	c := ctx.Value(callKey{}).(*call)
	return c.again(resp, StripURL(err)), nil
}

// again decides about one finished attempt, and when it says yes has computed the wait.
func (c *call) again(resp *http.Response, err error) bool {
	if c.attempts >= c.maxAttempts() || !c.repeatable(resp, err) {
		return false
	}
	if c.Err() != nil {
		c.interrupted = true
		return false
	}
	c.wait = c.client.retry.backoff(c.attempts)
	if resp != nil {
		if hint, ok := RetryAfter(resp.Header, time.Now()); ok {
			if hint > c.client.retry.MaxRetryAfter {
				return false
			}
			c.wait = max(c.wait, hint)
		}
	}
	if deadline, ok := c.Deadline(); ok && time.Until(deadline) <= c.wait {
		return false // the caller would be gone before the next try: the answer is worth more now
	}
	c.retrying(resp, err)
	return true
}

// repeatable is the decision table: what may be sent again after it ended so.
func (c *call) repeatable(resp *http.Response, err error) bool {
	if err != nil {
		return !final(err) && (c.idempotent || c.unsent)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests: // refused before it was looked at
		return c.idempotent || c.unsent
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return c.idempotent
	}
	return false
}

func (c *call) maxAttempts() int {
	if c.noRetry {
		return 1
	}
	return c.client.retry.MaxAttempts
}

// final reports a failure that trying again cannot cure.
func final(err error) bool {
	switch err {
	case nil:
		return false
	case errForeignHost, errTooLarge, errContextReplaced, http.ErrSchemeMismatch:
		return true
	}
	switch e := err.(type) {
	case *credentialError, *limitError, *redirectError, *CanceledError,
		*tls.CertificateVerificationError, tls.RecordHeaderError,
		// What a user's own verification function returns comes as it is.
		x509.HostnameError, x509.UnknownAuthorityError, x509.CertificateInvalidError:
		return true
	case interface{ Unwrap() error }:
		return final(e.Unwrap())
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), final)
	}
	return false
}

// StripURL drops the layer by which net/http puts the whole URL into an error's text,
// and whatever a middleware wrapped around it.
func StripURL(err error) error {
	for {
		u, ok := errors.AsType[*url.Error](err)
		if !ok {
			return err
		}
		err = u.Err
	}
}

// Transient reports whether a failure without an answer may pass by itself.
func Transient(err error) bool { return !final(err) }
