package foxtrot_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
)

func TestClientWith_SharesConnectionsAndLeavesItsParentAlone(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	c := clientOf(t, srv)
	_, err := c.DCs.List(t.Context())
	require.NoError(t, err)
	d, err := c.With(lockerline.WithUserAgent("acme/1"), lockerline.WithRetry(lockerline.RetryPolicy{MaxAttempts: 1, MinWait: 1, MaxWait: 1}))
	require.NoError(t, err)
	_, err = d.DCs.List(t.Context())
	require.NoError(t, err)
	_, err = c.DCs.List(t.Context())
	require.NoError(t, err)
	agents := []string{}
	for _, r := range srv.Requests() {
		agents = append(agents, r.Header.Get("User-Agent"))
		assert.Equal(t, "[REDACTED]", r.Header.Get("Authorization"))
	}
	assert.Equal(t, agents[0], agents[2])
	assert.Equal(t, "acme/1 "+agents[0], agents[1])
	assert.True(t, strings.HasPrefix(agents[0], "lockerline-go/"+lockerline.Version))
	srv.Fail("dcs.list", foxtrottest.Status(503))
	_, err = d.DCs.List(t.Context())
	require.ErrorIs(t, err, lockerline.ErrServer)
	srv.Fail("dcs.list", foxtrottest.Status(503))
	_, err = c.DCs.List(t.Context())
	require.NoError(t, err)
}

func TestMeta_IsFilledAlsoOnFailure(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	c := clientOf(t, srv)
	m := lockerline.CallMeta{Operation: "stale"}
	srv.Fail("dcs.list", foxtrottest.Status(503))
	_, err := c.DCs.List(t.Context(), lockerline.Meta(&m), nil)
	require.NoError(t, err)
	assert.Positive(t, m.Duration)
	m.Duration = 0
	assert.Equal(t, lockerline.CallMeta{Operation: "dcs.list", StatusCode: 200, RequestID: "req-000002", Attempts: 2}, m)
	_, err = c.Customers.Get(t.Context(), demo, "nobody", lockerline.Meta(&m))
	require.Error(t, err)
	assert.Equal(t, 404, m.StatusCode)
	assert.Equal(t, 1, m.Attempts)
	_, err = c.Customers.Get(t.Context(), demo, "", lockerline.Meta(&m))
	require.Error(t, err)
	assert.Equal(t, lockerline.CallMeta{}, m, "nothing was sent")
	srv.Fail("dcs.list", foxtrottest.Status(503))
	_, err = c.DCs.List(t.Context(), lockerline.NoRetry(), lockerline.Meta(&m))
	require.Error(t, err)
	assert.Equal(t, 1, m.Attempts)
}

type limiter func(context.Context) error

func (f limiter) Wait(ctx context.Context) error { return f(ctx) }

func TestWithRateLimiter_IsAskedBeforeEachAttempt(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	asked := 0
	c := clientOf(t, srv, lockerline.WithRateLimiter(limiter(func(context.Context) error { asked++; return nil })))
	srv.Fail("dcs.list", foxtrottest.Status(503))
	_, err := c.DCs.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, asked)
	full := errors.New("no tokens left")
	c, err = c.With(lockerline.WithRateLimiter(limiter(func(context.Context) error { return full })))
	require.NoError(t, err)
	_, err = c.Webhooks.Create(t.Context(), someSpec)
	require.ErrorIs(t, err, full)
	assert.NotErrorIs(t, err, lockerline.ErrOutcomeUnknown)
	assert.Len(t, srv.Requests(), 2)
}

func TestHooks_UnknownCodeIsReported(t *testing.T) {
	t.Parallel()
	var got []lockerline.UnknownEvent
	hooks := lockerline.Hooks{Unknown: func(_ context.Context, e lockerline.UnknownEvent) { got = append(got, e) }}
	_, err := over(t, answer(400, `{"data":{"code":9999}}`), lockerline.WithHooks(hooks)).DCs.List(t.Context())
	require.Error(t, err)
	_, err = over(t, answer(200, fixture(t, "routes.deliveries")), lockerline.WithHooks(hooks)).Routes.Deliveries(t.Context(), "dc", "r", "w")
	require.NoError(t, err)
	_, err = over(t, answer(200, `{"deliveries":[{"id":"d","attempts":[{"attempt_status":"EATEN"}]}]}`), lockerline.WithHooks(hooks)).Routes.Deliveries(t.Context(), "dc", "r", "w")
	require.NoError(t, err)
	assert.Equal(t, []lockerline.UnknownEvent{{Operation: "dcs.list", Field: "code", Value: "9999"}, {Operation: "routes.deliveries", Field: "attempt.attempt_status", Value: "EATEN"}}, got)
}

func TestWithHTTPClient_TimeoutBoundsAnAttempt(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.Fail("dcs.list", foxtrottest.Latency(time.Minute))
	hc := &http.Client{Transport: srv.HTTPClient().Transport, Timeout: 20 * time.Millisecond}
	_, err := clientOf(t, srv, lockerline.WithHTTPClient(hc)).DCs.List(t.Context(), lockerline.NoRetry())
	require.ErrorIs(t, err, lockerline.ErrAttemptTimeout)
}

func TestNewClient_NamesEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	_, err := foxtrot.NewClient(" ", lockerline.WithBaseURL("http://api.example"), foxtrot.WithConcurrency(0), lockerline.WithLogger(nil),
		lockerline.WithHTTPClient(nil), lockerline.WithRetry(lockerline.RetryPolicy{}), lockerline.WithAttemptTimeout(0), lockerline.WithRateLimiter(nil),
		lockerline.WithUserAgent("a\nb"), lockerline.WithMiddleware(nil))
	require.Error(t, err)
	for _, word := range []string{"API key", "WithBaseURL", "WithConcurrency", "WithLogger", "WithHTTPClient", "WithRetry", "WithAttemptTimeout", "WithRateLimiter", "WithUserAgent", "WithMiddleware"} {
		assert.Contains(t, err.Error(), word)
	}
	for _, key := range []string{"sec ret", "sec\nret", "secrét"} {
		_, err := foxtrot.NewClient(key)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "sec")
	}
	_, err = foxtrot.NewClient("k", lockerline.WithBaseURL("https://user:hunter2@api.example"))
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "hunter2")
	c, err := foxtrot.NewClient("  k\n", nil)
	require.NoError(t, err)
	_, err = c.With(lockerline.WithBaseURL("https://other.example"), lockerline.WithHTTPClient(srvlessClient()))
	require.ErrorContains(t, err, "WithBaseURL")
	require.ErrorContains(t, err, "WithHTTPClient")
	require.NoError(t, c.Close())
}
