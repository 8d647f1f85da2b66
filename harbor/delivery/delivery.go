package delivery

import (
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Delivery is one parcel's way through one locker. It is a plain value: a copy that was
// read is the caller's own. Times are in UTC; a zero time means that it did not happen, or
// that there is no limit.
type Delivery struct {
	Reference string `json:"reference"`
	Phase     Phase  `json:"phase"`
	// Since is when the phase was entered.
	Since time.Time `json:"since"`
	// Why says in a few words how it came to be in doubt, expired, cancelled or
	// releasing; empty otherwise. It names no locker and no person.
	Why string `json:"why,omitempty"`

	Request Request `json:"request"`
	// Locker is the locker asked for or held, and after the end the last one held; nil
	// when there is none.
	Locker *Locker `json:"locker,omitempty"`
	// Claimed says that no other delivery of the store can have Locker. It is set before
	// the locker is asked for, and outlives the end while a request about the locker
	// might still be on its way.
	Claimed bool `json:"claimed,omitempty"`

	// HeldUntil is the end of the reservation, as Harbor said or as was asked for.
	HeldUntil time.Time `json:"heldUntil,omitzero"`
	// Dropoff and Pickup are the tokens asked for last; nil when none was.
	Dropoff *DoorToken `json:"dropoff,omitempty"`
	Pickup  *DoorToken `json:"pickup,omitempty"`

	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	StoredAt  time.Time `json:"storedAt,omitzero"` // the parcel was first seen to be in
	EndedAt   time.Time `json:"endedAt,omitzero"`

	// History is what happened, oldest first: at most 64 entries, the oldest dropped.
	History []Entry `json:"history,omitempty"`
}

// Locker names a locker of a delivery.
type Locker struct {
	Ref  harbor.LockerRef `json:"ref"`
	Name string           `json:"name"` // painted on the door
	Type string           `json:"type"` // name of its size
	Low  bool             `json:"low,omitempty"`
}

// Entry is one line of a delivery's history.
type Entry struct {
	At    time.Time `json:"at"`
	Event Event     `json:"event"`
	From  Phase     `json:"from"`
	To    Phase     `json:"to"`
	// Locker is the one it is about; nil when it is about none.
	Locker *harbor.LockerRef `json:"locker,omitempty"`
	Why    string            `json:"why,omitempty"`
}

const maxHistory = 64

// Ref is the locker of the delivery, false when there is none.
func (d *Delivery) Ref() (harbor.LockerRef, bool) {
	if d.Locker == nil {
		return harbor.LockerRef{}, false
	}
	return d.Locker.Ref, true
}

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
