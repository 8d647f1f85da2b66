package foxtrot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// feed shows that these functions fit a callbacks.Feed, although neither package imports
// the other.
var feed = callbacks.Feed[foxtrot.WebhookEvent]{
	Name:   foxtrot.WebhookFeedName,
	Decode: foxtrot.DecodeWebhook,
	Key:    func(e foxtrot.WebhookEvent) callbacks.Key { return callbacks.KeyOf(e.Identity()...) },
	Group:  foxtrot.WebhookEvent.Group,
	Time:   foxtrot.WebhookEvent.Time,
}

func decodeEvent(t *testing.T, body string) foxtrot.WebhookEvent {
	t.Helper()
	e, err := feed.Decode([]byte(body))
	require.NoError(t, err, body)
	return e
}

func TestDecodeWebhook_ReadsEveryDocumentedEvent(t *testing.T) {
	t.Parallel()
	for _, kind := range []foxtrot.WebhookEventType{
		foxtrot.WebhookEventRouteCreated, foxtrot.WebhookEventRouteStarted, foxtrot.WebhookEventRouteETAsChanged,
		foxtrot.WebhookEventWaypointStatusChanged, foxtrot.WebhookEventCustomerLocationChanged,
	} {
		assert.True(t, kind.Known())
		raw := `{"event":"` + string(kind) + `","hook_timestamp_millis":1760000000000,"dc_id":"dc-1","route_id":"r1","waypoint_id":"w1","customer_id":"c1","latitude":4.6}`
		e := decodeEvent(t, raw)
		at := time.UnixMilli(1760000000000).UTC()
		assert.Equal(t, foxtrot.WebhookEvent{
			Type: kind, At: &at, DCID: "dc-1", RouteID: "r1", WaypointID: "w1", CustomerID: "c1", Raw: []byte(raw),
		}, e)
		assert.Equal(t, at, feed.Time(e))
	}
}

func TestWebhookEvent_IdentityIsEqualForARepeatAlone(t *testing.T) {
	t.Parallel()
	first := decodeEvent(t, `{"event":"WAYPOINT_STATUS_CHANGED","hook_timestamp_millis":1760000000000,"dc_id":"dc-1","route_id":"r1","extra":{"b":2,"a":1}}`)
	for _, again := range []string{
		`{"event":"WAYPOINT_STATUS_CHANGED","hook_timestamp_millis":1760000000000,"dc_id":"dc-1","route_id":"r1","extra":{"b":2,"a":1}}`,
		` { "dc_id":"dc-1", "extra":{"a":1,"b":2}, "event":"WAYPOINT_STATUS_CHANGED",` + "\n" + `"route_id":"r1","hook_timestamp_millis":1760000000000 } `,
	} {
		assert.Equal(t, feed.Key(first), feed.Key(decodeEvent(t, again)), again)
	}
	for _, other := range []string{
		`{"event":"WAYPOINT_STATUS_CHANGED","hook_timestamp_millis":1760000000001,"dc_id":"dc-1","route_id":"r1","extra":{"b":2,"a":1}}`,
		`{"event":"WAYPOINT_STATUS_CHANGED","hook_timestamp_millis":1760000000000,"dc_id":"dc-1","route_id":"r1","extra":{"b":2,"a":3}}`,
		`{"event":"ROUTE_STARTED","hook_timestamp_millis":1760000000000,"dc_id":"dc-1","route_id":"r1","extra":{"b":2,"a":1}}`,
	} {
		assert.NotEqual(t, feed.Key(first), feed.Key(decodeEvent(t, other)), other)
	}
}

func TestWebhookEvent_GroupKeepsOneResourceInOrder(t *testing.T) {
	t.Parallel()
	groups := map[string]string{}
	for body, want := range map[string]string{
		`{"event":"X","dc_id":"a","route_id":"r","customer_id":"c"}`: "dc/a/route/r",
		`{"event":"X","dc_id":"a","customer_id":"c"}`:                "dc/a/customer/c",
		`{"event":"X","dc_id":"a"}`:                                  "dc/a",
		`{"event":"X","dc_id":"a/route/r"}`:                          "dc/a%2Froute%2Fr",
		`{"event":"X"}`:                                              "dc/",
	} {
		got := feed.Group(decodeEvent(t, body))
		assert.Equal(t, want, got, body)
		assert.Empty(t, groups[got], "no two of these are one group")
		groups[got] = body
	}
	assert.True(t, feed.Time(decodeEvent(t, `{"event":"X"}`)).IsZero())
}

func TestDecodeWebhook_RefusesABodyWithoutAnEvent(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		``, `null`, `[]`, `"x"`, `{}`, `{"event":null}`, `{"event":""}`, `{"event":{}}`, `{"event":"X","hook_timestamp_millis":"soon"}`,
		`{"event":"X"`, `{"event":"X"}{"event":"Y"}`, `<html>`, "{\"event\":\"X\", // comment\n\"dc_id\":\"a\"}", strings.Repeat("[", 20000),
	} {
		e, err := foxtrot.DecodeWebhook([]byte(raw))
		var bad *lockerline.DecodeError
		require.ErrorAs(t, err, &bad, raw)
		assert.Equal(t, foxtrot.WebhookEvent{}, e)
		assert.LessOrEqual(t, len(bad.Snapshot), 4<<10)
		assert.NotContains(t, err.Error(), "soon")
	}
}

func TestDecodeWebhook_KeepsACopyOfTheBody(t *testing.T) {
	t.Parallel()
	raw := []byte("\xef\xbb\xbf" + `{"event":"X"}`)
	e, err := foxtrot.DecodeWebhook(raw)
	require.NoError(t, err)
	copy(raw, "############")
	assert.Equal(t, `{"event":"X"}`, string(e.Raw))
}

func TestWebhooksCreate_IsSentOnceIfItMayHaveArrived(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]lockerlinetest.Fault{
		"500": lockerlinetest.Status(500), "502": lockerlinetest.HTML(502), "503": lockerlinetest.Answer(503, "", ""),
		"cut before": lockerlinetest.Disconnect(lockerlinetest.Before), "cut after": lockerlinetest.Disconnect(lockerlinetest.After), "cut within": lockerlinetest.Disconnect(lockerlinetest.Within), "truncated": lockerlinetest.Truncated(),
	} {
		srv := newServer(t)
		c := clientOf(t, srv)
		srv.Fail("webhooks.create", fault)
		_, err := c.Webhooks.Create(t.Context(), someWebhook)
		require.ErrorIs(t, err, lockerline.ErrOutcomeUnknown, name)
		assert.False(t, lockerline.Retryable(err), name)
		assert.Len(t, srv.Requests(), 1, name)
	}
	// Idempotent removes the guard: the webhook is created twice.
	srv := newServer(t)
	c := clientOf(t, srv)
	srv.Fail("webhooks.create", lockerlinetest.Disconnect(lockerlinetest.After))
	_, err := c.Webhooks.Create(t.Context(), someWebhook, lockerline.Idempotent())
	require.NoError(t, err)
	hooks, err := c.Webhooks.List(t.Context())
	require.NoError(t, err)
	assert.Len(t, hooks, 2, "a caller who says that it does no harm gets two")
}

func TestWebhooksDelete_SucceedsAfterALostAnswer(t *testing.T) {
	t.Parallel()
	for _, lost := range []lockerlinetest.Fault{lockerlinetest.Disconnect(lockerlinetest.After), lockerlinetest.Disconnect(lockerlinetest.Within)} {
		srv, c := withHook(t)
		srv.Fail("webhooks.delete", lost)
		require.NoError(t, c.Webhooks.Delete(t.Context(), "wh-1"))
		left, err := c.Webhooks.List(t.Context())
		require.NoError(t, err)
		assert.Empty(t, left)
		require.ErrorIs(t, c.Webhooks.Delete(t.Context(), "wh-1"), lockerline.ErrNotFound, "one that never was is not found")
		require.ErrorIs(t, c.Webhooks.Delete(t.Context(), "never"), lockerline.ErrNotFound)
	}
}
