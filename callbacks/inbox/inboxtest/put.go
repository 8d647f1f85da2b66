package inboxtest

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

func putKeepsEverything(t storeTest, s inbox.Store) {
	odd := change("quote ' \" back\\slash \\x41 zero \x00 umlaut ü", 1)
	odd.Raw = []byte("\x00\xff not even text, 'kept' \\ all the same")
	odd.Time = time.Date(9999, 12, 31, 23, 59, 59, 999_999_900, time.UTC)
	unknown := change("", 2)
	unknown.Time, unknown.Slot, unknown.Raw = time.Time{}, callbacks.Key{}, []byte{}
	large := change("large", 3)
	large.Raw = bytes.Repeat([]byte("0123456789abcdef"), 4<<10)
	records := []callbacks.Record{change("plain", 0), odd, unknown, large, unreadable("{,\x00}")}
	t.mustPut(s, records...)
	entries := t.list(s)
	if len(entries) != len(records) {
		t.Fatalf("listed %d of %d records", len(entries), len(records))
	}
	for i, e := range entries {
		sameRecord(t, e.Record, records[i])
		if i > 0 && e.ID <= entries[i-1].ID {
			t.Fatalf("IDs do not ascend with the arrival: %d after %d", e.ID, entries[i-1].ID)
		}
	}
	for _, item := range t.claim(s, 10) {
		i := slices.IndexFunc(records, func(r callbacks.Record) bool { return r.Key == item.Key })
		sameRecord(t, item.Record, records[i])
	}
	long := strings.Repeat("long group ü", 600)
	t.mustPut(s, change(long+"1", 0), change(long+"2", 0))
	if n := len(t.claim(s, 10)); n != 2 {
		t.Fatalf("claimed %d of 2 groups with long names", n)
	}
}

func sameRecord(t storeTest, got, want callbacks.Record) {
	t.Helper()
	if got.Feed != want.Feed || got.Key != want.Key || got.Slot != want.Slot || got.Group != want.Group ||
		!got.Time.Equal(want.Time) || !got.ReceivedAt.Equal(want.ReceivedAt) ||
		!bytes.Equal(got.Raw, want.Raw) || got.Problem != want.Problem {
		t.Fatalf("kept %+v\nas   %+v", want, got)
	}
}

func putTellsRepeatsFromNews(t storeTest, s inbox.Store) {
	a, b := change("a", 1), change("b", 1)
	elsewhere := a
	elsewhere.Feed = "elsewhere"
	for _, step := range []struct {
		batch []callbacks.Record
		want  []callbacks.Outcome
	}{
		{[]callbacks.Record{a, a}, []callbacks.Outcome{callbacks.OutcomeStored, callbacks.OutcomeDuplicate}},
		{[]callbacks.Record{a, b, a}, []callbacks.Outcome{callbacks.OutcomeDuplicate, callbacks.OutcomeStored, callbacks.OutcomeDuplicate}},
		{[]callbacks.Record{elsewhere}, []callbacks.Outcome{callbacks.OutcomeStored}},
		{nil, nil},
	} {
		if got := t.put(s, step.batch...); !slices.Equal(got, step.want) {
			t.Fatalf("outcomes %v, want %v", got, step.want)
		}
	}
	if n := len(t.list(s)); n != 2 {
		t.Fatalf("%d records stored, want 2", n)
	}
}

func putRemembersWhatWasHandled(t storeTest, s inbox.Store) {
	r := change("a", 1)
	t.mustPut(s, r)
	t.handle(s)
	if got := t.put(s, r)[0]; got != callbacks.OutcomeDuplicate {
		t.Fatalf("a repeat of a handled callback is %v", got)
	}
	t.claimNone(s, "it was handled before it was repeated")
	t.mustPut(s, change("a", 2))
	if item := t.claimOne(s); !item.Time.Equal(change("a", 2).Time) {
		t.Fatalf("claimed %v after a repeat", item.Time)
	}
}

func putFlagsAmendments(t storeTest, s inbox.Store) {
	noSlot1, noSlot2 := change("b", 1), change("b", 2)
	noSlot1.Slot, noSlot2.Slot = callbacks.Key{}, callbacks.Key{}
	got := t.put(s, change("a", 1), change("a", 1, "x"), noSlot1, noSlot2)
	got = append(got, t.put(s, change("a", 1, "y"))...)
	want := []callbacks.Outcome{callbacks.OutcomeStored, callbacks.OutcomeAmended, callbacks.OutcomeStored, callbacks.OutcomeStored, callbacks.OutcomeAmended}
	if !slices.Equal(got, want) {
		t.Fatalf("outcomes %v, want %v", got, want)
	}
	for i, e := range t.list(s) {
		if e.Amended != (want[i] == callbacks.OutcomeAmended) {
			t.Fatalf("entry %d is listed with amended %t", i, e.Amended)
		}
	}
	for _, item := range t.claim(s, 10) {
		if item.Amended {
			t.Fatalf("claimed %s as an amendment", item.Raw)
		}
		t.done(s, item)
	}
	for _, item := range t.claim(s, 10) {
		if item.Group == "a" && !item.Amended {
			t.Fatalf("an amendment was claimed without its flag")
		}
	}
}

func putIsAllOrNothing(t storeTest, s inbox.Store) {
	for _, bad := range []callbacks.Record{{Feed: storeFeed}, {Key: digest("x")}} {
		if _, err := s.Put(t.ctx, []callbacks.Record{change("a", 1), bad, change("b", 1)}); err == nil {
			t.Fatalf("Put took a record without feed or key")
		}
	}
	if n := len(t.list(s)); n != 0 {
		t.Fatalf("%d records of a refused batch were stored", n)
	}
	t.claimNone(s, "its batch was refused")
}

func putStopsWithItsContext(t storeTest, s inbox.Store) {
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	if _, err := s.Put(ctx, []callbacks.Record{change("a", 1)}); err == nil {
		t.Fatalf("Put succeeded after its context had ended")
	}
	if n := len(t.list(s)); n != 0 {
		t.Fatalf("%d records were stored by a Put that failed", n)
	}
}

func putStoresOnceUnderConcurrentRepeats(t storeTest, s inbox.Store) {
	const records, senders = 40, 8
	var stored atomic.Int64
	var wg sync.WaitGroup
	for sender := range senders {
		wg.Go(func() {
			for i := range records {
				a, b := i, (i+sender)%records // neighbours in a batch differ by sender
				out, err := s.Put(t.ctx, []callbacks.Record{change("g", a), change("h", b)})
				if err != nil {
					t.Errorf("Put: %v", err)
					return
				}
				for _, o := range out {
					if o != callbacks.OutcomeDuplicate {
						stored.Add(1)
					}
				}
			}
		})
	}
	wg.Wait()
	if n := len(t.list(s)); n != 2*records || stored.Load() != 2*records {
		t.Fatalf("%d records stored, %d acknowledged as new, want %d", n, stored.Load(), 2*records)
	}
}

func quarantinedIsKeptAndNeverClaimed(t storeTest, s inbox.Store) {
	r := unreadable(`{"broken":`)
	got := t.put(s, r, r)
	if want := []callbacks.Outcome{callbacks.OutcomeQuarantined, callbacks.OutcomeDuplicate}; !slices.Equal(got, want) {
		t.Fatalf("outcomes %v, want %v", got, want)
	}
	t.claimNone(s, "it is in quarantine")
	entries := t.list(s, inbox.StateQuarantined)
	if len(entries) != 1 {
		t.Fatalf("%d entries in quarantine, want 1", len(entries))
	}
	sameRecord(t, entries[0].Record, r)
}
