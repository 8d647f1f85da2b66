package main

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// newTestShop prints to the buffer.
func newTestShop(t *testing.T, asJSON bool) (*shop, *bytes.Buffer) {
	t.Helper()
	box, err := inbox.New(inbox.NewMemory())
	require.NoError(t, err)
	var out bytes.Buffer
	return &shop{box: box, out: newPrinter(&out, asJSON)}, &out
}

func eventOf(t *testing.T, body string) changeEvent {
	t.Helper()
	c, err := callbacks.Decode([]byte(body))
	require.NoError(t, err)
	return changeEvent{ID: 7, Attempt: 1, Received: callbacks.Received[callbacks.ReservationChange]{
		Value: c, Record: callbacks.Record{Time: c.ChangeTime, Raw: []byte(body)},
	}}
}

func TestPrint_EachMeaningHasItsWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ members, says string }{
		{`"status": "STOCKED"`, "stocked → tell the customer to come"},
		{`"status": "STOCKED", "blocked": true`, "blocked in the box → tell the customer to wait"},
		{`"status": "RETURNING", "flowType": "OUTLET"`, "not collected, waits for the courier → refund the customer"},
		{`"status": "RETURNING", "flowType": "INLET"`, "inserted, waits for the courier → expect the customer's parcel"},
		{`"status": "RETURNING"`, "returning → find out which way the parcel goes"},
		{`"status": "INCOMPLETE", "errorState": "RESERVED_SLOT_TOO_SMALL"`, "not put in → look for another box: RESERVED_SLOT_TOO_SMALL"},
		{`"status": "INCOMPLETE"`, "not put in → ask the courier why"},
		{`"status": "TELEPORTED"`, "unknown status TELEPORTED → look at it: this status is new"},
		{`"status": "NEW"`, "created\n"},
	} {
		s, out := newTestShop(t, false)
		require.NoError(t, s.reservationChanged(t.Context(),
			eventOf(t, fmt.Sprintf(`{"reservationId": "r-1", "changeTime": "2026-03-01T10:00:00Z", %s}`, tc.members))))
		assert.Contains(t, out.String(), "2026-03-01 10:00:00  r-1 ")
		assert.Contains(t, out.String(), tc.says)
	}
}

func TestPrint_LateChangeUndoesNothing(t *testing.T) {
	t.Parallel()
	s, out := newTestShop(t, false)
	e := eventOf(t, stocked)
	e.Late = true
	require.NoError(t, s.reservationChanged(t.Context(), e))
	assert.Contains(t, out.String(), "(late) → nothing to do")
	assert.NotContains(t, out.String(), "tell the customer")
}

func TestPrint_ChangeTriedBeforeIsMarked(t *testing.T) {
	t.Parallel()
	s, out := newTestShop(t, true)
	e := eventOf(t, stocked)
	e.Attempt = 2
	require.NoError(t, s.reservationChanged(t.Context(), e))
	assert.Equal(t, int64(7), objects(t, out.String())[0].DuplicateOf)
}

func TestPrint_ObjectKeepsTheBodyAsItCame(t *testing.T) {
	t.Parallel()
	s, out := newTestShop(t, true)
	body := "{ \"reservationId\": \"<a>/b\\u0000\",\n \"status\": \"STOCKED\", \"changeTime\": \"2026-03-01T10:00:00.42Z\", }"
	require.NoError(t, s.reservationChanged(t.Context(), eventOf(t, body)))
	o := objects(t, out.String())[0]
	assert.Equal(t, body, *o.Raw)
	assert.Equal(t, "<a>/b\x00", *o.ReservationID)
	assert.Equal(t, "2026-03-01T10:00:00.42Z", *o.ChangeTime)
	assert.NotContains(t, out.String(), "duplicate_of")
}

func TestPrint_TextOfASenderIsEscaped(t *testing.T) {
	t.Parallel()
	s, out := newTestShop(t, false)
	require.NoError(t, s.reservationChanged(t.Context(), eventOf(t,
		`{"reservationId": "\u001b[31mred\r\n", "status": "\u0007BELL", "changeTime": "2026-03-01T10:00:00Z", "errorState": "\u009b"}`)))
	assert.NotContains(t, out.String(), "\x1b")
	assert.NotContains(t, out.String(), "\x07")
	assert.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")))
}

type brokenWriter struct{ n int }

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.n++; w.n == 1 {
		return 0, errors.New("disk full")
	}
	return len(b), nil
}

func TestPrint_FailureIsTriedAgain(t *testing.T) {
	t.Parallel()
	s, _ := newTestShop(t, true)
	told := 0
	s.out, s.watch = newPrinter(&brokenWriter{}, true), func(changeEvent) { told++ }
	require.Error(t, s.reservationChanged(t.Context(), eventOf(t, stocked)))
	assert.Zero(t, told, "what was not handled is not counted")
	require.NoError(t, s.reservationChanged(t.Context(), eventOf(t, stocked)))
	assert.Equal(t, 1, told)
}
