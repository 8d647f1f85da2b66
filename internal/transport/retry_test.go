package transport

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"
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

func TestRetry_ReadsRepeatByStatus(t *testing.T) {
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

func TestRetryPolicy_IsWaitedFor(t *testing.T) {
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

func TestRetryPolicy_DateIsWaitedFor(t *testing.T) {
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
func TestRetryPolicy_OfNothingIsNoHotLoop(t *testing.T) {
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

func TestRetryPolicy_BeyondTheCapReturnsAtOnce(t *testing.T) {
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

func TestRetryPolicy_BeyondDeadlineReturnsAtOnce(t *testing.T) {
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
func TestRetryPolicy_BackOffBeyondDeadlineReturnsTheAnswerAtOnce(t *testing.T) {
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

func TestRetryPolicy_BackOffGrowsIsSpreadAndCapped(t *testing.T) {
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

func TestRetryPolicy_BackOffOfAnyValidPolicyIsPositive(t *testing.T) {
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
func TestRetryAfter_LongWaitsAreKept(t *testing.T) {
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

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestRetryAfter_IsReadInEveryForm(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value string
		want  time.Duration
		ok    bool
	}{
		"seconds":             {"120", 2 * time.Minute, true},
		"zero":                {"0", 0, true},
		"leading zeros":       {"007", 7 * time.Second, true},
		"white space":         {" 5 ", 5 * time.Second, true},
		"IMF-fixdate":         {"Sat, 21 Nov 2026 12:01:30 GMT", 90 * time.Second, true},
		"RFC 850":             {"Saturday, 21-Nov-26 12:01:30 GMT", 90 * time.Second, true},
		"asctime":             {"Sat Nov 21 12:01:30 2026", 90 * time.Second, true},
		"past date":           {"Sat, 21 Nov 2026 11:00:00 GMT", 0, true},
		"year 9999":           {"Fri, 31 Dec 9999 23:59:59 GMT", maxHint, true},
		"more than a year":    {"31536001", maxHint, true},
		"overflows a wait":    {"9300000000", maxHint, true},
		"overflows an int64":  {"9223372036854775808", maxHint, true},
		"hundred digits":      {strings.Repeat("9", 100), maxHint, true},
		"negative":            {"-1", 0, false},
		"signed":              {"+1", 0, false},
		"fraction":            {"1.5", 0, false},
		"exponent":            {"1e3", 0, false},
		"hexadecimal":         {"0x10", 0, false},
		"other digits":        {"１２", 0, false},
		"empty":               {"", 0, false},
		"words":               {"soon", 0, false},
		"date without a zone": {"2026-11-21T12:01:30", 0, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := RetryAfter(http.Header{"Retry-After": {tc.value}}, noon)
			assert.Equal(t, tc.ok, ok)
			assert.Equal(t, tc.want, got)
		})
	}
}

func TestRetryAfter_WithoutAHeaderIsNone(t *testing.T) {
	t.Parallel()
	for _, h := range []http.Header{nil, {}, {"Retry-After": nil}} {
		_, ok := RetryAfter(h, noon)
		assert.False(t, ok)
	}
}

// Either clock may be hours off: what counts is the distance between two of the server's
// own dates.
func TestRetryAfter_DateIsMeasuredByTheServersClock(t *testing.T) {
	t.Parallel()
	h := http.Header{
		"Date":        {noon.Add(5 * time.Hour).Format(http.TimeFormat)},
		"Retry-After": {noon.Add(5*time.Hour + 20*time.Second).Format(http.TimeFormat)},
	}
	got, ok := RetryAfter(h, noon)
	require.True(t, ok)
	assert.Equal(t, 20*time.Second, got)

	h.Set("Date", "yesterday")
	got, _ = RetryAfter(h, noon)
	assert.Equal(t, 5*time.Hour+20*time.Second, got, "a date that cannot be read is none")
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"120", "0", "-1", "9300000000", "Sat, 21 Nov 2026 12:01:30 GMT", "Sat Nov 21 12:01:30 2026", "", "１"} {
		f.Add(s, "Sat, 21 Nov 2026 12:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		wait, ok := RetryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, noon)
		if wait < 0 || wait > maxHint {
			t.Errorf("%v is out of bounds", wait)
		}
		if !ok && wait != 0 {
			t.Errorf("%v although there is none", wait)
		}
	})
}
