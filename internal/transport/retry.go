package transport

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go"
)

// backoff is half of the exponential step for sure and half at random, so that callers
// who failed together do not come back together.
func backoff(p lockerline.RetryPolicy, failed int) time.Duration {
	step := p.MaxWait
	if shift := failed - 1; p.MinWait <= p.MaxWait>>shift { // so written that nothing overflows
		step = p.MinWait << shift
	}
	return step/2 + rand.N(step/2+1)
}

// checkRetry is asked by go-retryablehttp after each attempt. Of that library the loop
// alone is used: which attempt may be repeated, and after what wait, is decided here. It
// never returns an error: that would make the loop throw the answer away.
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
	c.wait = backoff(c.client.config.Retry, c.attempts)
	if resp != nil {
		if hint, ok := RetryAfter(resp.Header, time.Now()); ok {
			if hint > c.client.config.Retry.MaxRetryAfter {
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

// repeatable reports whether another attempt of this call may succeed and can do no harm
// after one that ended so. What failed before it was sent had tries of its own.
func (c *call) repeatable(resp *http.Response, err error) bool {
	if err == nil && success(resp.StatusCode) {
		return false
	}
	if _, ok := errors.AsType[*credentialError](err); ok {
		return false
	}
	e := lockerline.Error{Err: err, MaybeApplied: !c.idempotent && !c.unsent}
	if resp != nil {
		e.StatusCode = resp.StatusCode
	}
	return lockerline.Retryable(&e)
}

func (c *call) maxAttempts() int {
	if c.noRetry {
		return 1
	}
	return c.client.config.Retry.MaxAttempts
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

// maxHint bounds what a Retry-After can say, so that no sum of it overflows.
const maxHint = 365 * 24 * time.Hour

// RetryAfter reads the Retry-After header: seconds, or any of the three HTTP date forms,
// measured against the answer's own Date so that a wrong clock on either side does no
// harm. It reports false when there is none that can be read.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := h["Retry-After"]
	if len(v) == 0 {
		return 0, false
	}
	s := strings.TrimSpace(v[0])
	if digits(s) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n > int64(maxHint/time.Second) {
			return maxHint, true
		}
		return time.Duration(n) * time.Second, true
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(0, at.Sub(now)), maxHint), true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
