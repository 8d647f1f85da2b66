package delivery

import (
	"errors"
	"fmt"
	"time"
)

// Option changes how a manager works. Options are checked by New, which returns all
// faults at once.
type Option func(*config) error

type config struct {
	hooks          Hooks
	metrics        Metrics
	payloads       bool
	releaseUnknown bool
	interval       time.Duration // between two looks at the list
	sweep          time.Duration // between two whole comparisons
	callTimeout    time.Duration // of one write, its retries included
	quiet          time.Duration // how long a lost request may still take effect after that
	grace          time.Duration // beyond an expiry before something is done about it
	recheck        time.Duration // between looks at what settles slowly
	search         time.Duration // how long a delivery may be without a locker
	hookTimeout    time.Duration
	hooksAtOnce    int
}

func defaults() config {
	return config{
		interval: 2 * time.Second, sweep: 5 * time.Minute, callTimeout: 30 * time.Second, quiet: 30 * time.Second,
		grace: 30 * time.Second, recheck: 30 * time.Second, search: 10 * time.Minute,
		hookTimeout: 30 * time.Second, hooksAtOnce: 8,
	}
}

// WithHooks says what to tell the application. See Hooks.
func WithHooks(h Hooks) Option {
	return func(c *config) error {
		c.hooks = h
		return nil
	}
}

// WithMetrics says what to measure. See Metrics.
func WithMetrics(m Metrics) Option {
	return func(c *config) error {
		c.metrics = m
		return nil
	}
}

// WithPayloads keeps what opens the doors in the store, so that a token can be handed out
// again after a crash, by Get, without asking Harbor for another. Whoever reads the store
// can then open the lockers. Without it no payload is ever stored.
func WithPayloads() Option {
	return func(c *config) error {
		c.payloads = true
		return nil
	}
}

// WithReleaseUnknown gives back lockers that are reserved or rented in our name and that
// no delivery knows, when Reconcile finds them. Use it only when nothing but managers over
// this store takes lockers by these credentials. Without it they are reported.
func WithReleaseUnknown() Option {
	return func(c *config) error {
		c.releaseUnknown = true
		return nil
	}
}

// WithInterval sets the time from one look at all open deliveries to the next while Run
// runs; 2 s by default. One look is one request, however many there are.
func WithInterval(d time.Duration) Option {
	return positive("WithInterval", d, func(c *config) { c.interval = d })
}

// WithSweepInterval sets how often Run compares everything as Reconcile does; 5 minutes by
// default.
func WithSweepInterval(d time.Duration) Option {
	return positive("WithSweepInterval", d, func(c *config) { c.sweep = d })
}

// WithCallTimeout bounds one write to Harbor with all its attempts; 30 s by default. All
// managers over one store should have the same.
func WithCallTimeout(d time.Duration) Option {
	return positive("WithCallTimeout", d, func(c *config) { c.callTimeout = d })
}

// WithQuietTime sets for how long after the call timeout a request whose answer was lost
// may still take effect: 30 s by default. A delivery that may have such a request under way
// does not let go of its locker before.
func WithQuietTime(d time.Duration) Option {
	return positive("WithQuietTime", d, func(c *config) { c.quiet = d })
}

// WithGrace sets for how long after the end of a reservation or a drop-off token a locker
// that is still ours is left alone, before it is given back; 30 s by default.
func WithGrace(d time.Duration) Option {
	return positive("WithGrace", d, func(c *config) { c.grace = d })
}

// WithRecheck sets how often is looked at what settles slowly, such as a released locker
// whose tower has not heard of it; 30 s by default.
func WithRecheck(d time.Duration) Option {
	return positive("WithRecheck", d, func(c *config) { c.recheck = d })
}

// WithSearchTime sets for how long a delivery may be without a locker before it expires;
// 10 minutes by default.
func WithSearchTime(d time.Duration) Option {
	return positive("WithSearchTime", d, func(c *config) { c.search = d })
}

// WithHookLimits sets how many hooks may run at once and how long each may take before its
// context ends and it is called again later; 8 and 30 s by default. All managers over one
// store should have the same time.
func WithHookLimits(atOnce int, timeout time.Duration) Option {
	return func(c *config) error {
		if atOnce < 1 || timeout <= 0 {
			return errors.New("WithHookLimits: both must be positive")
		}
		c.hooksAtOnce, c.hookTimeout = atOnce, timeout
		return nil
	}
}

func positive(name string, d time.Duration, set func(*config)) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("%s: the time must be positive", name)
		}
		set(c)
		return nil
	}
}
