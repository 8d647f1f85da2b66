package inbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// RunOption adjusts Run and HandleTx. A nil RunOption is ignored.
type RunOption func(*runConfig) error

type runConfig struct {
	workers            int
	tries              int
	minPause, maxPause time.Duration
	hold, skipLate     bool
	lease, poll, drain time.Duration
}

// Defaults of the run options.
const (
	DefaultWorkers  = 16
	DefaultTries    = 12 // with the default pauses, about half an hour
	DefaultMinPause = time.Second
	DefaultMaxPause = 10 * time.Minute
	DefaultLease    = 30 * time.Second
	DefaultPoll     = time.Second
	DefaultDrain    = 10 * time.Second
)

func newRunConfig(opts []RunOption) (runConfig, error) {
	c := runConfig{
		workers: DefaultWorkers, tries: DefaultTries,
		minPause: DefaultMinPause, maxPause: DefaultMaxPause,
		lease: DefaultLease, poll: DefaultPoll, drain: DefaultDrain,
	}
	var errs []error
	for _, o := range opts {
		if o != nil {
			errs = append(errs, o(&c))
		}
	}
	return c, errors.Join(errs...)
}

// WithWorkers sets how many groups are handled at once: DefaultWorkers, or 4 for HandleTx
// on SQLite, where they take turns.
func WithWorkers(n int) RunOption {
	return func(c *runConfig) error {
		c.workers = n
		return positive("workers", n)
	}
}

// WithTries sets after how many tries a callback becomes a dead letter: DefaultTries. A
// process that dies in the handler has used a try, one that shuts down has not.
func WithTries(n int) RunOption {
	return func(c *runConfig) error {
		c.tries = n
		return positive("tries", n)
	}
}

// WithBackoff sets the pause after the first failed try, which doubles with each further
// one up to the longest: DefaultMinPause and DefaultMaxPause. Each pause varies by a fifth.
func WithBackoff(shortest, longest time.Duration) RunOption {
	return func(c *runConfig) error {
		c.minPause, c.maxPause = shortest, longest
		if shortest <= 0 || longest < shortest {
			return fmt.Errorf("inbox: back-off from %v to %v: use positive durations, the longest last", shortest, longest)
		}
		return nil
	}
}

// WithHold has a group wait for its dead letter until that is requeued or the group is
// resumed. Without it the group goes on with the next change.
func WithHold() RunOption {
	return func(c *runConfig) error { c.hold = true; return nil }
}

// WithoutLate marks late callbacks as handled without handing them over. Without it they
// are handed over with Event.Late set.
func WithoutLate() RunOption {
	return func(c *runConfig) error { c.skipLate = true; return nil }
}

// WithLease sets how long a callback stays with a process that no longer answers:
// DefaultLease. Handlers may take longer, the lease is renewed while they work.
func WithLease(d time.Duration) RunOption {
	return func(c *runConfig) error {
		c.lease = d
		return positive("lease", d)
	}
}

// WithPoll sets how often the store is asked for what other processes have put there:
// DefaultPoll. What this process stores is handed over at once.
func WithPoll(d time.Duration) RunOption {
	return func(c *runConfig) error {
		c.poll = d
		return positive("poll interval", d)
	}
}

// WithDrain sets how long handlers at work may go on after Run's context has ended, before
// theirs ends too: DefaultDrain.
func WithDrain(d time.Duration) RunOption {
	return func(c *runConfig) error {
		c.drain = d
		return positive("drain time", d)
	}
}

func positive[N int | time.Duration](what string, n N) error {
	if n > 0 {
		return nil
	}
	return fmt.Errorf("inbox: %s %v: use a positive value", what, n)
}

// pause is how long to wait after the given try.
func (c runConfig) pause(attempt int) time.Duration {
	p := c.maxPause
	if shift := attempt - 1; shift < 32 && c.minPause<<shift > 0 {
		p = min(c.minPause<<shift, c.maxPause)
	}
	return p + time.Duration((rand.Float64()-0.5)*0.4*float64(p))
}
