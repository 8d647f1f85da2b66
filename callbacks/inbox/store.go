package inbox

import (
	"cmp"
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// Store keeps callbacks in a database. It is safe for concurrent use, also by several
// processes; inboxtest.RunStoreTests checks an implementation.
//
// Leases, pauses and ages are durations that the store measures by its own clock, so that
// processes whose clocks differ can share it. A method that returns an error has changed
// nothing, unless the database itself cannot tell.
type Store interface {
	// Put keeps the records, all or none, and returns the outcome of each. A record
	// whose feed and key are known, from this batch or any earlier one, is a Duplicate
	// and changes nothing; the check and the write are one step. A new
	// record with a known slot is Amended. A quarantined record (Problem is set) is
	// kept, and belongs to no group. A record without feed or key fails the batch.
	Put(ctx context.Context, records []callbacks.Record) ([]callbacks.Outcome, error)

	// Claim leases up to n callbacks of the feed: at most the head of each group,
	// and none of a group that is leased, pausing after a failure, or held. The head
	// is the waiting callback with the earliest change time, then the earliest
	// arrival. Claiming counts as a try, so that a callback that kills the process is
	// not tried for ever. A lease that runs out frees its group.
	Claim(ctx context.Context, feed string, n int, lease time.Duration) ([]Item, error)

	// Renew makes the leases end after the given time from now and returns those that
	// were lost.
	Renew(ctx context.Context, lease time.Duration, leases ...Lease) (lost []Lease, err error)

	// Done marks the callbacks of the leases that still hold as handled and returns the
	// lost leases, whose callbacks stay as they are.
	Done(ctx context.Context, leases ...Lease) (lost []Lease, err error)

	// Retry lets a callback be claimed again after the pause; its group waits with it.
	// With an empty reason the try is not counted. Fails with ErrLeaseLost.
	Retry(ctx context.Context, l Lease, pause time.Duration, reason string) error

	// Dead puts a callback aside as a dead letter. With hold its group is not
	// claimed until the callback is requeued or the group resumed. Fails with
	// ErrLeaseLost.
	Dead(ctx context.Context, l Lease, reason string, hold bool) error

	// List returns entries in the order of arrival.
	List(ctx context.Context, f Filter) ([]Entry, error)

	// Requeue makes a callback wait again, in any state, with no tries counted; one that
	// waits already stays as it is. A quarantined callback gets its key, slot, group and
	// time from the decoded record; when that key is known, the callback becomes Handled
	// and the outcome is Duplicate. Fails with ErrNotFound.
	Requeue(ctx context.Context, id int64, decoded *callbacks.Record) (callbacks.Outcome, error)

	// Resume lets a held group go on without its dead letter.
	Resume(ctx context.Context, feed, group string) error

	// Prune deletes up to limit entries in one of the states that were received, and
	// settled, longer ago than age, and returns how many. Waiting ones are never deleted.
	Prune(ctx context.Context, age time.Duration, limit int, states ...State) (int, error)

	// Stats counts what a feed has stored; an empty name means all feeds.
	Stats(ctx context.Context, feed string) (Stats, error)
}

// TxStore is a Store whose callbacks can be handled within one of its transactions.
type TxStore interface {
	Store
	// DoneTx calls fn in a transaction that also marks the callback as handled, and
	// commits when fn returns nil and the lease still holds. Otherwise nothing of
	// the transaction remains. Fails with fn's error or ErrLeaseLost.
	DoneTx(ctx context.Context, l Lease, fn func(*sql.Tx) error) error
}

// Lease is the right to handle one callback for a while.
type Lease struct {
	ID    int64 // the callback
	Fence int64 // grows with each claim of the group; an older one is void
}

// groupKey names a group of all feeds.
type groupKey struct{ feed, group string }

func (k groupKey) compare(other groupKey) int {
	return cmp.Or(strings.Compare(k.feed, other.feed), strings.Compare(k.group, other.group))
}

// Item is a claimed callback.
type Item struct {
	callbacks.Record
	Lease   Lease
	Attempt int  // 1 for the first
	Late    bool // a newer change of the group was handled already
	Amended bool // new content for a slot that was known
}

// Entry is a stored callback as List shows it.
type Entry struct {
	callbacks.Record
	ID        int64     // ascending in the order of arrival
	State     State     // what became of it
	Attempts  int       // tries since it was stored or requeued
	Late      bool      // at its last claim a newer change of the group had been handled
	Amended   bool      // new content for a slot that was known
	LastError string    // why the last try failed; empty when none did
	SettledAt time.Time // when it was handled or put aside; zero while it waits
}

// State is the state of a stored callback.
type State uint8

// The states of a stored callback.
const (
	StateWaiting     State = iota // to be handled, or being handled
	StateHandled                  // its handler returned nil
	StateDead                     // put aside after its last try
	StateQuarantined              // the body could not be read
)

// String is the state as it appears in logs and metrics.
func (s State) String() string {
	if names := [...]string{"waiting", "handled", "dead", "quarantined"}; int(s) < len(names) {
		return names[s]
	}
	return "unknown"
}

// Filter chooses entries. The zero value means all.
type Filter struct {
	Feed   string  // empty: all feeds
	Group  string  // empty: all groups
	States []State // empty: all states
	After  int64   // only entries with a greater ID, to read on
	Limit  int     // 0: at most 100
}

// DefaultListLimit is how many entries List returns when the filter does not say.
const DefaultListLimit = 100

// Stats is the state of an inbox at one moment.
type Stats struct {
	Depth       int           // callbacks waiting or being handled
	OldestAge   time.Duration // since the oldest of them was received; 0 when there is none
	Dead        int           // dead letters
	Quarantined int           // bodies that could not be read
	Held        int           // groups that wait for their dead letter
}
