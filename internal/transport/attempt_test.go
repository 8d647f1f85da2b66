package transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

func TestWithAttemptTimeout_IsNotTheCallersDeadline(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]handler{
		"no answer": hang,
		"half an answer": func(w http.ResponseWriter, r *http.Request, n int) {
			answer(w, 200, `{"half":`)
			w.(http.Flusher).Flush()
			hang(w, r, n)
		},
	} {
		for _, in := range []Call{read(), write()} {
			t.Run(name+" "+in.Op.Method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					g := virtual(t, h, withAttemptTimeout(3*time.Second))
					in.Options.NoRetry = true
					started := time.Now()
					_, err := g.Do(t.Context(), in)
					require.ErrorIs(t, err, lockerline.ErrAttemptTimeout)
					assert.NotErrorIs(t, err, context.DeadlineExceeded)
					assert.NotErrorIs(t, err, context.Canceled)
					assert.Equal(t, 3*time.Second, time.Since(started))
				})
			})
		}
	}
}

func TestWithAttemptTimeout_IsRetriedForReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, n int) { then(n, hang, statuses(200))(w, r, n) }, withAttemptTimeout(3*time.Second))
		started := time.Now()
		res, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, 2, res.Attempts)
		assert.Less(t, time.Since(started), 3*time.Second+lockerline.DefaultRetryPolicy().MinWait+10*time.Millisecond)
	})
}

func TestWithAttemptTimeout_EachAttemptHasItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, hang, withAttemptTimeout(3*time.Second))
		started := time.Now()
		_, err := g.Do(t.Context(), read())
		require.ErrorIs(t, err, lockerline.ErrAttemptTimeout)
		assert.Equal(t, 4, g.hits())
		assert.Greater(t, time.Since(started), 12*time.Second)
	})
}

func TestDo_CallersDeadlineIsTheCallersDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, hang)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		_, err := g.Do(ctx, read())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.NotErrorIs(t, err, lockerline.ErrAttemptTimeout)
		assert.Equal(t, time.Second, time.Since(started))
	})
}

// A dialler and a transport have time limits of their own, whose errors match
// context.DeadlineExceeded although nobody's context ended. A middleware may cancel what
// it started. To the caller none of this may look like its own end.
func TestDo_TimeoutBelowIsNotTheCallersDeadline(t *testing.T) {
	t.Parallel()
	dialTimeout := &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
	for name, below := range map[string]error{
		"net.Dialer.Timeout":                  &net.OpError{Op: "dial", Net: "tcp", Err: ioTimeout{}},
		"os.ErrDeadlineExceeded":              dialTimeout,
		"context.DeadlineExceeded of another": context.DeadlineExceeded,
		"context.Canceled of another":         context.Canceled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				c := newTestClient(t, "https://api.example", roundTrip(func(*http.Request) (*http.Response, error) {
					sent++
					return nil, below
				}), nil)
				_, err := c.Do(t.Context(), read())
				f := failureOf(t, err)
				assert.NotErrorIs(t, err, context.DeadlineExceeded)
				assert.NotErrorIs(t, err, context.Canceled)
				assert.Contains(t, f.Error(), below.Error())
				assert.Equal(t, 4, sent, "it may pass")
				assert.True(t, lockerline.Retryable(f))
			})
		})
	}
}

// ioTimeout is how package net reports a dial that took too long.
type ioTimeout struct{}

func (ioTimeout) Error() string        { return "i/o timeout" }
func (ioTimeout) Is(target error) bool { return target == context.DeadlineExceeded }

func TestWithRateLimiter_IsAskedBeforeEachAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		g := virtual(t, statuses(503, 503, 200), func(c *setup) {
			c.RateLimiter = limiter(func(ctx context.Context) error {
				asked++
				op, ok := lockerline.OperationFromContext(ctx)
				assert.True(t, ok)
				assert.Equal(t, opRead.Name, op.Name)
				return nil
			})
		})
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, 3, asked)
	})
}

// A queue longer than an attempt may take is what a limiter is for. It must see the
// caller's deadline alone: x/time/rate fails at once when a wait cannot fit into it.
func TestWithRateLimiter_WaitIsNoPartOfTheAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var took time.Duration
		g := virtual(t, statuses(200), withAttemptTimeout(3*time.Second), func(c *setup) {
			c.RateLimiter = limiter(func(ctx context.Context) error {
				_, bounded := ctx.Deadline()
				assert.False(t, bounded, "the caller has no deadline")
				time.Sleep(time.Minute)
				return ctx.Err()
			})
			c.Hooks.Attempt = func(_ context.Context, e lockerline.AttemptEvent) { took = e.Duration }
		})
		res, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, 1, res.Attempts)
		assert.Less(t, took, time.Second, "the attempt begins when the limiter agrees")
	})
}

func TestWithRateLimiter_FailureEndsTheCallBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("would exceed the deadline")
		g := virtual(t, statuses(200), func(c *setup) { c.RateLimiter = limiter(func(context.Context) error { return full }) })
		_, err := g.Do(t.Context(), read())
		require.ErrorIs(t, err, full)
		assert.ErrorContains(t, err, "rate limiter")
		assert.Zero(t, g.hits())
		assert.Equal(t, 1, failureOf(t, err).Attempts)
	})
}
