package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

func TestWithMiddleware_SeesEachAttemptAndNoCredential(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []int
		spy := around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			assert.Empty(t, r.Header.Get("Authorization"))
			resp, err := next.RoundTrip(r)
			if assert.NoError(t, err) {
				seen = append(seen, resp.StatusCode)
				if resp.Request != nil {
					assert.Empty(t, r.Header.Get("Authorization"))
				}
			}
			return resp, err
		})
		g := virtual(t, statuses(503, 401, 200), withAuth(new(keys)), withMiddleware(spy))
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, []int{503, 200}, seen, "the 401 is between auth and server")
	})
}

func TestWithMiddleware_RunsInTheOrderGiven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var order []string
		named := func(name string) middleware {
			return around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				order = append(order, name+" in")
				defer func() { order = append(order, name+" out") }()
				return next.RoundTrip(r)
			})
		}
		g := virtual(t, statuses(200), withMiddleware(named("first"), named("second")))
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, []string{"first in", "second in", "second out", "first out"}, order)
	})
}

func TestWithMiddleware_LearnsTheOperation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, statuses(200), withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			op, ok := lockerline.OperationFromContext(r.Context())
			assert.True(t, ok)
			assert.Equal(t, *opRead, op)
			return next.RoundTrip(r)
		})))
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
	})
	_, ok := lockerline.OperationFromContext(t.Context())
	assert.False(t, ok)
}

// What a middleware changes in place is gone with the attempt: neither the next attempt
// nor any other call sees it.
func TestWithMiddleware_MayChangeItsRequestInPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, n int) {
			assert.Equal(t, []string{"1"}, r.Header["X-Tenant"])
			assert.Equal(t, []string{"spy lockerline-test " + sdkAgent}, r.Header["User-Agent"])
			assert.Equal(t, "/v1/things/1", r.URL.Path)
			assert.Equal(t, "trace=1", r.URL.RawQuery)
			statuses(503, 200)(w, r, n)
		}, withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			r.Header.Add("X-Tenant", "1")
			r.Header["User-Agent"][0] = "spy " + r.Header["User-Agent"][0]
			r.URL.RawQuery += "trace=1"
			return next.RoundTrip(r)
		})))
		for range 2 {
			_, err := g.Do(t.Context(), read())
			require.NoError(t, err)
		}
		assert.Equal(t, 3, g.hits())
	})
}

func TestWithMiddleware_MayReplaceRequestAndAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, statuses(500), withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			r2 := r.Clone(r.Context())
			r2.Body = io.NopCloser(strings.NewReader(`{"other":1}`))
			r2.ContentLength = 11
			resp, err := next.RoundTrip(r2)
			if err == nil {
				_ = resp.Body.Close()
				resp.StatusCode, resp.ContentLength = 200, -1
				resp.Body = io.NopCloser(strings.NewReader(`{"id":7}`))
			}
			return resp, err
		})))
		var out struct{ ID int }
		in := write()
		in.Out = &out
		res, err := g.Do(t.Context(), in)
		require.NoError(t, err)
		assert.Equal(t, 200, res.StatusCode)
		assert.Equal(t, 7, out.ID)
		assert.Equal(t, `{"other":1}`, g.requests()[0].body)
	})
}

func TestWithMiddleware_MayAnswerByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, statuses(200), withMiddleware(around(func(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 418, Request: r}, nil // no header, no body
		})))
		f := g.call(t, read())
		assert.Equal(t, 418, f.StatusCode)
		assert.Zero(t, g.hits())
	})
}

func TestWithMiddleware_ThatReturnsNothingIsAnError(t *testing.T) {
	t.Parallel()
	nothing := around(func(http.RoundTripper, *http.Request) (*http.Response, error) { return nil, nil })
	synctest.Test(t, func(t *testing.T) {
		f := virtual(t, statuses(200), withMiddleware(nothing)).call(t, read())
		assert.ErrorContains(t, f, "neither an answer nor an error")
	})
	broken := roundTrip(func(*http.Request) (*http.Response, error) { return nil, nil })
	c := newTestClient(t, "https://api.example", broken, nil)
	in := read()
	in.Options.NoRetry = true
	_, err := c.Do(t.Context(), in)
	assert.ErrorContains(t, err, "neither an answer nor an error", "nor may a transport")
}

func TestWithMiddleware_ThatReturnsBothLeaksNoBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		own := errors.New("own mind")
		g := virtual(t, statuses(200), withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			require.NoError(t, err)
			return resp, own
		})))
		in := read()
		in.Options.NoRetry = true
		f := g.call(t, in)
		require.ErrorIs(t, f, own)
		assert.Zero(t, f.StatusCode)
	})
}

// A time limit as some write it: run next elsewhere, and leave when it takes too long.
func TestWithMiddleware_MayAbandonWhatItStarted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		impatient := errors.New("too slow for me")
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, n int) { then(n, hang, statuses(200))(w, r, n) },
			withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				type result struct {
					resp *http.Response
					err  error
				}
				done := make(chan result, 1)
				go func() {
					resp, err := next.RoundTrip(r)
					r.Header.Set("X-Late", "1")
					done <- result{resp, err}
				}()
				select {
				case res := <-done:
					return res.resp, res.err
				case <-time.After(time.Second):
					return nil, impatient
				}
			})))
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, 2, g.hits())
	})
}

// A request that a middleware left in the middle of a dial is no evidence that nothing
// was sent: it may still get its connection. And once its attempt has been accounted for,
// it must not.
func TestMaybeApplied_AbandonedWriteIsNotTakenForUnsent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := make(chan struct{})
		late := make(chan error, 1)
		base := roundTrip(func(r *http.Request) (*http.Response, error) {
			trace := traceOf(r)
			trace.GetConn("localhost:80")
			close(started)
			time.Sleep(time.Hour)
			return nil, errors.New("gone")
		})
		c := newTestClient(t, "http://localhost", base, []func(*setup){withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			go func() { _, err := next.RoundTrip(r); late <- err }()
			<-started
			return nil, errors.New("too slow for me")
		}))})
		_, err := c.Do(t.Context(), write())
		f := failureOf(t, err)
		assert.Equal(t, 1, f.Attempts)
		assert.True(t, f.MaybeApplied)
		<-late
	})
}

func TestWithMiddleware_AbandonedWriteDoesNotLeaveLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := make(chan error, 1)
		g := virtual(t, statuses(200), withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			go func() {
				time.Sleep(time.Minute)
				_, err := next.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
				late <- err
			}()
			return nil, errors.New("too slow for me")
		})))
		f := g.call(t, write())
		assert.True(t, f.MaybeApplied, "nobody knows what a middleware did that did not call on")
		require.ErrorIs(t, <-late, errAttemptOver)
		assert.Zero(t, g.hits())
	})
}

// A middleware with a retry loop of its own: the second request is refused a connection,
// but the first may have arrived.
func TestMaybeApplied_CountsEveryRequestOfTheAttempt(t *testing.T) {
	t.Parallel()
	twice := around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err == nil {
			return resp, nil
		}
		r.Body, _ = r.GetBody()
		return next.RoundTrip(r)
	})
	for name, tc := range map[string]struct {
		second error
		status int
	}{"no connection": {second: errors.New("refused")}, "429": {status: 429}, "404": {status: 404}} {
		t.Run(name, func(t *testing.T) {
			n := 0
			base := roundTrip(func(r *http.Request) (*http.Response, error) {
				n++
				trace := traceOf(r)
				trace.GetConn("h")
				if n == 1 {
					trace.GotConn(connInfo)
					return nil, io.ErrUnexpectedEOF
				}
				if tc.second != nil {
					return nil, tc.second
				}
				return &http.Response{StatusCode: tc.status}, nil
			})
			c := newTestClient(t, "http://localhost", base, []func(*setup){withMiddleware(twice)})
			_, err := c.Do(t.Context(), write())
			assert.True(t, failureOf(t, err).MaybeApplied)
			assert.Equal(t, 2, n, "sent by the middleware twice, by us once")
		})
	}
}

// Without the attempt's context there is no deadline and no telling what was sent, so
// nothing is.
func TestWithMiddleware_ThatReplacesTheContextIsToldSo(t *testing.T) {
	t.Parallel()
	for _, in := range []Call{read(), write()} {
		synctest.Test(t, func(t *testing.T) {
			g := virtual(t, statuses(200), withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
				return next.RoundTrip(r.WithContext(context.Background()))
			})))
			f := g.call(t, in)
			require.ErrorIs(t, f, errContextReplaced)
			assert.Zero(t, g.hits())
			assert.Equal(t, 1, f.Attempts, "it would do the same again")
			assert.False(t, f.MaybeApplied)
		})
	}
}

func TestWithMiddleware_MayDeriveAContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, statuses(401, 200), withAuth(new(keys)), withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			ctx, cancel := context.WithTimeout(r.Context(), time.Second)
			defer cancel()
			resp, err := next.RoundTrip(r.WithContext(ctx))
			if err == nil {
				var body []byte
				body, err = io.ReadAll(resp.Body)
				resp.Body = io.NopCloser(strings.NewReader(string(body)))
			}
			return resp, err
		})))
		_, err := g.Do(t.Context(), write())
		require.NoError(t, err)
	})
}
