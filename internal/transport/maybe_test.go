package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
)

// The server's own word that it did nothing: a refusal of the request as such, a
// redirect by which no handler ran, and a method it has not got. 408 is none: the server
// gave up waiting, and a proxy in between may have passed the request on.
func TestMaybeApplied_FollowsTheStatus(t *testing.T) {
	t.Parallel()
	for status := 300; status < 600; status++ {
		if status == 429 {
			continue // repeated: see below
		}
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			c, m := mocked(t)
			m.RegisterResponder("POST", "https://api.example/v1/things", httpmock.NewStringResponder(status, `{"detail":"no"}`))
			m.RegisterResponder("GET", "https://api.example/v1/things/1", httpmock.NewStringResponder(status, `{}`))
			in := write()
			in.Options.NoRetry = true
			_, err := c.Do(t.Context(), in)
			f := failureOf(t, err)
			nothingDone := status == 307 || status == 308 || status == 501 || status >= 400 && status < 500 && status != 408
			assert.Equal(t, !nothingDone, f.MaybeApplied)
			assert.Equal(t, status, f.StatusCode)

			in = read()
			in.Options.NoRetry = true
			_, err = c.Do(t.Context(), in)
			assert.False(t, failureOf(t, err).MaybeApplied, "a read applies nothing")
		})
	}
}

func TestMaybeApplied_UnreadableSuccessOfAWriteIs(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "null", "<html>", `{"id":`, `{"id":"x"}`} {
		c, m := mocked(t)
		m.RegisterResponder("POST", "https://api.example/v1/things", httpmock.NewStringResponder(200, body))
		in := write()
		in.Out = new(struct{ ID int })
		_, err := c.Do(t.Context(), in)
		assert.True(t, failureOf(t, err).MaybeApplied, "%q", body)
		assert.Equal(t, 1, m.GetTotalCallCount())
	}
}

// One row per way an attempt can end without an answer, and in two attempts.
func TestMaybeApplied_FollowsTheEvidence(t *testing.T) {
	t.Parallel()
	refusedDial := func(c *setup) {
		c.HTTPClient.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}
	}
	tests := map[string]struct {
		server handler
		opt    func(*setup)
		want   bool
	}{
		"429 to the end":          {statuses(429), nil, false},
		"401 to the end":          {statuses(401), withAuth(new(keys)), false},
		"429, then cut":           {func(w http.ResponseWriter, r *http.Request, n int) { then(n, statuses(429), cut)(w, r, n) }, nil, true},
		"429, then 500":           {statuses(429, 500), nil, true},
		"429, then 422":           {statuses(429, 422), nil, false},
		"429, cut off":            {half(429), nil, false},
		"404, cut off":            {half(404), nil, false},
		"401, then no credential": {statuses(401), withAuth(&keys{err: errors.New("token endpoint is down")}), false},
		"401, then cut":           {func(w http.ResponseWriter, r *http.Request, n int) { then(n, statuses(401), cut)(w, r, n) }, withAuth(new(keys)), true},
		"refused dial":            {statuses(200), refusedDial, false},
		"no credential":           {statuses(200), withAuth(noKey{errors.New("no")}), false},
		"limiter says no":         {statuses(200), func(c *setup) { c.RateLimiter = limiter(func(context.Context) error { return errors.New("no") }) }, false},
		"cut":                     {cut, nil, true},
		"half an answer":          {half(200), nil, true},
		"timeout":                 {hang, nil, true},
		"middleware pointed abroad": {statuses(200), withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			r.URL.Host = "evil.example"
			return next.RoundTrip(r)
		})), false},
		"middleware did not send": {statuses(200), withMiddleware(around(func(http.RoundTripper, *http.Request) (*http.Response, error) { return nil, errors.New("own mind") })), true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var opts []func(*setup)
				if tc.opt != nil {
					opts = append(opts, tc.opt)
				}
				g := virtual(t, tc.server, opts...)
				assert.Equal(t, tc.want, g.call(t, write()).MaybeApplied)
			})
		})
	}
}

func then(n int, first, rest handler) handler {
	if n == 1 {
		return first
	}
	return rest
}

type noKey struct{ err error }

func (a noKey) Credential(context.Context, string) (*Credential, error) { return nil, a.err }
func (a noKey) Reject(string, *Credential) bool                         { return false }

type limiter func(context.Context) error

func (l limiter) Wait(ctx context.Context) error { return l(ctx) }
