package delivery

import (
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// record is a delivery with what the manager keeps of it beside.
type record struct {
	Delivery

	// version counts changes; a store refuses to replace another one.
	version int64

	// Pending is a request that may be on its way, or may have been answered without the
	// manager hearing; nil when there is none.
	Pending *intent `json:"pending,omitempty"`
	// QuietAt is when no earlier request can still take effect.
	QuietAt time.Time `json:"quietAt,omitzero"`
	// Ending is what a releasing delivery becomes: cancelled or expired.
	Ending Phase `json:"ending,omitempty"`
	// RestUntil puts the next look off, after one that settled nothing.
	RestUntil time.Time `json:"restUntil,omitzero"`
	// DueAt is when a manager must look of its own accord; zero: never.
	DueAt time.Time `json:"dueAt,omitzero"`
	// Outbox holds the notices that were not acknowledged yet, oldest first; Notices
	// counts all there ever were.
	Outbox  []owed `json:"outbox,omitempty"`
	Notices int64  `json:"notices,omitempty"`

	moves []move // not stored: for the observer
}

// move is a phase that was left.
type move struct {
	from, to Phase
	after    time.Duration
}

// intent is a write to Harbor. It is stored before the request leaves, so that a manager
// that finds it knows to look what became of it.
type intent struct {
	Op operation `json:"op"`
	At time.Time `json:"at"`
	// Until is when the request can no longer take effect, so that its absence proves
	// that it did not.
	Until time.Time `json:"until"`
}

// operation is a write to Harbor, by the name it has in package harbor.
type operation string

const (
	opReserve           operation = "lockers.reserve"
	opCancelReservation operation = "lockers.cancel_reservation"
	opDropoffToken      operation = "lockers.dropoff_token"
	opPickupToken       operation = "lockers.pickup_token"
	opRelease           operation = "lockers.release"
)

// confirmedBy are the observations that prove that an operation took effect.
var confirmedBy = map[operation]observation{
	opReserve:      observedReserved | observedRented | observedOccupied,
	opDropoffToken: observedRented | observedOccupied,
	opRelease:      observedReleased,
}

func sameIntent(a, b *intent) bool {
	return a == b || a != nil && b != nil && *a == *b
}

// intend notes a request that is about to leave.
func (d *record) intend(op operation, now time.Time, cfg *config) {
	d.parkPending()
	d.Pending = &intent{Op: op, At: now, Until: now.Add(cfg.callTimeout + cfg.quiet)}
}

// answered stops waiting for an intent whose outcome is known. It reports whether it was
// still waited for.
func (d *record) answered(i *intent) bool {
	if i == nil || !sameIntent(d.Pending, i) {
		return false
	}
	d.Pending = nil
	return true
}

// parkPending stops waiting for an answer, but not for the request.
func (d *record) parkPending() {
	if d.Pending != nil {
		d.QuietAt = later(d.QuietAt, d.Pending.Until)
		d.Pending = nil
	}
}

// lockerRef is the locker of a delivery that is known to have one.
func (d *record) lockerRef() harbor.LockerRef {
	ref, _ := d.Ref()
	return ref
}

// shown is what a user sees of a delivery.
func (d *record) shown() *Delivery { return new(d.clone().Delivery) }

// clone returns a copy that shares nothing with d.
func (d *record) clone() *record {
	c := *d
	c.Request.Types = slices.Clone(d.Request.Types)
	c.Request.Area = copied(d.Request.Area)
	c.Locker, c.Dropoff, c.Pickup, c.Pending = copied(d.Locker), copied(d.Dropoff), copied(d.Pickup), copied(d.Pending)
	c.Outbox = slices.Clone(d.Outbox)
	c.History = slices.Clone(d.History)
	c.moves = nil
	return &c
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
