package harbor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Watcher waits for lockers to change, any number of them with one assigned-lockers
// request a tick. It works only while somebody waits: it has nothing to close.
//
// A locker that is in the list is yours. One that is not, or no longer, is looked up at
// its tower before anything is concluded. Transient errors do not end a wait; a wait that
// can no longer succeed does. Nudge makes it look at once, so that a webhook and the poll
// that backs it up are one thing.
//
// All methods are safe for concurrent use.
type Watcher struct {
	client   *Client
	interval time.Duration

	mu    sync.Mutex
	waits map[LockerRef][]*wait
	feeds map[*feed]struct{}
	loop  *watchLoop // nil while nobody waits
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

// NewWatcher returns a watcher that looks through c. It sends nothing until somebody
// waits.
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
}

// Wait returns when the locker has one of the statuses. The first look is at once; what
// was asked before Wait was called does not count.
//
// Reserved, rented and occupied count while the locker is yours only: the same status of
// a locker that somebody else has is not what you wait for. The other statuses count in
// any case.
//
// It ends early, with a *WaitError that matches ErrUnreachable, when none of them can be
// reached any more: the locker is not yours, or its status cannot lead there within this
// rental. The end of ctx is an error as well, never success: a *WaitError that matches
// context.Canceled or context.DeadlineExceeded and says what was last seen. So is an
// answer of Harbor that will not change by asking again, such as ErrUnauthorized.
//
// A wait for LockerStatusAvailable ends also when the locker left your possession and another
// provider took it before it was looked at: the Change then has that one's status.
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
		case <-one.done: // it came while we were leaving
			return one.change, one.err
		default:
			return Change{}, one.failed(transport.Canceled(ctx))
		}
	}
}

// Changes yields every change of any locker in your possession: first those you have, as
// they are, then what becomes of them, the last thing being a change that is not Assigned.
// What a slow loop missed of a locker is joined into one change. The last pair has an
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

// Nudge makes the watcher look at once, for instance because a webhook told of the
// locker: nudges that come together share one look, and when looks take long they are
// spaced out. It returns immediately, and does nothing when nobody waits for the locker.
func (w *Watcher) Nudge(ref LockerRef) {
	ref.Tower = ref.Tower.Normalize()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waits[ref]) > 0 || len(w.feeds) > 0 {
		w.loop.hurry()
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
