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

	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
)

func TestClientWith_SharesConnectionsAndLeavesItsParentAlone(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	c := clientOf(t, srv)
	_, err := c.DCs.List(t.Context())
	require.NoError(t, err)
	d, err := c.With(foxtrot.WithUserAgent("acme/1"), foxtrot.WithRetry(foxtrot.RetryPolicy{MaxAttempts: 1, MinWait: 1, MaxWait: 1}))
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
	assert.True(t, strings.HasPrefix(agents[0], "lockerline-go/"+foxtrot.Version))
	srv.Fail("dcs.list", foxtrottest.Status(503))
	_, err = d.DCs.List(t.Context())
	require.ErrorIs(t, err, foxtrot.ErrServer)
	srv.Fail("dcs.list", foxtrottest.Status(503))
	_, err = c.DCs.List(t.Context())
	require.NoError(t, err)
}

func TestMeta_IsFilledAlsoOnFailure(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	c := clientOf(t, srv)
	m := foxtrot.CallMeta{Operation: "stale"}
	srv.Fail("dcs.list", foxtrottest.Status(503))
	_, err := c.DCs.List(t.Context(), foxtrot.Meta(&m), nil)
	require.NoError(t, err)
	assert.Positive(t, m.Duration)
	m.Duration = 0
	assert.Equal(t, foxtrot.CallMeta{Operation: "dcs.list", StatusCode: 200, RequestID: "req-000002", Attempts: 2}, m)
	_, err = c.Customers.Get(t.Context(), demo, "nobody", foxtrot.Meta(&m))
	require.Error(t, err)
	assert.Equal(t, 404, m.StatusCode)
	assert.Equal(t, 1, m.Attempts)
	_, err = c.Customers.Get(t.Context(), demo, "", foxtrot.Meta(&m))
	require.Error(t, err)
	assert.Equal(t, foxtrot.CallMeta{}, m, "nothing was sent")
	srv.Fail("dcs.list", foxtrottest.Status(503))
	_, err = c.DCs.List(t.Context(), foxtrot.NoRetry(), foxtrot.Meta(&m))
	require.Error(t, err)
	assert.Equal(t, 1, m.Attempts)
}

type limiter func(context.Context) error

func (f limiter) Wait(ctx context.Context) error { return f(ctx) }

func TestWithRateLimiter_IsAskedBeforeEachAttempt(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	asked := 0
	c := clientOf(t, srv, foxtrot.WithRateLimiter(limiter(func(context.Context) error { asked++; return nil })))
	srv.Fail("dcs.list", foxtrottest.Status(503))
	_, err := c.DCs.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, asked)
	full := errors.New("no tokens left")
	c, err = c.With(foxtrot.WithRateLimiter(limiter(func(context.Context) error { return full })))
	require.NoError(t, err)
	_, err = c.Webhooks.Create(t.Context(), someSpec)
	require.ErrorIs(t, err, full)
	assert.NotErrorIs(t, err, foxtrot.ErrOutcomeUnknown)
	assert.Len(t, srv.Requests(), 2)
}

func TestHooks_UnknownCodeIsReported(t *testing.T) {
	t.Parallel()
	var got []foxtrot.UnknownEvent
	hooks := foxtrot.Hooks{Unknown: func(_ context.Context, e foxtrot.UnknownEvent) { got = append(got, e) }}
	_, err := over(t, answer(400, `{"data":{"code":9999}}`), foxtrot.WithHooks(hooks)).DCs.List(t.Context())
	require.Error(t, err)
	_, err = over(t, answer(200, fixture(t, "routes.deliveries")), foxtrot.WithHooks(hooks)).Routes.Deliveries(t.Context(), "dc", "r", "w")
	require.NoError(t, err)
	_, err = over(t, answer(200, `{"deliveries":[{"id":"d","attempts":[{"attempt_status":"EATEN"}]}]}`), foxtrot.WithHooks(hooks)).Routes.Deliveries(t.Context(), "dc", "r", "w")
	require.NoError(t, err)
	assert.Equal(t, []foxtrot.UnknownEvent{{Operation: "dcs.list", Field: "code", Value: "9999"}, {Operation: "routes.deliveries", Field: "attempt.attempt_status", Value: "EATEN"}}, got)
}

func TestWithHTTPClient_TimeoutBoundsAnAttempt(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.Fail("dcs.list", foxtrottest.Latency(time.Minute))
	hc := &http.Client{Transport: srv.HTTPClient().Transport, Timeout: 20 * time.Millisecond}
	_, err := clientOf(t, srv, foxtrot.WithHTTPClient(hc)).DCs.List(t.Context(), foxtrot.NoRetry())
	require.ErrorIs(t, err, foxtrot.ErrAttemptTimeout)
}

func TestNewClient_NamesEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	_, err := foxtrot.NewClient(" ", foxtrot.WithBaseURL("http://api.example"), foxtrot.WithConcurrency(0), foxtrot.WithLogger(nil),
		foxtrot.WithHTTPClient(nil), foxtrot.WithRetry(foxtrot.RetryPolicy{}), foxtrot.WithAttemptTimeout(0), foxtrot.WithRateLimiter(nil),
		foxtrot.WithUserAgent("a\nb"), foxtrot.WithMiddleware(nil))
	require.Error(t, err)
	for _, word := range []string{"API key", "WithBaseURL", "WithConcurrency", "WithLogger", "WithHTTPClient", "retry policy", "WithAttemptTimeout", "WithRateLimiter", "WithUserAgent", "WithMiddleware"} {
		assert.Contains(t, err.Error(), word)
	}
	for _, key := range []string{"sec ret", "sec\nret", "secrét"} {
		_, err := foxtrot.NewClient(key)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "sec")
	}
	_, err = foxtrot.NewClient("k", foxtrot.WithBaseURL("https://user:hunter2@api.example"))
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "hunter2")
	c, err := foxtrot.NewClient("  k\n", nil)
	require.NoError(t, err)
	_, err = c.With(foxtrot.WithBaseURL("https://other.example"), foxtrot.WithHTTPClient(srvlessClient()))
	require.ErrorContains(t, err, "WithBaseURL")
	require.ErrorContains(t, err, "WithHTTPClient")
	require.NoError(t, c.Close())
}
