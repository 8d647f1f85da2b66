package delivery

import (
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
