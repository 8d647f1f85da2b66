package transport

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

// hinting refuses with a status and a Retry-After, then agrees.
func hinting(status int, hint string, times int) handler {
	return func(w http.ResponseWriter, _ *http.Request, n int) {
		if n <= times {
			w.Header().Set("Retry-After", hint)
			answer(w, status, `{"limit":5}`)
			return
		}
		answer(w, 200, `{}`)
	}
}

func TestReadsRepeatByStatus(t *testing.T) {
	t.Parallel()
	again := func(status int) bool {
		switch status {
		case 408, 429:
			return true
		case 501, 505, 511: // no other answer can be hoped for
			return false
		}
		return status >= 500
	}
	for status := 300; status < 600; status++ {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, m := mocked(t)
				m.RegisterResponder("GET", "https://api.example/v1/things/1", httpmock.NewStringResponder(status, ""))
				_, err := c.Do(t.Context(), read())
				f := failureOf(t, err)
				want := 1
				if again(status) {
					want = lockerline.DefaultRetryPolicy().MaxAttempts
				}
				assert.Equal(t, want, m.GetTotalCallCount())
				assert.Equal(t, want, f.Attempts)
			})
		})
	}
}

func TestRetryAfterIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, in := range []Call{read(), write()} {
		t.Run(in.Op.Method, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := virtual(t, hinting(429, "20", 1))
				started := time.Now()
				_, err := g.Do(t.Context(), in)
				require.NoError(t, err)
				assert.Equal(t, 20*time.Second, time.Since(started))
			})
		})
	}
}

func TestRetryAfterDateIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, n int) {
			hinting(503, time.Now().Add(20*time.Second).UTC().Format(http.TimeFormat), 1)(w, r, n)
		})
		started := time.Now()
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.InDelta(t, 20, time.Since(started).Seconds(), 1.01)
	})
}

// A server that says 0, or names a date gone by, gets the usual back-off: never a loop
// that asks as fast as it can.
func TestRetryAfterOfNothingIsNoHotLoop(t *testing.T) {
	t.Parallel()
	for _, hint := range []string{"0", "Thu, 01 Jan 1970 00:00:00 GMT", "-5", "nonsense"} {
		t.Run(hint, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := virtual(t, hinting(429, hint, math.MaxInt))
				started := time.Now()
				g.call(t, read())
				assert.Equal(t, 4, g.hits())
				assert.GreaterOrEqual(t, time.Since(started), (125+250+500)*time.Millisecond)
			})
		})
	}
}

func TestRetryAfterBeyondTheCapReturnsAtOnce(t *testing.T) {
	t.Parallel()
	for hint, want := range map[string]time.Duration{"31": 31 * time.Second, "3600": time.Hour, "9300000000": maxHint} {
		t.Run(hint, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := virtual(t, hinting(429, hint, math.MaxInt))
				started := time.Now()
				f := g.call(t, read())
				assert.Less(t, time.Since(started), 10*time.Millisecond)
				assert.Equal(t, 1, g.hits())
				assert.Equal(t, 429, f.StatusCode)
				assert.Equal(t, want, f.RetryAfter)
				assert.JSONEq(t, `{"limit":5}`, string(f.Body))
			})
		})
	}
}

func TestRetryAfterBeyondDeadlineReturnsAtOnce(t *testing.T) {
	t.Parallel()
	for _, in := range []Call{read(), write()} {
		t.Run(in.Op.Method, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := virtual(t, hinting(429, "20", math.MaxInt))
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				started := time.Now()
				_, err := g.Do(ctx, in)
				f := failureOf(t, err)
				assert.Less(t, time.Since(started), 10*time.Millisecond)
				assert.NotErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, 429, f.StatusCode)
				assert.Equal(t, 20*time.Second, f.RetryAfter)
				assert.Equal(t, 1, g.hits())
				assert.False(t, f.MaybeApplied)
			})
		})
	}
}

// Back-off that would outlive the caller is as useless as a hint that does.
func TestBackOffBeyondDeadlineReturnsTheAnswerAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, statuses(503))
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		started := time.Now()
		_, err := g.Do(ctx, read())
		assert.Less(t, time.Since(started), 10*time.Millisecond)
		assert.Equal(t, 503, failureOf(t, err).StatusCode)
	})
}

func TestBackOffGrowsIsSpreadAndCapped(t *testing.T) {
	t.Parallel()
	p := lockerline.RetryPolicy{MaxAttempts: 100, MinWait: 100 * time.Millisecond, MaxWait: 3 * time.Second}
	for failed := 1; failed < 100; failed++ {
		step := p.MaxWait
		if failed < 6 {
			step = p.MinWait << (failed - 1)
		}
		seen := map[time.Duration]bool{}
		for range 50 {
			wait := backoff(p, failed)
			assert.GreaterOrEqual(t, wait, step/2)
			assert.LessOrEqual(t, wait, step)
			seen[wait] = true
		}
		assert.Greater(t, len(seen), 10, "callers who failed together must not come back together")
	}
}

func TestBackOffOfAnyValidPolicyIsPositive(t *testing.T) {
	t.Parallel()
	for _, p := range []lockerline.RetryPolicy{
		{MaxAttempts: 100, MinWait: 1, MaxWait: 1},
		{MaxAttempts: 100, MinWait: 24 * time.Hour, MaxWait: math.MaxInt64},
		{MaxAttempts: 100, MinWait: math.MaxInt64, MaxWait: math.MaxInt64},
	} {
		require.NoError(t, lockerline.WithRetry(p)(new(lockerline.Config)))
		for failed := 1; failed < 100; failed++ {
			assert.GreaterOrEqual(t, backoff(p, failed), p.MinWait/2)
			assert.LessOrEqual(t, backoff(p, failed), p.MaxWait)
		}
	}
}

// Half an hour of waiting, real net/http on both sides, in no time.
func TestLongWaitsAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, hinting(503, "600", 3), withRetry(lockerline.RetryPolicy{MaxAttempts: 5, MinWait: time.Second, MaxWait: time.Minute, MaxRetryAfter: time.Hour}))
		started := time.Now()
		res, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, 30*time.Minute, time.Since(started))
		assert.Equal(t, 4, res.Attempts)
		assert.Equal(t, 30*time.Minute, res.Duration)
	})
}
