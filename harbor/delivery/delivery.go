package delivery

import (
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Delivery is one parcel's way through one locker, as it is stored. It is a plain value:
// a copy that was read is the caller's own. Times are in UTC; a zero time means that it did
// not happen, or that there is no limit.
type Delivery struct {
	Reference string `json:"reference"`
	// Version counts changes. Store.Update refuses to replace another one.
	Version int64 `json:"version"`
	Phase   Phase `json:"phase"`
	// Since is when the phase was entered.
	Since time.Time `json:"since"`
	// Why says in a few words how it came to be in doubt, expired, cancelled or
	// releasing; empty otherwise. It names no locker and no person.
	Why string `json:"why,omitempty"`

	Request Request `json:"request"`
	// Locker is the locker asked for or held, and after the end the last one held; nil
	// when there is none.
	Locker *Locker `json:"locker,omitempty"`
	// Claims keeps every other delivery of the store away from Locker. It is set before
	// the locker is asked for, and outlives the end while a request about the locker
	// might still be on its way.
	Claims bool `json:"claims,omitempty"`

	// HeldUntil is the end of the reservation, as Harbor said or as was asked for.
	HeldUntil time.Time `json:"heldUntil,omitzero"`
	// Dropoff and Pickup are the tokens asked for last; nil when none was.
	Dropoff *DoorToken `json:"dropoff,omitempty"`
	Pickup  *DoorToken `json:"pickup,omitempty"`

	// Pending is a request that may be on its way or may have been answered without
	// anybody hearing; nil when none is.
	Pending *Intent `json:"pending,omitempty"`
	// QuietAt is when no earlier request can still take effect.
	QuietAt time.Time `json:"quietAt,omitzero"`
	// Ending is what a releasing delivery becomes: cancelled or expired.
	Ending Phase `json:"ending,omitempty"`

	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	StoredAt  time.Time `json:"storedAt,omitzero"` // the parcel was first seen to be in
	EndedAt   time.Time `json:"endedAt,omitzero"`

	// Outbox holds the notices that no hook has acknowledged yet, oldest first.
	Outbox []Notice `json:"outbox,omitempty"`
	// Notices counts all there ever were.
	Notices int64 `json:"notices,omitempty"`

	// DueAt is when a manager must look at the delivery of its own accord; zero: never.
	DueAt time.Time `json:"dueAt,omitzero"`
	// RestUntil puts that off, after a look that settled nothing.
	RestUntil time.Time `json:"restUntil,omitzero"`

	// History is what happened, oldest first: at most 64 entries, the oldest dropped.
	History []Entry `json:"history,omitempty"`

	moves []move // not stored: for the metrics
}

// Locker names a locker of a delivery.
type Locker struct {
	Ref  harbor.LockerRef `json:"ref"`
	Name string           `json:"name"` // painted on the door
	Type string           `json:"type"` // name of its size
	Low  bool             `json:"low,omitempty"`
}

// Intent is a write to Harbor. It is stored before the request leaves, so that whoever
// finds it knows to look what became of it.
type Intent struct {
	Op Operation `json:"op"`
	At time.Time `json:"at"`
	// Until is when the request can no longer take effect, so that its absence proves
	// that it did not.
	Until time.Time `json:"until"`
}

// Operation is a write to Harbor, by the name it has in package harbor.
type Operation string

// The operations of an Intent.
const (
	OpReserve           Operation = "lockers.reserve"
	OpCancelReservation Operation = "lockers.cancel_reservation"
	OpDropoffToken      Operation = "lockers.dropoff_token"
	OpPickupToken       Operation = "lockers.pickup_token"
	OpRelease           Operation = "lockers.release"
)

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

// Clone returns a copy that shares nothing with d.
func (d *Delivery) Clone() *Delivery {
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
