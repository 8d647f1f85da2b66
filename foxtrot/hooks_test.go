package foxtrot_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
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
		assert.Equal(t, []lockerline.UnknownEvent{{Service: "foxtrot", Operation: op, Field: tc.field, Value: tc.word}}, got, op)
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
	assert.Equal(t, []lockerline.UnknownEvent{{Service: "foxtrot", Operation: "dcs.list", Field: "code", Value: "9999"}, {Service: "foxtrot", Operation: "routes.deliveries", Field: "attempt.attempt_status", Value: "EATEN"}}, got)
}
