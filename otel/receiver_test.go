package otel_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/otel"
)

const stocked = `{"reservationId":"R-7","status":"STOCKED","changeTime":"2026-03-01T12:00:00Z"}`

// receiver is a handler before an inbox in memory, both measured by r.
func receiver(t *testing.T, r *rig) (post func(body, password string) int, box *inbox.Box) {
	t.Helper()
	box, err := inbox.New(inbox.NewMemory(), inbox.WithObserver(otel.InboxObserver(r.opts...)))
	require.NoError(t, err)
	t.Cleanup(func() { _ = box.Close(t.Context()) })
	feed := callbacks.Reservations()
	sink, err := inbox.NewSink(box, feed)
	require.NoError(t, err)
	h, err := callbacks.NewHandler(feed, sink, callbacks.WithCredentials(callbacks.Basic("partner", "parcel", "pass")),
		callbacks.WithObserver(otel.ReceiverObserver(r.opts...)))
	require.NoError(t, err)
	return func(body, password string) int {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.SetBasicAuth("parcel", password)
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		return rec.Code
	}, box
}

func TestReceiverObserver_CountsEachRequestByWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	r := newRig()
	post, _ := receiver(t, r)
	require.Equal(t, 200, post(stocked, "pass"))
	require.Equal(t, 200, post(stocked, "pass"))
	require.Equal(t, 200, post("not a callback", "pass"))
	require.Equal(t, 401, post(stocked, "wrong"))

	m := r.collect(t)
	const of = "messaging.destination.name=reservations,messaging.operation.name=receive,messaging.system=lockerline"
	const by = "lockerline.credential=partner,lockerline.outcome="
	assert.Equal(t, map[string]float64{
		by + "stored,lockerline.repaired=false," + of:      1,
		by + "duplicate,lockerline.repaired=false," + of:   1,
		by + "quarantined,lockerline.repaired=false," + of: 1,
	}, points(t, m["messaging.client.consumed.messages"]))
	assert.Equal(t, map[string]float64{
		"http.response.status_code=401,lockerline.credential=,lockerline.reason=credential,messaging.destination.name=reservations": 1,
	}, points(t, m["lockerline.receiver.refused"]))
	assert.Len(t, points(t, m["lockerline.receiver.answer.duration"]), 2)
	assert.Equal(t, map[string]float64{"messaging.destination.name=reservations": 3}, points(t, m["lockerline.receiver.body.size"]))
	assert.Contains(t, points(t, m["lockerline.receiver.silence"]), "messaging.destination.name=reservations")
}

func TestReceiverObserver_StrangersDoNotEndTheSilence(t *testing.T) {
	t.Parallel()
	r := newRig()
	post, _ := receiver(t, r)
	require.Equal(t, 401, post(stocked, "wrong"))
	_, there := r.collect(t)["lockerline.receiver.silence"]
	assert.False(t, there)
}

func TestInboxObserver_MeasuresEachTry(t *testing.T) {
	t.Parallel()
	r := newRig()
	post, box := receiver(t, r)
	require.Equal(t, 200, post(stocked, "pass"))
	stop, err := otel.WatchInbox(box, []string{"reservations", ""}, r.opts...)
	require.NoError(t, err)
	depth := points(t, r.collect(t)["lockerline.inbox.depth"])
	assert.Equal(t, map[string]float64{"": 1, "messaging.destination.name=reservations": 1}, depth)

	feed := callbacks.Reservations()
	ctx, end := context.WithCancel(t.Context())
	require.NoError(t, inbox.Run(ctx, box, feed, inbox.Values(func(_ context.Context, _ callbacks.ReservationChange) error {
		end()
		return inbox.Permanent(errors.New("no such order"))
	})))
	m := r.collect(t)
	assert.Equal(t, map[string]float64{"": 0, "messaging.destination.name=reservations": 0}, points(t, m["lockerline.inbox.depth"]))
	assert.Equal(t, map[string]float64{"": 1, "messaging.destination.name=reservations": 1}, points(t, m["lockerline.inbox.dead_letters"]))
	assert.Equal(t, map[string]float64{"messaging.destination.name=reservations": 1}, points(t, m["lockerline.inbox.dead"]))
	tries := points(t, m["messaging.process.duration"])
	require.Len(t, tries, 1)
	for attrs := range tries {
		assert.Contains(t, attrs, "error.type=_OTHER")
	}
	require.NoError(t, stop())
	assert.NotContains(t, r.collect(t), "lockerline.inbox.depth", "a gauge ends with stop")
}
