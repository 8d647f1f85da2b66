package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Option changes how a manager works. New checks options and returns all faults at once.
type Option func(*config) error

type config struct {
	notify         func(context.Context, Notice) error
	observer       Observer
	payloads       bool
	releaseUnknown bool
	interval       time.Duration // between two looks at the list
	sweep          time.Duration // between two whole comparisons
	callTimeout    time.Duration // of one write, its retries included
	quiet          time.Duration // how long a lost request may still take effect after that
	grace          time.Duration // beyond an expiry before something is done about it
	recheck        time.Duration // between looks at what settles slowly
	search         time.Duration // how long a delivery may be without a locker
}

func defaults() config {
	return config{
		interval: 2 * time.Second, sweep: 5 * time.Minute, callTimeout: 30 * time.Second, quiet: 30 * time.Second,
		grace: 30 * time.Second, recheck: 30 * time.Second, search: 10 * time.Minute,
	}
}

// WithNotify tells the application what became of its deliveries. Run calls fn at least
// once for each notice and, for one delivery, one after the other in the order in which
// things happened. When fn returns an error, panics or outlives its context of 30 s, it is
// called again later, with longer and longer pauses up to 5 minutes, and the notices behind
// it wait. So fn must bear being called twice: Notice.Reference and Notice.Seq tell. Notices
// of different deliveries are given at once. Fn may call the manager.
func WithNotify(fn func(ctx context.Context, n Notice) error) Option {
	return func(c *config) (err error) {
		if c.notify = fn; fn == nil {
			err = errors.New("WithNotify: the function is nil")
		}
		return err
	}
}

// Observer receives what there is to measure. Every field may be nil. They hold phases and
// numbers, never a reference, and must not block.
type Observer struct {
	// Open is how many deliveries are in each phase that is not an end, those with none
	// included. Run tells it once a sweep and once at its start: it is a question to the
	// store, not to Harbor.
	Open func(byPhase map[Phase]int)
	// Moved is a delivery that this manager moved from one phase to another, and how
	// long it was in the first.
	Moved func(from, to Phase, after time.Duration)
	// Looked is one look at due deliveries or one whole comparison: how many, how long
	// it took, and what it failed by.
	Looked func(deliveries int, took time.Duration, err error)
	// Notified is a notice given to the application: when it happened until now, and what
	// the application returned.
	Notified func(kind NoticeKind, after time.Duration, err error)
	// Unknown is how many lockers of ours no delivery knows; told with each comparison.
	Unknown func(n int)
}

// WithObserver says what to measure. See Observer.
func WithObserver(o Observer) Option {
	return func(c *config) error { c.observer = o; return nil }
}

// WithPayloads keeps what opens the doors in the store, so that a token can be handed out
// again after a crash, by Get, without asking Harbor for another. A reader of the store can
// then open the lockers. Without it no payload is ever stored.
func WithPayloads() Option {
	return func(c *config) error { c.payloads = true; return nil }
}

// WithReleaseUnknown gives back lockers that are reserved or rented in our name and that
// no delivery knows, when Reconcile finds them. Use it only when nothing but managers over
// this store takes lockers by these credentials. Without it they are reported.
func WithReleaseUnknown() Option {
	return func(c *config) error { c.releaseUnknown = true; return nil }
}

// WithInterval sets the time from one look at all open deliveries to the next while Run
// runs; 2 s by default. One look is one request, however many there are.
func WithInterval(d time.Duration) Option {
	return positive("WithInterval", d, func(c *config) *time.Duration { return &c.interval })
}

// WithSweepInterval sets how often Run compares everything as Reconcile does; 5 minutes by
// default.
func WithSweepInterval(d time.Duration) Option {
	return positive("WithSweepInterval", d, func(c *config) *time.Duration { return &c.sweep })
}

// WithCallTimeout bounds one write to Harbor with all its attempts; 30 s by default. All
// managers over one store should have the same.
func WithCallTimeout(d time.Duration) Option {
	return positive("WithCallTimeout", d, func(c *config) *time.Duration { return &c.callTimeout })
}

// WithQuietTime sets for how long after the call timeout a request whose answer was lost
// may still take effect: 30 s by default. A delivery that may have such a request under way
// does not let go of its locker before.
func WithQuietTime(d time.Duration) Option {
	return positive("WithQuietTime", d, func(c *config) *time.Duration { return &c.quiet })
}

// WithRecheck sets how often is looked at what settles slowly, such as a released locker
// whose tower has not heard of it; 30 s by default.
func WithRecheck(d time.Duration) Option {
	return positive("WithRecheck", d, func(c *config) *time.Duration { return &c.recheck })
}

func positive(name string, d time.Duration, of func(*config) *time.Duration) Option {
	return func(c *config) (err error) {
		if *of(c) = d; d <= 0 {
			err = fmt.Errorf("%s: the time must be positive", name)
		}
		return err
	}
}
