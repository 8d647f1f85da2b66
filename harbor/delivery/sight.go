package delivery

import (
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// sight is what was found out about a delivery's locker: in whose hands, and how.
type sight string

const (
	seenReserved sight = "reserved"    // by us
	seenRented   sight = "rented"      // by us
	seenOccupied sight = "occupied"    // by us
	seenReleased sight = "released"    // given up, but the tower has not heard of it
	seenFree     sight = "available"   // nobody's
	seenOthers   sight = "another's"   // reserved, rented or occupied, and not by us
	seenOut      sight = "out_service" // out of service
	seenMissing  sight = "missing"     // its tower does not know it
	seenNothing  sight = ""            // a status that says nothing
)

// sightOf reads a status. Assigned says whether the locker is in our list; there whether
// its tower, or the list, has it at all.
func sightOf(status harbor.LockerStatus, assigned, there bool) sight {
	switch {
	case !there:
		return seenMissing
	case status == harbor.StatusReleased:
		return seenReleased
	case status == harbor.StatusOutOfService:
		return seenOut
	case assigned:
		switch status {
		case harbor.StatusReserved:
			return seenReserved
		case harbor.StatusRented:
			return seenRented
		case harbor.StatusOccupied:
			return seenOccupied
		}
		return seenNothing // in the list and available: one of the two is old
	case status == harbor.StatusAvailable:
		return seenFree
	case status.Known():
		return seenOthers
	}
	return seenNothing
}

// conclusion is one row of what a sight means for a delivery in a phase. Of several rows
// for the same two, the first whose condition holds counts; no row means nothing.
type conclusion struct {
	phase Phase
	seen  sight
	when  condition
	event Event
	why   string
}

// condition restricts a row to some deliveries.
type condition int

const (
	always     condition = iota
	dropAsked            // a drop-off token may exist
	dropNever            // none was ever asked for
	pickAsked            // a pick-up token may exist
	pickedLate           // one may exist, and a lost request may have come after it was used
	neverIn              // nothing was ever seen in the locker
)

func (c condition) holds(d *record) bool {
	switch c {
	case dropAsked:
		return d.Dropoff != nil
	case dropNever:
		return d.Dropoff == nil
	case pickAsked:
		return d.Pickup != nil
	case pickedLate:
		return d.Pickup != nil && !d.QuietAt.IsZero()
	case neverIn:
		return d.StoredAt.IsZero()
	}
	return true
}

const (
	whyUnasked   = "the locker is occupied, though no drop-off token was asked for"
	whyLapsed    = "the reservation ended"
	whyUnused    = "the rental ended with nothing put in"
	whyByHand    = "the locker was released by somebody else"
	whyOutEmpty  = "the locker is out of service, and the parcel may be in it"
	whyGone      = "the locker is no longer ours, though no pick-up token was asked for"
	whyOutFull   = "the locker is out of service with the parcel in it"
	whyNoLocker  = "the tower no longer knows the locker"
	whySetByHand = "the locker is not occupied any more, though the parcel is in it: its status was set by hand"
	whyResolved  = "the locker is free, and nothing was ever in it"
	whyLate      = "the parcel was put in by a token that Harbor heard of late"
)

var conclusions = [...]conclusion{
	{PhaseSearching, seenReserved, always, EventReserved, ""},
	{PhaseSearching, seenRented, always, EventReserved, ""},
	{PhaseSearching, seenOccupied, always, EventDoubted, whyUnasked},
	{PhaseSearching, seenFree, always, EventRefused, ""},
	{PhaseSearching, seenOthers, always, EventRefused, ""},
	{PhaseSearching, seenOut, always, EventRefused, ""},
	{PhaseSearching, seenMissing, always, EventRefused, ""},

	{PhaseReserved, seenRented, always, EventDropoffToken, ""},
	{PhaseReserved, seenOccupied, dropAsked, EventStored, ""},
	{PhaseReserved, seenOccupied, dropNever, EventDoubted, whyUnasked},
	{PhaseReserved, seenReleased, always, EventGiveUp, whyByHand},
	{PhaseReserved, seenFree, always, EventExpired, whyLapsed},
	{PhaseReserved, seenOthers, always, EventExpired, whyLapsed},
	{PhaseReserved, seenOut, dropNever, EventExpired, whyLapsed},
	{PhaseReserved, seenOut, dropAsked, EventDoubted, whyOutEmpty},
	{PhaseReserved, seenMissing, always, EventExpired, whyNoLocker},

	{PhaseRented, seenOccupied, dropAsked, EventStored, ""},
	{PhaseRented, seenOccupied, dropNever, EventDoubted, whyUnasked},
	{PhaseRented, seenReleased, always, EventGiveUp, whyByHand},
	{PhaseRented, seenFree, always, EventExpired, whyUnused},
	{PhaseRented, seenOthers, always, EventExpired, whyUnused},
	{PhaseRented, seenOut, always, EventDoubted, whyOutEmpty},
	{PhaseRented, seenMissing, always, EventDoubted, whyNoLocker},

	{PhaseStored, seenFree, pickAsked, EventCollected, ""},
	{PhaseStored, seenOthers, pickAsked, EventCollected, ""},
	{PhaseStored, seenFree, always, EventDoubted, whyGone},
	{PhaseStored, seenOthers, always, EventDoubted, whyGone},
	// A lost request arrived when the parcel was out again. The locker is given back after
	// the end.
	{PhaseStored, seenReserved, pickedLate, EventCollected, ""},
	{PhaseStored, seenRented, pickedLate, EventCollected, ""},
	{PhaseStored, seenReserved, always, EventDoubted, whySetByHand},
	{PhaseStored, seenRented, always, EventDoubted, whySetByHand},
	{PhaseStored, seenReleased, always, EventDoubted, whySetByHand},
	{PhaseStored, seenOut, always, EventDoubted, whyOutFull},
	{PhaseStored, seenMissing, always, EventDoubted, whyNoLocker},

	{PhaseReleasing, seenOccupied, dropAsked, EventStored, whyLate},
	{PhaseReleasing, seenOccupied, dropNever, EventDoubted, whyUnasked},
	// These end it as Delivery.Ending says.
	{PhaseReleasing, seenFree, always, EventExpired, ""},
	{PhaseReleasing, seenOthers, always, EventExpired, ""},
	{PhaseReleasing, seenOut, always, EventExpired, ""},
	{PhaseReleasing, seenMissing, always, EventExpired, ""},

	{PhaseInDoubt, seenOccupied, dropAsked, EventStored, ""},
	{PhaseInDoubt, seenFree, neverIn, EventExpired, whyResolved},

	{PhaseCancelled, seenOccupied, dropAsked, EventStored, whyLate},
	{PhaseExpired, seenOccupied, dropAsked, EventStored, whyLate},
}

// read finds the row for a delivery whose locker was seen so.
func (d *record) read(s sight) *conclusion {
	for i := range conclusions {
		c := &conclusions[i]
		if c.phase == d.Phase && c.seen == s && c.when.holds(d) {
			return c
		}
	}
	return nil
}

// shows reports whether a sight proves that the operation took effect.
func (op operation) shows(s sight) bool {
	switch op {
	case opReserve:
		return s == seenReserved || s == seenRented || s == seenOccupied
	case opDropoffToken:
		return s == seenRented || s == seenOccupied
	case opRelease:
		return s == seenReleased
	}
	return false
}

// loses reports whether an event gives the locker up: what must not be concluded while a
// request may be on its way that would take it again.
func (e Event) loses() bool {
	switch e {
	case EventRefused, EventExpired, EventCancelled, EventGiveUp, EventDoubted:
		return true
	}
	return false
}

// overdue is when a locker that is still ours is held for nothing; zero: never.
func (d *record) overdue(grace time.Duration) time.Time {
	switch {
	case d.Phase == PhaseReserved && !d.HeldUntil.IsZero():
		return later(d.HeldUntil, tokenEnd(d.Dropoff)).Add(grace)
	case d.Phase == PhaseRented && d.Dropoff != nil:
		return d.Dropoff.ExpiresAt.Add(grace)
	}
	return time.Time{}
}

func tokenEnd(t *DoorToken) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.ExpiresAt
}
