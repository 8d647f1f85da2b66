package transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

var errShutdown = errors.New("the service shuts down")

func untilDone(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// waiting are the places where a call can be when its caller leaves.
var waiting = map[string]struct {
	server handler
	opt    func(*setup)
	last   int // status known by then
}{
	"back-off":     {statuses(503), withRetry(lockerline.RetryPolicy{MaxAttempts: 4, MinWait: time.Minute, MaxWait: time.Minute}), 503},
	"Retry-After":  {hinting(429, "25", 9), nil, 429},
	"token":        {statuses(200), withAuth(slowKey{}), 0},
	"second token": {statuses(401), func(c *setup) { c.auth = &slowSecondKey{c: NewCredential("Authorization", "Bearer 1")} }, 0},
	"limiter":      {statuses(200), func(c *setup) { c.RateLimiter = limiter(untilDone) }, 0},
	"dial": {statuses(200), func(c *setup) {
		c.HTTPClient.Transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return nil, untilDone(ctx) }
	}, 0},
	"answer": {hang, nil, 0},
	"body": {func(w http.ResponseWriter, r *http.Request, n int) {
		answer(w, 200, `{"half":`)
		w.(http.Flusher).Flush()
		hang(w, r, n)
	}, nil, 200},
	"body of a refusal": {func(w http.ResponseWriter, r *http.Request, n int) {
		answer(w, 503, `{"half":`)
		w.(http.Flusher).Flush()
		hang(w, r, n)
	}, nil, 503},
	"middleware": {statuses(200), withMiddleware(around(func(_ http.RoundTripper, r *http.Request) (*http.Response, error) {
		return nil, untilDone(r.Context())
	})), 0},
}

type slowKey struct{}

func (slowKey) Credential(ctx context.Context, _ string) (*Credential, error) {
	return nil, untilDone(ctx)
}
func (slowKey) Reject(string, *Credential) bool { return true }

type slowSecondKey struct {
	c     *Credential
	asked bool
}

func (k *slowSecondKey) Credential(ctx context.Context, _ string) (*Credential, error) {
	if k.asked {
		return nil, untilDone(ctx)
	}
	k.asked = true
	return k.c, nil
}
func (*slowSecondKey) Reject(string, *Credential) bool { return true }

func TestDo_CancelAnywhereReturnsAtOnceWithItsCause(t *testing.T) {
	t.Parallel()
	for name, tc := range waiting {
		for _, in := range []Call{read(), write()} {
			if name == "back-off" && in.Op == opWrite {
				continue // a write does not wait there
			}
			t.Run(name+" "+in.Op.Method, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var opts []func(*setup)
					if tc.opt != nil {
						opts = append(opts, tc.opt)
					}
					g := virtual(t, tc.server, opts...)
					ctx, cancel := context.WithCancelCause(t.Context())
					const after = 2 * time.Second
					time.AfterFunc(after, func() { cancel(errShutdown) })
					started := time.Now()
					_, err := g.Do(ctx, in)
					assert.Less(t, time.Since(started), after+10*time.Millisecond)
					assert.GreaterOrEqual(t, time.Since(started), after)
					require.ErrorIs(t, err, context.Canceled)
					require.ErrorIs(t, err, errShutdown)
					assert.NotErrorIs(t, err, context.DeadlineExceeded)
					assert.NotErrorIs(t, err, lockerline.ErrAttemptTimeout)
					assert.Equal(t, tc.last, failureOf(t, err).StatusCode)
					assert.LessOrEqual(t, g.hits(), 1)
				})
			})
		}
	}
}

func TestDo_DeadlineAnywhereIsTheCallers(t *testing.T) {
	t.Parallel()
	for name, tc := range waiting {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var opts []func(*setup)
				if tc.opt != nil {
					opts = append(opts, tc.opt)
				}
				g := virtual(t, tc.server, opts...)
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				started := time.Now()
				_, err := g.Do(ctx, read())
				assert.Less(t, time.Since(started), 2*time.Second+10*time.Millisecond)
				if time.Since(started) < time.Second {
					assert.Equal(t, tc.last, failureOf(t, err).StatusCode, "a wait that cannot fit is not begun")
					return
				}
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				assert.NotErrorIs(t, err, lockerline.ErrAttemptTimeout)
			})
		})
	}
}

func TestDo_CanceledCallSendsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, statuses(200))
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errShutdown)
		_, err := g.Do(ctx, write())
		f := failureOf(t, err)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, errShutdown)
		assert.Zero(t, g.hits())
		assert.Zero(t, f.Attempts)
		assert.False(t, f.MaybeApplied)
	})
}

func TestDo_CancelAfterARefusedWriteHadNoEffect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, hinting(429, "20", 9))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := g.Do(ctx, write())
		require.ErrorIs(t, err, context.Canceled)
		assert.False(t, failureOf(t, err).MaybeApplied)
	})
}

func TestDo_CancelWhileAWriteIsUnderWayMayHaveBeenApplied(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, hang)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := g.Do(ctx, write())
		require.ErrorIs(t, err, context.Canceled)
		assert.True(t, failureOf(t, err).MaybeApplied)
	})
}

func TestCanceled_SaysBothReasons(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errShutdown)
	assert.EqualError(t, Canceled(ctx), "context canceled: the service shuts down")
	ctx, plain := context.WithCancel(context.Background())
	plain()
	assert.EqualError(t, Canceled(ctx), "context canceled")
}
