package foxtrot_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
)

func TestHooks_UnknownWordsOfEveryOpenSetAreReported(t *testing.T) {
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
		var got []lockerline.UnknownEvent
		var log bytes.Buffer
		c := over(t, answer(200, tc.body), lockerline.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), lockerline.WithHooks(lockerline.Hooks{
			Unknown: func(_ context.Context, e lockerline.UnknownEvent) { got = append(got, e) },
		}))
		_, _ = calls[op](t.Context(), c)
		assert.Equal(t, []lockerline.UnknownEvent{{Operation: op, Field: tc.field, Value: tc.word}}, got, op)
		assert.Contains(t, log.String(), tc.word, op)
		assert.Contains(t, log.String(), "WARN", op)
	}
	for _, op := range foxtrot.Operations() {
		c := over(t, answer(200, fixture(t, op.Name)), lockerline.WithHooks(lockerline.Hooks{
			Unknown: func(_ context.Context, e lockerline.UnknownEvent) { t.Errorf("%s: %v is documented", op.Name, e) },
		}))
		_, err := calls[op.Name](t.Context(), c)
		require.NoError(t, err)
	}
}

func TestHooks_HoldNoIdentifierAndNoSecret(t *testing.T) {
	t.Parallel()
	srv := newServer(t, foxtrottest.WithAPIKey(testKey))
	srv.Fail("customers.get", foxtrottest.HTML(502), foxtrottest.Empty(503))
	var log bytes.Buffer
	var said []any
	c := clientOf(t, srv, lockerline.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		lockerline.WithHooks(lockerline.Hooks{
			CallStart: func(ctx context.Context, e lockerline.CallEvent) context.Context { said = append(said, e); return ctx },
			CallEnd:   func(_ context.Context, e lockerline.CallEvent) { said = append(said, e) },
			Attempt:   func(_ context.Context, e lockerline.AttemptEvent) { said = append(said, e) },
			Retry:     func(_ context.Context, e lockerline.RetryEvent) { said = append(said, e) },
		}),
		lockerline.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				op, ok := lockerline.OperationFromContext(r.Context())
				assert.True(t, ok)
				assert.Equal(t, "customers.get", op.Name)
				return next.RoundTrip(r)
			})
		}))
	_, err := c.Customers.Get(t.Context(), demo, "c-1001")
	require.NoError(t, err)
	assert.Len(t, said, 7, "a call, three attempts, two retries, its end")
	text := fmt.Sprintf("%+v", said) + log.String()
	for _, secret := range []string{testKey, "c-1001", string(demo), srv.URL, "127.0.0.1"} {
		assert.NotContains(t, text, secret)
	}
	assert.Contains(t, text, "customers.get")

	_, err = c.Customers.Get(t.Context(), demo, "nobody")
	require.Error(t, err)
	end := said[len(said)-1].(lockerline.CallEvent)
	assert.Equal(t, err.Error(), end.Err.Error(), "a hook is told what the caller is told")
	assert.ErrorIs(t, end.Err, lockerline.ErrNotFound)
}
