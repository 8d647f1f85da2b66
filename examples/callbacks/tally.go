package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// tally compares what was sent with what is stored and what was handled.
type tally struct {
	changes map[callbacks.Key]bool // sent, by identity; true: the body has to be mended
	bodies  map[callbacks.Key]bool // sent, that cannot be read

	mu       sync.Mutex
	times    map[callbacks.Key]int // how often each change was handled
	newest   map[string]time.Time  // handled of each reservation
	late     int
	disorder int // older than one handled before, and not flagged as late

	stored, mended, quarantined int // found in the database
}

func newTally(messages []callbackstest.Message) *tally {
	b := &tally{
		changes: map[callbacks.Key]bool{}, bodies: map[callbacks.Key]bool{},
		times: map[callbacks.Key]int{}, newest: map[string]time.Time{},
	}
	feed := callbacks.Reservations()
	for _, m := range messages {
		if change, err := feed.Decode(m.Body); err == nil {
			b.changes[feed.Key(change)] = change.Repaired
		} else {
			b.bodies[callbacks.RawKey(m.Body)] = true
		}
	}
	return b
}

// handled notes a change that its handler is done with.
func (b *tally) handled(e changeEvent) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ours := b.changes[e.Key]; !ours {
		return // another program uses the same database
	}
	b.times[e.Key]++
	newest, older := b.newest[e.Group]
	older = older && e.Time.Before(newest)
	switch {
	case e.Late:
		b.late++
	case older:
		b.disorder++
	}
	if !older {
		b.newest[e.Group] = e.Time
	}
}

// read counts what of all that was sent is in the database.
func (b *tally) read(ctx context.Context, box *inbox.Box) error {
	for after := int64(0); ; {
		page, err := box.List(ctx, inbox.Filter{Feed: callbacks.ReservationsFeedName, After: after, Limit: 1000})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, e := range page {
			after = e.ID
			mended, ours := b.changes[e.Key]
			switch {
			case e.State == inbox.StateQuarantined && b.bodies[e.Key]:
				b.quarantined++
			case e.State != inbox.StateQuarantined && ours:
				b.stored++
				if mended {
					b.mended++
				}
			}
		}
	}
}

// balance prints the summary and says which numbers do not add up. Duplicates are the
// requests that brought a change which was stored already.
func (b *tally) balance(w io.Writer, report callbackstest.SendReport, duplicates int) error {
	answers := report.Statuses[http.StatusOK]
	fmt.Fprintf(w, "\n"+
		"sent          %6d  callbacks in %d requests: %d sent again, %d out of order, %d cut off, %d hung up on, %d slow\n"+
		"acknowledged  %6d  of them, by %d answers\n"+
		"stored        %6d  different changes, %d of which came with a comma that JSON forbids\n"+
		"handled       %6d  of these changes\n"+
		"duplicates    %6d  requests with what was known, acknowledged and not handled again\n"+
		"late          %6d  of the handled came after a newer change, and were told so\n"+
		"quarantined   %6d  bodies that cannot be read, acknowledged and kept whole\n",
		report.Sent(), report.Requests, report.Resent, report.Reordered, report.Cut, report.HungUp, report.Slow,
		report.Acknowledged(), answers, b.stored, b.mended, len(b.times), duplicates, b.late, b.quarantined)

	var faults []string
	expect := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	expect(report.Sent() == len(report.Results), "%d of %d callbacks were not sent", len(report.Results)-report.Sent(), len(report.Results))
	expect(report.Refused() == 0, "%d callbacks were never acknowledged", report.Refused())
	expect(b.stored == len(b.changes), "%d changes are stored, not %d", b.stored, len(b.changes))
	expect(b.quarantined == len(b.bodies), "%d bodies are in quarantine, not %d", b.quarantined, len(b.bodies))
	expect(len(b.times) == b.stored, "%d changes were handled, not %d", len(b.times), b.stored)
	for _, n := range b.times {
		expect(n == 1, "a change was handled %d times", n)
	}
	expect(b.disorder == 0, "%d changes were handled out of order and not flagged as late", b.disorder)
	// Each answer 200 stands for something stored or for a duplicate. So may requests whose
	// answer got lost, or that were told 503 since the database was slow.
	lost := report.Unanswered - report.Cut + report.Statuses[http.StatusServiceUnavailable]
	kept := b.stored + b.quarantined + duplicates
	expect(kept >= answers && kept <= answers+lost,
		"stored, quarantined and duplicates are %d, acknowledged requests %d and %d more at most", kept, answers, lost)
	if len(faults) > 0 {
		return errors.New("the numbers do not add up: " + strings.Join(faults, "; "))
	}
	_, err := fmt.Fprintf(w, "\nThe numbers add up: %d requests that came whole were stored, quarantined or known, and %d of\n"+
		"them never had their answer. Nothing was lost, nothing was handled twice, and each reservation\n"+
		"went forward in the order of its changes, but for those told late.\n", kept, kept-answers)
	return err
}
