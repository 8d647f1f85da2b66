package main

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// goodTally returns a tally in which everything went well, with its report and its number
// of duplicates.
func goodTally(t *testing.T) (*tally, callbackstest.SendReport, int) {
	t.Helper()
	messages := script(3)
	b := newTally(messages)
	feed := callbacks.Reservations()
	report := callbackstest.SendReport{Statuses: map[int]int{200: len(messages) + 1}, Requests: len(messages) + 1}
	for _, m := range messages {
		report.Results = append(report.Results, callbackstest.MessageResult{Message: m, Acknowledged: true, Requests: 1, Status: 200})
		change, err := feed.Decode(m.Body)
		if err != nil {
			continue
		}
		b.handled(changeEvent{Received: callbacks.Received[callbacks.ReservationChange]{Value: change, Record: callbacks.Record{
			Key: feed.Key(change), Group: feed.Group(change), Time: feed.Time(change),
		}}})
	}
	b.stored, b.quarantined, b.mended = len(b.changes), len(b.bodies), 1
	return b, report, 1
}

func TestTally_BalancesWhenNothingWasLost(t *testing.T) {
	t.Parallel()
	b, report, duplicates := goodTally(t)
	var out bytes.Buffer
	require.NoError(t, b.balance(&out, report, duplicates))
	assert.Contains(t, out.String(), "add up")
}

func TestTally_NoticesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for says, spoil := range map[string]func(*tally, *callbackstest.SendReport, *int){
		"were not sent":        func(_ *tally, r *callbackstest.SendReport, _ *int) { r.Results[0].Requests = 0 },
		"never acknowledged":   func(_ *tally, r *callbackstest.SendReport, _ *int) { r.Results[0].Acknowledged = false },
		"changes are stored":   func(b *tally, _ *callbackstest.SendReport, _ *int) { b.stored-- },
		"in quarantine":        func(b *tally, _ *callbackstest.SendReport, _ *int) { b.quarantined-- },
		"were handled, not":    func(b *tally, _ *callbackstest.SendReport, _ *int) { clear(b.times) },
		"handled 2 times":      func(b *tally, _ *callbackstest.SendReport, _ *int) { b.times[anyKey(b)]++ },
		"out of order":         func(b *tally, _ *callbackstest.SendReport, _ *int) { b.disorder++ },
		"acknowledged request": func(_ *tally, r *callbackstest.SendReport, _ *int) { r.Statuses[200]++ },
		"and 0 more at most":   func(_ *tally, _ *callbackstest.SendReport, n *int) { *n++ },
	} {
		b, report, duplicates := goodTally(t)
		spoil(b, &report, &duplicates)
		require.ErrorContains(t, b.balance(io.Discard, report, duplicates), says)
	}
}

func anyKey(b *tally) callbacks.Key {
	for k := range b.times {
		return k
	}
	return callbacks.Key{}
}

func TestTally_NoticesAnOlderChangeThatIsNotFlagged(t *testing.T) {
	t.Parallel()
	key := callbacks.Key{1}
	b := &tally{changes: map[callbacks.Key]bool{key: false}, times: map[callbacks.Key]int{}, newest: map[string]time.Time{}}
	event := func(minute int, late bool) changeEvent {
		return inbox.Event[callbacks.ReservationChange]{Late: late, Received: callbacks.Received[callbacks.ReservationChange]{
			Record: callbacks.Record{Key: key, Group: "r", Time: time.Unix(int64(minute)*60, 0)},
		}}
	}
	b.handled(event(2, false))
	b.handled(event(1, true))
	assert.Zero(t, b.disorder)
	assert.Equal(t, 1, b.late)
	b.handled(event(1, false))
	assert.Equal(t, 1, b.disorder)
}
