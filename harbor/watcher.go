package harbor

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

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

	mu      sync.Mutex
	waits   map[LockerRef][]*wait
	feeds   map[*feed]struct{}
	seen    map[LockerRef]*watched
	nudged  map[TowerID]struct{}
	fresh   bool          // somebody waits who was not part of a look yet
	wake    chan struct{} // one element: somebody is fresh
	nudge   chan struct{} // one element: a tower is nudged
	stop    context.CancelFunc
	started int // generations of the loops; tells a late one that it was replaced
}

// WatcherConfig is what a Watcher is made with.
type WatcherConfig struct {
	// Interval is the time from one look to the next; 2 s when zero. It is stretched
	// while Harbor fails, to at most 16 times as long.
	Interval time.Duration
}

const defaultInterval = 2 * time.Second

// NewWatcher returns a watcher that looks through c. It sends nothing until somebody
// waits.
func NewWatcher(c *Client, cfg WatcherConfig) *Watcher {
	if cfg.Interval <= 0 {
		cfg.Interval = defaultInterval
	}
	return &Watcher{
		client: c, interval: cfg.Interval,
		waits: map[LockerRef][]*wait{}, feeds: map[*feed]struct{}{}, seen: map[LockerRef]*watched{},
		nudged: map[TowerID]struct{}{}, wake: make(chan struct{}, 1), nudge: make(chan struct{}, 1),
	}
}

// Change is a status that a watcher saw, and how it fits what it saw before.
type Change struct {
	Ref LockerRef
	Observation
	// Assigned reports whether the locker is still yours, as far as is known.
	Assigned bool
}

// Wait returns when the locker has one of the statuses. The first look is at once.
//
// It ends early, with a *WaitError that matches ErrUnreachable, when none of them can be
// reached any more: the locker is not yours, or its status cannot lead there within this
// rental. The end of ctx is an error as well, never success: a *WaitError that matches
// context.Canceled or context.DeadlineExceeded and says what was last seen. So is an
// answer of Harbor that will not change by asking again, such as ErrUnauthorized.
//
// A wait for StatusAvailable ends also when the locker left your possession and another
// provider took it before it was looked at: the Change then has that one's status.
func (w *Watcher) Wait(ctx context.Context, ref LockerRef, statuses ...LockerStatus) (Change, error) {
	if len(statuses) == 0 {
		return Change{}, &ArgumentError{Op: "watcher.wait", Fields: []FieldError{{Field: "statuses", Message: "must not be empty"}}}
	}
	if p := ref.problems(); p != nil {
		return Change{}, &ArgumentError{Op: "watcher.wait", Fields: p}
	}
	ref.Tower = ref.Tower.Normalize()
	one := &wait{ref: ref, want: statuses, done: make(chan struct{})}
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

// Changes yields every change of any locker in your possession, from the first look on;
// what a slow loop missed of a locker is joined into one change. The last pair has an
// error: a *WaitError when ctx ends, or what Harbor answered when asking again is no use.
func (w *Watcher) Changes(ctx context.Context) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		f := &feed{ready: make(chan struct{}, 1), pending: map[LockerRef]int{}}
		w.subscribe(f)
		defer w.unsubscribe(f)
		for {
			w.mu.Lock()
			batch, err := f.take()
			w.mu.Unlock()
			for _, c := range batch {
				if !yield(c, nil) {
					return
				}
			}
			if err != nil {
				yield(Change{}, err)
				return
			}
			if len(batch) > 0 {
				continue
			}
			select {
			case <-f.ready:
			case <-ctx.Done():
				yield(Change{}, &WaitError{Err: transport.Canceled(ctx)})
				return
			}
		}
	}
}

// Nudge makes the watcher look at a locker's tower at once, for instance because a
// webhook told of it. It returns immediately, and does nothing when nobody waits.
func (w *Watcher) Nudge(ref LockerRef) {
	w.mu.Lock()
	if w.stop != nil {
		w.nudged[ref.Tower.Normalize()] = struct{}{}
		signal(w.nudge)
	}
	w.mu.Unlock()
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
	b.WriteString(" ended: " + strings.TrimPrefix(oneLine(e.Err.Error()), "harbor: "))
	if e.Last != "" {
		fmt.Fprintf(&b, " (last seen %s)", quoteUnknown(e.Last))
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

// wait is one caller of Wait. Its fields below want are the loop's until done is closed.
type wait struct {
	ref    LockerRef
	want   []LockerStatus
	done   chan struct{}
	change Change
	err    error
	last   LockerStatus
	lastAt time.Time
	polls  int
	missed error
}

func (o *wait) failed(err error) error {
	return &WaitError{o.ref, slices.Clone(o.want), o.last, o.lastAt, o.polls, o.missed, err}
}

func (o *wait) finish(c Change, err error) {
	o.change = c
	if err != nil {
		o.err = o.failed(err)
	}
	close(o.done)
}

// feed is one loop over Changes.
type feed struct {
	ready   chan struct{}
	queue   []Change
	pending map[LockerRef]int // where in the queue a locker is
	err     error
}

func (f *feed) add(c Change) {
	if i, ok := f.pending[c.Ref]; ok {
		c.From = f.queue[i].From
		if c.From != "" && c.Kind != ObservedRepeated {
			c.Kind, c.Path = judge(c.From, c.To)
		}
		f.queue[i] = c
	} else {
		f.pending[c.Ref] = len(f.queue)
		f.queue = append(f.queue, c)
	}
	signal(f.ready)
}

// signal fills a channel of one element, unless it is full.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (f *feed) take() ([]Change, error) {
	batch := f.queue
	f.queue = nil
	clear(f.pending)
	return batch, f.err
}
