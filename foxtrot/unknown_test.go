package foxtrot_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryOpenSetReportsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for op, tc := range map[string]struct{ body, field, word string }{
		"customers.waypoints":    {`{"waypoints":[{"id":"w","status":"SKIPPED"}]}`, "waypoint.status", "SKIPPED"},
		"routes.waypoints":       {`{"waypoints":[{"id":"w","status":"SKIPPED"}]}`, "waypoint.status", "SKIPPED"},
		"routes.waypoint":        {`{"waypoint":{"id":"w","status":"SKIPPED"}}`, "waypoint.status", "SKIPPED"},
		"routes.completion_time": {`{"data":{"completion_time":{"type":"GUESSED"}}}`, "completion_time.type", "GUESSED"},
		"routes.deliveries":      {`{"deliveries":[{"id":"d","attempts":[{"attempt_status":"EATEN"}]}]}`, "attempt.attempt_status", "EATEN"},
		"webhooks.list":          {`{"data":{"webhooks":[{"id":"h","events":["ROUTE_CREATED","NEW"]}]}}`, "webhook.events", "NEW"},
		"webhooks.enable":        {`{"data":{"webhook":{"id":"h","events":["NEW"]}}}`, "webhook.events", "NEW"},
		"dcs.list":               {`{"status":"error","data":{"code":8123}}`, "code", "8123"},
	} {
		var got []foxtrot.UnknownEvent
		var log bytes.Buffer
		c := over(t, answer(200, tc.body), foxtrot.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), foxtrot.WithHooks(foxtrot.Hooks{
			Unknown: func(_ context.Context, e foxtrot.UnknownEvent) { got = append(got, e) },
		}))
		_, _ = calls[op](t.Context(), c)
		assert.Equal(t, []foxtrot.UnknownEvent{{Operation: op, Field: tc.field, Value: tc.word}}, got, op)
		assert.Contains(t, log.String(), tc.word, op)
		assert.Contains(t, log.String(), "WARN", op)
	}
	for _, op := range foxtrot.Operations() {
		c := over(t, answer(200, fixture(t, op.Name)), foxtrot.WithHooks(foxtrot.Hooks{
			Unknown: func(_ context.Context, e foxtrot.UnknownEvent) { t.Errorf("%s: %v is documented", op.Name, e) },
		}))
		_, err := calls[op.Name](t.Context(), c)
		require.NoError(t, err)
	}
}

func TestErrorIsLoggedByItsFields(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.Fail("dcs.list", foxtrottest.RateLimited(time.Hour))
	_, err := clientOf(t, srv).DCs.List(t.Context())
	require.Error(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "err", err)
	for _, want := range []string{
		"err.op=dcs.list", "err.status=429", "err.code=0", "err.attempts=1", "err.maybe_applied=false", "err.request_id=req-000001", "err.retry_after=1h0m0s",
		"asked to wait 1h0m0s",
	} {
		assert.Contains(t, log.String(), want)
	}
}

func TestMiddlewareKnowsTheOperationOfDo(t *testing.T) {
	t.Parallel()
	var seen []foxtrot.Operation
	c := over(t, answer(200, `{}`), foxtrot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			op, _ := foxtrot.OperationFromContext(r.Context())
			seen = append(seen, op)
			return next.RoundTrip(r)
		})
	}))
	ctx := t.Context()
	require.NoError(t, c.Do(ctx, foxtrot.Request{Path: "/dcs/{dc}/drivers", Args: []string{"a"}}, nil))
	require.NoError(t, c.Do(ctx, foxtrot.Request{Name: "routes.start", Method: "PUT", Path: "/x", Idempotent: true}, nil))
	require.NoError(t, c.Do(ctx, foxtrot.Request{Method: "DELETE", Path: "/x"}, nil))
	assert.Equal(t, []foxtrot.Operation{
		{Name: "GET /dcs/{dc}/drivers", Method: "GET", Path: "/dcs/{dc}/drivers", Idempotent: true},
		{Name: "routes.start", Method: "PUT", Path: "/x", Idempotent: true},
		{Name: "DELETE /x", Method: "DELETE", Path: "/x"},
	}, seen)
	_, ok := foxtrot.OperationFromContext(ctx)
	assert.False(t, ok)
}
