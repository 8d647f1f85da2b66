package tokens

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

func TestCache_TokenIsSharedUntilItIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: 5 * time.Minute}
		c := i.cache(t)
		first, err := c.Token(t.Context())
		require.NoError(t, err)
		for range 100 {
			time.Sleep(time.Second)
			again, err := c.Token(t.Context())
			require.NoError(t, err)
			assert.Same(t, first, again, "its identity is what Reject compares")
		}
		assert.Equal(t, 1, i.count())
	})
}

func TestCache_ManyCallersCauseOneExchange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: time.Minute, takes: 100 * time.Millisecond}
		c := i.cache(t)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				tok, err := c.Token(t.Context())
				if assert.NoError(t, err) {
					assert.Equal(t, "token-1", tok.Access)
				}
			})
		}
		wg.Wait()
		assert.Equal(t, 1, i.count())
	})
}

func TestCache_CallerWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: time.Minute, takes: 2 * time.Second}
		c := i.cache(t)
		var patient sync.WaitGroup
		patient.Go(func() { assert.Equal(t, "token-1", accessOf(t, c)) })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		started := time.Now()
		_, err := c.Token(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 100*time.Millisecond, time.Since(started))
		patient.Wait()
		assert.Equal(t, 1, i.count(), "nobody else was hurt")
	})
}

func TestCache_LeaderMayLeaveWithoutFailingTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: time.Minute, takes: time.Second}
		c := i.cache(t)
		leader, cancel := context.WithCancelCause(t.Context())
		why := errors.New("user closed the page")
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := c.Token(leader)
			assert.ErrorIs(t, err, context.Canceled)
			assert.ErrorIs(t, err, why)
		})
		synctest.Wait()
		for range 10 {
			wg.Go(func() { assert.Equal(t, "token-1", accessOf(t, c)) })
		}
		synctest.Wait()
		cancel(why)
		wg.Wait()
		assert.Equal(t, 1, i.count())
	})
}

func TestCache_CanceledCallStartsNoExchange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: time.Minute}
		c := i.cache(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := c.Token(ctx)
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, i.count())
	})
}

func TestCache_HungExchangeEndsByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		c := NewCache(e.Exchange)
		defer c.Close()
		started := time.Now()
		_, err := c.Token(t.Context())
		assert.Equal(t, exchangeTimeout, time.Since(started))
		require.ErrorIs(t, err, lockerline.ErrAttemptTimeout)
		assert.NotErrorIs(t, err, context.DeadlineExceeded, "the caller has no deadline")
	})
}

func TestCache_RejectedTokenIsDroppedByIdentity(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: time.Minute}
		c := i.cache(t)
		old, err := c.Token(t.Context())
		require.NoError(t, err)
		c.Reject(old)
		assert.Equal(t, "token-2", accessOf(t, c))
		c.Reject(old)
		c.Reject(&Token{Access: "token-2"})
		c.Reject(nil)
		assert.Equal(t, "token-2", accessOf(t, c), "a late refusal of an old token costs nothing")
		assert.Equal(t, 2, i.count())
	})
}

func TestCache_FailureIsSharedByAllWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{takes: 100 * time.Millisecond, fail: always(errDown)}
		c := i.cache(t)
		started := time.Now()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := c.Token(t.Context())
				assert.ErrorIs(t, err, errDown)
			})
		}
		wg.Wait()
		assert.Equal(t, exchangeTries, i.count())
		assert.LessOrEqual(t, time.Since(started), 2*100*time.Millisecond+2*tryAgainAtLeast)
	})
}

func TestCache_FailureIsRememberedForAMoment(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err   error
		tries int
		keep  time.Duration
	}{
		"transient":     {errDown, 2, time.Second},
		"permanent":     {errWrong, 1, 10 * time.Second},
		"asks to wait":  {&lockerline.AuthError{StatusCode: 429, RetryAfter: 7 * time.Second}, 1, 7 * time.Second},
		"asks for ever": {&lockerline.AuthError{StatusCode: 429, RetryAfter: time.Hour}, 1, 30 * time.Second},
		"asks briefly":  {&lockerline.AuthError{StatusCode: 503, RetryAfter: time.Second}, 2, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var up atomic.Bool
				i := &issue{life: time.Minute, fail: func(int) error {
					if up.Load() {
						return nil
					}
					return tc.err
				}}
				c := i.cache(t)
				_, first := c.Token(t.Context())
				require.ErrorIs(t, first, tc.err)
				up.Store(true)
				time.Sleep(tc.keep - time.Millisecond)
				_, err := c.Token(t.Context())
				assert.Same(t, first, err)
				assert.Equal(t, tc.tries, i.count())
				time.Sleep(time.Millisecond)
				assert.NotEmpty(t, accessOf(t, c))
				assert.Equal(t, tc.tries+1, i.count())
			})
		})
	}
}

func TestCache_PassingFailureIsTriedOnceMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: time.Minute, fail: func(n int) error {
			if n == 1 {
				return errDown
			}
			return nil
		}}
		assert.Equal(t, "token-2", accessOf(t, i.cache(t)))
	})
}

func TestCache_TokenIsRefreshedInTheBackgroundBeforeItEnds(t *testing.T) {
	t.Parallel()
	for life, early := range map[time.Duration]time.Duration{
		5 * time.Minute: 30 * time.Second, time.Hour: 6 * time.Minute, time.Minute: 6 * time.Second, 10 * time.Second: time.Second,
	} {
		t.Run(life.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				i := &issue{life: life, takes: 100 * time.Millisecond}
				c := i.cache(t)
				accessOf(t, c)
				time.Sleep(life - early - time.Millisecond)
				assert.Equal(t, "token-1", accessOf(t, c))
				synctest.Wait()
				assert.Equal(t, 1, i.count(), "not yet")
				time.Sleep(time.Millisecond)
				started := time.Now()
				for range 20 {
					assert.Equal(t, "token-1", accessOf(t, c), "nobody waits for it")
				}
				assert.Zero(t, time.Since(started))
				time.Sleep(200 * time.Millisecond)
				assert.Equal(t, "token-2", accessOf(t, c))
				assert.Equal(t, 2, i.count())
			})
		})
	}
}

func TestCache_FailedRefreshDoesNotHurtWhileTheTokenLives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: 5 * time.Minute, fail: func(n int) error {
			if n > 1 && n < 12 {
				return errDown
			}
			return nil
		}}
		c := i.cache(t)
		accessOf(t, c)
		time.Sleep(271 * time.Second)
		for range 20 {
			assert.Equal(t, "token-1", accessOf(t, c))
			time.Sleep(250 * time.Millisecond)
		}
		for range 12 {
			accessOf(t, c)
			time.Sleep(250 * time.Millisecond)
		}
		assert.Equal(t, "token-12", accessOf(t, c), "it was asked again from time to time")
		assert.Equal(t, 12, i.count(), "but not by every call")
	})
}

func TestCache_ExpiredTokenIsNotServed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: time.Minute, takes: time.Second}
		c := i.cache(t)
		accessOf(t, c)
		time.Sleep(time.Minute)
		started := time.Now()
		assert.Equal(t, "token-2", accessOf(t, c))
		assert.Equal(t, time.Second, time.Since(started))
	})
}
