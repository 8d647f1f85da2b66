package inbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lockerline/lockerline-go/sqlstore"
)

// Option adjusts a box. A nil Option is ignored.
type Option func(*config) error

type config struct {
	table        string
	storeTimeout time.Duration
	maxPending   int
	maxBytes     int
	retention    time.Duration
	observer     Observer
}

// Defaults of the options.
const (
	DefaultTable        = "lockerline_inbox"
	DefaultStoreTimeout = 2 * time.Second
	DefaultRetention    = 30 * 24 * time.Hour
)

const (
	maxBatch          = 512      // records written at once
	maxBatchBytes     = 4 << 20  // of bodies written at once
	defaultMaxPending = 8 << 10  // records waiting to be written
	defaultMaxBytes   = 64 << 20 // of bodies waiting to be written
)

func newConfig(opts []Option) (config, error) {
	c := config{
		table: DefaultTable, storeTimeout: DefaultStoreTimeout, retention: DefaultRetention,
		maxPending: defaultMaxPending, maxBytes: defaultMaxBytes,
	}
	var errs []error
	for _, o := range opts {
		if o != nil {
			errs = append(errs, o(&c))
		}
	}
	return c, errors.Join(errs...)
}

// WithTable names the table, and with a suffix the other tables and indexes: a lower-case
// letter, then up to 39 letters, digits and underscores. Boxes with different names can
// share a database. The default is DefaultTable.
func WithTable(name string) Option {
	return func(c *config) error {
		if !sqlstore.ValidTable(name) {
			return fmt.Errorf("inbox: table name %q: use lower-case letters, digits and underscores, at most 40", name)
		}
		c.table = name
		return nil
	}
}

// WithStoreTimeout bounds each call of the store, and so how long Accept may take: the
// default is DefaultStoreTimeout. It should be shorter than the sender's own time limit.
func WithStoreTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return fmt.Errorf("inbox: store timeout %v: use a positive duration", d)
		}
		c.storeTimeout = d
		return nil
	}
}

// WithMaxPending bounds the deliveries that wait in memory to be written: n records and
// the given size of their bodies together. Beyond, Accept fails with ErrFull at once. The
// default is 8192 records and 64 MiB.
func WithMaxPending(n, bytes int) Option {
	return func(c *config) error {
		if n < 1 || bytes < 1 {
			return fmt.Errorf("inbox: max pending %d records, %d bytes: use positive numbers", n, bytes)
		}
		c.maxPending, c.maxBytes = n, bytes
		return nil
	}
}

// WithRetention sets how long handled callbacks, and with them the memory of their keys,
// are kept before Run deletes them: the default is DefaultRetention. A sender that repeats
// a callback later than that has it handled again. Zero keeps them until Prune is called.
func WithRetention(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return fmt.Errorf("inbox: retention %v: use a positive duration, or 0 to keep everything", d)
		}
		c.retention = d
		return nil
	}
}

// WithObserver is told what happens; see Observer.
func WithObserver(o Observer) Option {
	return func(c *config) error { c.observer = o; return nil }
}

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
