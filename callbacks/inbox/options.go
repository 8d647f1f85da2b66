package inbox

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/sqlstore"
)

// Option adjusts a box. A nil Option is ignored.
type Option func(*config)

type config struct {
	faults
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

// faults are what is wrong with options.
type faults []string

func (f *faults) require(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}

// err is all faults in one line.
func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return errors.New("inbox: " + strings.Join(f, "; "))
}

func newConfig(opts []Option) (config, error) {
	c := config{
		table: DefaultTable, storeTimeout: DefaultStoreTimeout, retention: DefaultRetention,
		maxPending: defaultMaxPending, maxBytes: defaultMaxBytes,
	}
	for _, o := range opts {
		if o != nil {
			o(&c)
		}
	}
	return c, c.err()
}

// WithTable names the table, and with a suffix the other tables and indexes: a lower-case
// letter, then up to 39 letters, digits and underscores. Boxes with different names can
// share a database. The default is DefaultTable.
func WithTable(name string) Option {
	return func(c *config) {
		c.table = name
		c.require(sqlstore.ValidTable(name), "WithTable(%q): use lower-case letters, digits and underscores, at most 40", name)
	}
}

// WithStoreTimeout bounds each call of the store, and so how long Accept may take: the
// default is DefaultStoreTimeout. It should be shorter than the sender's own time limit.
func WithStoreTimeout(d time.Duration) Option {
	return func(c *config) {
		c.storeTimeout = d
		c.require(d > 0, "WithStoreTimeout(%v): use a positive duration", d)
	}
}

// WithMaxPending bounds the deliveries that wait in memory to be written: n records and
// the given size of their bodies together. Beyond, Accept fails with ErrFull at once. The
// default is 8192 records and 64 MiB.
func WithMaxPending(n, bytes int) Option {
	return func(c *config) {
		c.maxPending, c.maxBytes = n, bytes
		c.require(n > 0 && bytes > 0, "WithMaxPending(%d, %d): use positive numbers", n, bytes)
	}
}

// WithRetention sets how long handled callbacks, and with them the memory of their keys,
// are kept before Run deletes them: the default is DefaultRetention. A sender that repeats
// a callback later than that has it handled again. Zero keeps them until Prune is called.
func WithRetention(d time.Duration) Option {
	return func(c *config) {
		c.retention = d
		c.require(d >= 0, "WithRetention(%v): use a positive duration, or 0 to keep everything", d)
	}
}

// WithObserver follows the runs of the box; see Observer.
func WithObserver(o Observer) Option { return func(c *config) { c.observer = o } }

// RunOption adjusts Run and HandleTx. A nil RunOption is ignored.
type RunOption func(*runConfig)

type runConfig struct {
	faults
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
	for _, o := range opts {
		if o != nil {
			o(&c)
		}
	}
	c.require(c.workers > 0, "WithWorkers(%d): use a positive number", c.workers)
	c.require(c.tries > 0, "WithTries(%d): use a positive number", c.tries)
	c.require(0 < c.minPause && c.minPause <= c.maxPause, "WithBackoff(%v, %v): use positive durations, the longest last", c.minPause, c.maxPause)
	c.require(c.lease > 0, "WithLease(%v): use a positive duration", c.lease)
	c.require(c.poll > 0, "WithPoll(%v): use a positive duration", c.poll)
	c.require(c.drain > 0, "WithDrain(%v): use a positive duration", c.drain)
	return c, c.err()
}

// WithWorkers sets how many groups are handled at once: DefaultWorkers, or 4 for HandleTx
// on SQLite, where handlers run one at a time.
func WithWorkers(n int) RunOption { return func(c *runConfig) { c.workers = n } }

// WithTries sets after how many tries a callback becomes a dead letter: DefaultTries. A
// process that dies in the handler has used a try, one that shuts down has not.
func WithTries(n int) RunOption { return func(c *runConfig) { c.tries = n } }

// WithBackoff sets the pause after the first failed try, which doubles with each further
// one up to the longest: DefaultMinPause and DefaultMaxPause. Each pause varies by a fifth.
func WithBackoff(shortest, longest time.Duration) RunOption {
	return func(c *runConfig) { c.minPause, c.maxPause = shortest, longest }
}

// WithHold makes a group wait for its dead letter until that is requeued or the group is
// resumed. Without it the group goes on with the next change.
func WithHold() RunOption { return func(c *runConfig) { c.hold = true } }

// WithoutLate marks late callbacks as handled without handing them over. Without it they
// are handed over with Event.Late set.
func WithoutLate() RunOption { return func(c *runConfig) { c.skipLate = true } }

// WithLease sets how long a callback stays with a process that no longer answers:
// DefaultLease. Handlers may take longer, the lease is renewed while they work.
func WithLease(d time.Duration) RunOption { return func(c *runConfig) { c.lease = d } }

// WithPoll sets how often the store is asked for callbacks that other processes stored:
// DefaultPoll. Callbacks that this process stores are handed over at once.
func WithPoll(d time.Duration) RunOption { return func(c *runConfig) { c.poll = d } }

// WithDrain sets how long handlers at work may go on after Run's context has ended, before
// theirs ends too: DefaultDrain.
func WithDrain(d time.Duration) RunOption { return func(c *runConfig) { c.drain = d } }

// pause is how long to wait after the given try.
func (c *runConfig) pause(attempt int) time.Duration {
	p := c.maxPause
	if shift := attempt - 1; shift < 32 && c.minPause<<shift > 0 {
		p = min(c.minPause<<shift, c.maxPause)
	}
	return p + time.Duration((rand.Float64()-0.5)*0.4*float64(p))
}
