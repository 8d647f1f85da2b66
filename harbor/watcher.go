package harbor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Watcher waits for lockers to change, any number of them with one assigned-lockers
// request a tick. It works only while a Wait or a loop over Changes is under way: it has
// nothing to close.
//
// A locker that is in the list is yours. One that is not, or no longer, is looked up at
// its tower before anything is concluded. Transient errors do not end a wait; a wait that
// can no longer succeed does. Nudge makes the watcher look at once, so that a webhook and
// the poll that backs it up are one thing.
//
// All methods are safe for concurrent use.
type Watcher struct {
	client   *Client
	interval time.Duration

	mu    sync.Mutex
	waits map[LockerRef][]*wait
	feeds map[*feed]struct{}
	loop  *watchLoop // nil while no wait and no loop over Changes is under way
}

// WatcherConfig is what a Watcher is made with.
type WatcherConfig struct {
	// Interval is the time from one look to the next; 2 s when zero. It is stretched
	// while Harbor fails, to at most 16 times as long.
	Interval time.Duration
}

const (
	defaultInterval = 2 * time.Second
	longestInterval = 30 * 24 * time.Hour // keeps what is computed from it within time's range
)

// NewWatcher returns a watcher that looks through c. It sends nothing before a Wait or a
// loop over Changes.
func NewWatcher(c *Client, cfg WatcherConfig) *Watcher {
	if cfg.Interval <= 0 {
		cfg.Interval = defaultInterval
	}
	return &Watcher{
		client: c, interval: min(cfg.Interval, longestInterval),
		waits: map[LockerRef][]*wait{}, feeds: map[*feed]struct{}{},
	}
}

// Change is a status that was seen, and how it fits the one seen before by the same Wait
// or Changes.
type Change struct {
	Ref LockerRef
	Observation
	// Assigned reports whether the locker is yours, as far as is known.
	Assigned bool
	// Inferred says that To was not observed but must have been in between: a wait for
	// LockerStatusAvailable ends so when the locker left your possession and another
	// provider took it before it was looked at. Seen is the status it has there; empty
	// when To was observed.
	Inferred bool
	Seen     LockerStatus
}

// ErrUnreachable is what a wait ends with when no status it waits for can come any more.
var ErrUnreachable = errors.New("harbor: the locker cannot reach that status any more")

// Wait returns when the locker has one of the statuses. The first look is at once; what
// was asked before Wait was called does not count.
//
// Reserved, rented and occupied count only while the locker is yours: the same status of
// another provider's locker is not what you wait for. The other statuses count in any case.
//
// It ends early, with a *WaitError that matches ErrUnreachable, when none of them can be
// reached any more: the locker is not yours, or its status cannot lead there within this
// rental. The end of ctx is an error as well, never success: a *WaitError that matches
// context.Canceled or context.DeadlineExceeded and says what was last seen. So is an
// answer of Harbor that will not change by asking again, such as ErrUnauthorized.
//
// Change.To is always one of the statuses. A wait for LockerStatusAvailable ends also when
// another provider took the locker before it was looked at: then Change.Inferred is true.
func (w *Watcher) Wait(ctx context.Context, ref LockerRef, statuses ...LockerStatus) (Change, error) {
	problems := ref.problems()
	if len(statuses) == 0 {
		problems = append(problems, lockerline.FieldError{Field: "statuses", Message: "must not be empty"})
	}
	if problems != nil {
		return Change{}, &lockerline.ArgumentError{Op: "watcher.wait", Fields: problems}
	}
	ref.Tower = ref.Tower.Normalize()
	one := &wait{ref: ref, want: make([]LockerStatus, len(statuses)), done: make(chan struct{}), life: Lifecycle{Limit: 1}}
	for i, s := range statuses {
		one.want[i] = ParseLockerStatus(string(s))
	}
	if ctx.Err() != nil {
		return Change{}, one.failed(transport.Canceled(ctx))
	}
	w.join(one)
	select {
	case <-one.done:
		return one.change, one.err
	case <-ctx.Done():
		w.leave(one)
		select {
		case <-one.done: // it ended at the same time
			return one.change, one.err
		default:
			return Change{}, one.failed(transport.Canceled(ctx))
		}
	}
}

// Changes yields every change of any locker in your possession: first those you have, as
// they are, then what becomes of them. The last change of a locker is not Assigned. Changes
// that a slow loop missed of a locker are joined into one. The last pair has an
// error: a *WaitError when ctx ends, or what Harbor answered when asking again is no use.
func (w *Watcher) Changes(ctx context.Context) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		f := newFeed()
		if ctx.Err() == nil {
			w.subscribe(f)
			defer w.unsubscribe(f)
		}
		for {
			w.mu.Lock()
			batch, err := f.take()
			w.mu.Unlock()
			for _, c := range batch {
				if ctx.Err() != nil {
					break
				}
				if !yield(c, nil) {
					return
				}
			}
			switch {
			case ctx.Err() != nil:
				yield(Change{}, &WaitError{Err: transport.Canceled(ctx)})
				return
			case err != nil:
				yield(Change{}, err)
				return
			case len(batch) > 0:
				continue
			}
			select {
			case <-f.ready:
			case <-ctx.Done():
			}
		}
	}
}

// Nudge makes the watcher look at once, for instance because a webhook lastSeen of the
// locker: nudges that come together share one look, and when looks take long they are
// spaced out. It returns immediately, and does nothing for a locker without a wait.
func (w *Watcher) Nudge(ref LockerRef) {
	ref.Tower = ref.Tower.Normalize()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waits[ref]) > 0 || len(w.feeds) > 0 {
		w.loop.wakeSoon()
	}
}

// WaitError says why a wait ended without what it waited for, and what was seen last.
type WaitError struct {
	Ref    LockerRef
	Want   []LockerStatus
	Last   LockerStatus // empty when nothing was seen
	LastAt time.Time
	Polls  int   // looks at Harbor while waiting, failed ones included
	Missed error // the last look that failed and was passed over; nil when none did
	Err    error // why the wait ended
}

// Error is one line: what was awaited, what was seen last, and why it ended.
func (e *WaitError) Error() string {
	var b strings.Builder
	b.WriteString("harbor: wait")
	if len(e.Want) > 0 {
		fmt.Fprintf(&b, " for %s", joinStatuses(e.Want))
	}
	b.WriteString(" ended: " + strings.TrimPrefix(redact.Line(e.Err.Error()), "harbor: "))
	var known []string
	if e.Last != "" {
		known = append(known, "last seen "+quoteUnknown(e.Last))
	}
	if e.Missed != nil && !errors.Is(e.Err, e.Missed) {
		known = append(known, "a look failed: "+strings.TrimPrefix(redact.Line(e.Missed.Error()), "harbor: "))
	}
	if len(known) > 0 {
		b.WriteString(" (" + strings.Join(known, "; ") + ")")
	}
	return b.String()
}

// Unwrap returns why the wait ended.
func (e *WaitError) Unwrap() error { return e.Err }

func joinStatuses(ss []LockerStatus) string {
	names := make([]string, len(ss))
	for i, s := range ss {
		names[i] = quoteUnknown(s)
	}
	return strings.Join(names, " or ")
}

func quoteUnknown(s LockerStatus) string {
	if s.Known() {
		return string(s)
	}
	return "an unknown status"
}

// wait is one caller of Wait. What is below done is guarded by Watcher.mu, until done is
// closed or the wait has left.
type wait struct {
	ref  LockerRef
	want []LockerStatus
	done chan struct{}

	place  int // in the list of waits for ref
	joined int // looks begun before it
	life   Lifecycle
	ours   bool         // the locker was ours
	had    LockerStatus // and its last status then; empty when that was not observed
	misses int          // looks in a row at which it was not in the list
	taken  int          // and at its tower assigned to a provider
	last   LockerStatus
	lastAt time.Time
	polls  int
	missed error
	change Change
	err    error
}

// join adds a wait and makes the loop look soon.
func (w *Watcher) join(o *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o.ours = w.have(o.ref)
	o.place = len(w.waits[o.ref])
	w.waits[o.ref] = append(w.waits[o.ref], o)
	o.joined = w.ensureLoop()
}

// have reports whether the locker was ours at the last look. The lock is held.
func (w *Watcher) have(ref LockerRef) bool {
	for _, o := range w.waits[ref] {
		if o.ours && o.misses == 0 {
			return true
		}
	}
	for f := range w.feeds {
		if t := f.lastSeen[ref]; t != nil && t.misses == 0 {
			return true
		}
	}
	return false
}

// leave takes off a wait that its caller gave up.
func (w *Watcher) leave(o *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.place >= 0 {
		w.remove(o)
		w.stopIfIdle()
	}
}

// finish ends a wait. The lock is held.
func (w *Watcher) finish(o *wait, c Change, err error) {
	w.remove(o)
	o.change = c
	if err != nil {
		o.err = o.failed(err)
	}
	close(o.done)
	w.stopIfIdle()
}

// remove takes a wait off the list. The lock is held.
func (w *Watcher) remove(o *wait) {
	waits := w.waits[o.ref]
	last := len(waits) - 1
	waits[o.place] = waits[last]
	waits[o.place].place = o.place
	waits[last] = nil
	o.place = -1
	if last == 0 {
		delete(w.waits, o.ref)
		return
	}
	w.waits[o.ref] = waits[:last]
}

func (o *wait) failed(err error) error {
	return &WaitError{o.ref, slices.Clone(o.want), o.last, o.lastAt, o.polls, o.missed, err}
}

// verdict is what a look means for a wait.
type verdict int

const (
	waitGoesOn verdict = iota
	waitReached
	waitInferred // available in between
	waitLost
)

// verdict concludes from what was seen.
func (o *wait) verdict(s observed) verdict {
	wanted := slices.Contains(o.want, s.status)
	if s.assigned {
		o.ours, o.had, o.misses, o.taken = true, s.status, 0, 0
		switch {
		case wanted:
			return waitReached
		case !canReach(s.status, o.want):
			return waitLost
		}
		return waitGoesOn
	}
	if wanted && !owned(s.status) {
		return waitReached
	}
	// The list and the tower's answer are of different moments: the next look decides whether
	// a locker that is reserved, rented or occupied is ours.
	if !owned(s.status) {
		o.taken = 0
	} else if o.taken++; o.taken < 2 {
		return waitGoesOn
	}
	if o.ours && owned(s.status) && slices.Contains(o.want, LockerStatusAvailable) {
		return waitInferred // another provider has what was ours
	}
	if o.lost(s.status) {
		return waitLost
	}
	return waitGoesOn
}

// owned reports whether a locker in this status belongs to the provider who has it in the
// list.
func owned(s LockerStatus) bool {
	return s == LockerStatusReserved || s == LockerStatusRented || s == LockerStatusOccupied
}

// lost reports that a locker that is not in the list will not come to a wanted status.
func (o *wait) lost(status LockerStatus) bool {
	for _, s := range o.want {
		if !owned(s) && s != LockerStatusReleased {
			return false // any provider's locker comes to it
		}
	}
	switch {
	case status == LockerStatusReleased && canReach(status, o.want):
		return false // taken off the list, but a token that is out still opens it
	case o.ours:
		return true
	case status == LockerStatusAvailable || status == LockerStatusOutOfService || !canReach(status, o.want):
		return o.misses > 1 // the first time it may just have been taken
	}
	return o.misses > 2
}

// canReach reports whether a locker of ours can come from one status to a wanted one before
// it is given back.
func canReach(from LockerStatus, want []LockerStatus) bool {
	if !from.Known() {
		return true
	}
	for _, to := range want {
		if from == to || !to.Known() {
			return true
		}
		if judgements()[[2]LockerStatus{from, to}].kind != ObservationImpossible {
			return true
		}
	}
	return false
}
