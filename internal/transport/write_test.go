package transport

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

// mayHaveArrived are the ends of a request that leave open whether it took effect.
var mayHaveArrived = map[string]handler{
	"500":            statuses(500),
	"502 by a proxy": func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 502, html) },
	"503":            statuses(503),
	"504":            statuses(504),
	"408":            statuses(408),
	"cut":            cut,
	"timeout":        hang,
	"half an answer": half(200),
	"half a refusal": half(503),
	"503 Retry-After": func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Retry-After", "1")
		answer(w, 503, "")
	},
}

func TestDo_PostThatMayHaveArrivedIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, h := range mayHaveArrived {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := virtual(t, h)
				f := g.call(t, write())
				assert.Equal(t, 1, g.hits())
				assert.Equal(t, 1, f.Attempts)
				assert.True(t, f.MaybeApplied)
			})
		})
	}
}

func TestRetry_ReadIsRepeatedWhereAWriteIsNot(t *testing.T) {
	t.Parallel()
	for name, h := range mayHaveArrived {
		for _, in := range []Call{read(), {Op: opPut, Body: []byte(writeBody)}, {Op: opWrite, Body: []byte(writeBody), Options: lockerline.CallConfig{Idempotent: true}}} {
			t.Run(name+" "+in.Op.Method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					g := virtual(t, h)
					res, err := g.Do(t.Context(), in)
					f := failureOf(t, err)
					assert.Equal(t, lockerline.DefaultRetryPolicy().MaxAttempts, g.hits())
					assert.Equal(t, lockerline.DefaultRetryPolicy().MaxAttempts, f.Attempts)
					assert.Equal(t, in.Op.Write(), res.MaybeApplied)
					assert.Equal(t, in.Op.Write() && !in.Op.Idempotent, f.MaybeApplied, "what is safe to repeat needs no look")
				})
			})
		}
	}
}

// A connection that was kept open dies just as the server has read the POST: neither we
// nor net/http may send it again.
func TestDo_PostOnDyingReusedConnectionIsSentOnce(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	var posts, conns atomic.Int32
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			conns.Add(1)
			go func() {
				defer c.Close()
				for in := bufio.NewReader(c); ; {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, r.Body)
					if r.Method == http.MethodPost {
						posts.Add(1)
						return
					}
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
				}
			}()
		}
	}()
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	c := newTestClient(t, "http://"+ln.Addr().String(), base, nil)
	_, err = c.Do(t.Context(), read())
	require.NoError(t, err)
	_, err = c.Do(t.Context(), write())
	f := failureOf(t, err)
	assert.EqualValues(t, 1, posts.Load())
	assert.EqualValues(t, 1, conns.Load(), "the POST went over the connection of the read")
	assert.True(t, f.MaybeApplied)
}

func TestDo_PostThatNeverLeftIsSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		g := virtual(t, statuses(200), func(c *setup) {
			base := c.HTTPClient.Transport.(*http.Transport)
			dial := base.DialContext
			base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				if dials.Add(1) < 3 {
					return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
				}
				return dial(ctx, network, addr)
			}
		})
		res, err := g.Do(t.Context(), write())
		require.NoError(t, err)
		assert.EqualValues(t, 3, dials.Load())
		assert.Equal(t, 3, res.Attempts)
		assert.Equal(t, []request{{"POST", "/v1/things", "localhost", "Bearer key-SECRET", writeBody}}, g.requests())
	})
}

func TestDo_PostToAClosedPortHadNoEffect(t *testing.T) {
	t.Parallel()
	g := onLoopback(t, statuses(200))
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, ln.Close())
	c := newTestClient(t, "http://"+ln.Addr().String(), g.base, []func(*setup){
		withRetry(lockerline.RetryPolicy{MaxAttempts: 3, MinWait: time.Millisecond, MaxWait: time.Millisecond}),
	})
	_, err = c.Do(t.Context(), write())
	f := failureOf(t, err)
	assert.Equal(t, 3, f.Attempts)
	assert.False(t, f.MaybeApplied)
	assert.ErrorIs(t, err, syscall.ECONNREFUSED)
}

// A transport that fires no trace, such as a mock, gives no evidence. A fake must never
// hide that a POST would be sent twice.
func TestDo_PostWithoutEvidenceIsSentOnce(t *testing.T) {
	t.Parallel()
	c, m := mocked(t)
	m.RegisterResponder("POST", "https://api.example/v1/things", httpmock.NewErrorResponder(errors.New("connection refused")))
	_, err := c.Do(t.Context(), write())
	f := failureOf(t, err)
	assert.Equal(t, 1, m.GetTotalCallCount())
	assert.True(t, f.MaybeApplied)
}

func TestDo_PostRefusedByRateLimitIsSentAgainWithItsBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, statuses(429, 429, 201))
		res, err := g.Do(t.Context(), write())
		require.NoError(t, err)
		assert.Equal(t, 201, res.StatusCode)
		seen := g.requests()
		require.Len(t, seen, 3)
		for _, r := range seen {
			assert.Equal(t, writeBody, r.body)
		}
	})
}

func TestDo_PostIsRepeatedOnceAfterTheFirst401(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := new(keys)
		g := virtual(t, statuses(401, 201), withAuth(k))
		res, err := g.Do(t.Context(), write())
		require.NoError(t, err)
		assert.Equal(t, 1, res.Attempts, "a new credential is no new attempt")
		seen := g.requests()
		require.Len(t, seen, 2)
		assert.Equal(t, "Bearer key-1", seen[0].auth)
		assert.Equal(t, "Bearer key-2", seen[1].auth)
		assert.Equal(t, writeBody, seen[1].body)
	})
}

func TestNoRetry_SendsExactlyOneRequest(t *testing.T) {
	t.Parallel()
	ends := map[string]handler{"429": statuses(429), "401": statuses(401), "500": statuses(500), "cut": cut, "timeout": hang}
	for name, h := range ends {
		for _, in := range []Call{read(), write()} {
			t.Run(name+" "+in.Op.Method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					g := virtual(t, h, withAuth(new(keys)))
					in.Options.NoRetry = true
					f := g.call(t, in)
					assert.Equal(t, 1, g.hits())
					assert.Equal(t, 1, f.Attempts)
				})
			})
		}
	}
}

func TestNoRetry_RejectedCredentialIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := new(keys)
		g := virtual(t, statuses(401), withAuth(k))
		in := read()
		in.Options.NoRetry = true
		g.call(t, in)
		assert.Equal(t, 1, k.rejected, "the next call must not use it again")
	})
}
