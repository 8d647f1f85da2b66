package delivery

import (
	"context"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Store keeps deliveries. NewMemoryStore and OpenSQL make one; another must pass
// deliverytest.RunStoreTests. All methods are safe for concurrent use, end with their
// context, and hand out copies: what a caller changes is changed by Update alone.
//
// A write that returns nil is durable: a store that loses it loses a locker.
type Store interface {
	// Create stores a new delivery with Version 1, and sets d.Version so. When the
	// reference is in use it stores nothing and returns ErrReferenceTaken; when d.Claims
	// and another delivery claims the same locker, ErrLockerClaimed.
	Create(ctx context.Context, d *Delivery) error
	// Get returns a delivery, or ErrNotFound.
	Get(ctx context.Context, reference string) (*Delivery, error)
	// Update replaces the delivery if the stored Version is d.Version, and then counts
	// both up. It stores nothing and returns ErrStale when the stored one is newer,
	// ErrNotFound when there is none, and ErrLockerClaimed when d.Claims and another
	// delivery claims the same locker. All of it is one atomic step.
	Update(ctx context.Context, d *Delivery) error
	// At returns the deliveries that have to do with a locker: first the one that
	// claims it, then the last three of the others that had it, the latest change first.
	At(ctx context.Context, ref harbor.LockerRef) ([]*Delivery, error)
	// List returns deliveries in the order of their references.
	List(ctx context.Context, f Filter) ([]*Delivery, error)
	// Due returns at most limit deliveries whose DueAt is not zero and not after now,
	// the earliest first.
	Due(ctx context.Context, now time.Time, limit int) ([]*Delivery, error)
	// Count returns how many deliveries are in each phase that is not an end.
	Count(ctx context.Context) (map[Phase]int, error)
	// Prune deletes deliveries that ended before a time, claim no locker and have an
	// empty outbox. It returns how many.
	Prune(ctx context.Context, endedBefore time.Time) (int, error)
}

// Filter chooses deliveries. The zero value takes the first hundred of all.
type Filter struct {
	Phases []Phase // empty: any
	Open   bool    // leaves out phases that are ends
	After  string  // only references after this one in byte order: the last of the page before
	Limit  int     // 0: 100
}

const defaultListLimit = 100

// Max is the limit of the filter, the default one if it has none.
func (f Filter) Max() int {
	if f.Limit <= 0 {
		return defaultListLimit
	}
	return f.Limit
}
