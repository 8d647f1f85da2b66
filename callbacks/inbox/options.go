package inbox

import (
	"errors"
	"fmt"
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
