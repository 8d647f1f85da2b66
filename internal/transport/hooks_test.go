package transport

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

// recorder writes down every event as it would be printed.
type recorder struct{ lines []string }

func (r *recorder) add(format string, args ...any) {
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

func (r *recorder) hooks() lockerline.Hooks {
	return lockerline.Hooks{
		CallStart: func(ctx context.Context, e lockerline.CallEvent) context.Context {
			r.add("start %s %s %s", e.Operation, e.Method, e.Path)
			return ctx
		},
		CallEnd: func(_ context.Context, e lockerline.CallEvent) {
			r.add("end %s %d attempts=%d took=%v err=%v", e.Operation, e.StatusCode, e.Attempts, e.Duration, e.Err)
		},
		Attempt: func(_ context.Context, e lockerline.AttemptEvent) {
			r.add("attempt %d of %s: %d took=%v err=%v", e.Attempt, e.Operation, e.StatusCode, e.Duration, e.Err)
		},
		Retry: func(_ context.Context, e lockerline.RetryEvent) {
			r.add("retry after %d of %s: %d wait=%v err=%v", e.Attempt, e.Operation, e.StatusCode, e.Wait, e.Err)
		},
	}
}

func TestWithHooks_TellTheStoryInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, n int) {
			time.Sleep(time.Second)
			switch n {
			case 1:
				hinting(503, "9", 1)(w, r, n)
			case 2:
				hinting(429, "10", 2)(w, r, n)
			default:
				answer(w, 200, `{}`)
			}
		}, func(c *setup) { c.Hooks = rec.hooks() })
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, []string{
			"start things.get GET /v1/things/{thing}",
			"attempt 1 of things.get: 503 took=1s err=<nil>",
			"retry after 1 of things.get: 503 wait=9s err=<nil>",
			"attempt 2 of things.get: 429 took=1s err=<nil>",
			"retry after 2 of things.get: 429 wait=10s err=<nil>",
			"attempt 3 of things.get: 200 took=1s err=<nil>",
			"end things.get 200 attempts=3 took=22s err=<nil>",
		}, rec.lines)
	})
}

func TestWithHooks_HearOfFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		g := virtual(t, cut, func(c *setup) { c.Hooks = rec.hooks() })
		f := g.call(t, write())
		assert.Equal(t, []string{
			"start things.create POST /v1/things",
			"attempt 1 of things.create: 0 took=0s err=EOF",
			"end things.create 0 attempts=1 took=0s err=" + f.Error(),
		}, rec.lines)
	})
}

// A call that never gets to the network begins and ends all the same.
func TestWithHooks_HearOfCallsThatWereNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		g := virtual(t, statuses(200), func(c *setup) { c.Hooks = rec.hooks() })
		_, err := g.Do(t.Context(), Call{Op: opRead, Args: []string{".."}})
		require.Error(t, err)
		require.Len(t, rec.lines, 2)
		assert.Contains(t, rec.lines[1], "attempts=0")
	})
}

type traceKey struct{}

func TestWithHooks_ContextOfTheFirstTravelsThroughAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seen := 0
		expect := func(ctx context.Context) {
			assert.Equal(t, "span", ctx.Value(traceKey{}))
			seen++
		}
		g := virtual(t, statuses(503, 200), func(c *setup) {
			c.Hooks = lockerline.Hooks{
				CallStart: func(ctx context.Context, _ lockerline.CallEvent) context.Context {
					return context.WithValue(ctx, traceKey{}, "span")
				},
				CallEnd: func(ctx context.Context, _ lockerline.CallEvent) { expect(ctx) },
				Attempt: func(ctx context.Context, _ lockerline.AttemptEvent) { expect(ctx) },
				Retry:   func(ctx context.Context, _ lockerline.RetryEvent) { expect(ctx) },
			}
		}, withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
			expect(r.Context())
			return next.RoundTrip(r)
		})))
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, 6, seen)
	})
}

func TestWithHooks_OneThatReturnsNoContextIsForgiven(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, statuses(200), func(c *setup) {
			c.Hooks.CallStart = func(context.Context, lockerline.CallEvent) context.Context { return nil }
		})
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
	})
}

func TestReportUnknown_ValueIsBounded(t *testing.T) {
	t.Parallel()
	var got []lockerline.UnknownEvent
	c := newTestClient(t, "https://api.example", nil, []func(*setup){func(c *setup) {
		c.Hooks.Unknown = func(_ context.Context, e lockerline.UnknownEvent) { got = append(got, e) }
	}})
	for _, value := range []string{"paused", strings.Repeat("x", 5000), strings.Repeat("é", 500), "x" + strings.Repeat("é", 500)} {
		c.ReportUnknown(t.Context(), opRead, "status", value)
	}
	require.Len(t, got, 4)
	assert.Equal(t, lockerline.UnknownEvent{Service: "things", Operation: "things.get", Field: "status", Value: "paused"}, got[0])
	for _, e := range got {
		assert.LessOrEqual(t, len(e.Value), maxUnknown)
		assert.GreaterOrEqual(t, len(e.Value), min(len("paused"), maxUnknown-1))
		assert.True(t, utf8.ValidString(e.Value), "cut between two letters")
	}
}

func TestReportUnknown_NoHookIsSetByDefault(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, "https://api.example", nil, nil)
	assert.False(t, c.WantsUnknown())
	c.ReportUnknown(t.Context(), opRead, "status", "paused")
}
