package callbacks

import (
	"cmp"
	"slices"
	"strings"
)

// Status is the new state of a reservation, as it stands on the wire. The set is open: it
// grew from nine to twelve values, and a value that is not known is kept as it came.
type Status string

// The statuses of the vendor's API description. Their order there is no life cycle.
const (
	// StatusNew is a reservation just created, with nothing assigned. Not expected in callbacks.
	StatusNew Status = "NEW"
	// StatusPrereserved waits in a queue until a compartment frees up.
	StatusPrereserved Status = "PRERESERVED"
	// StatusReserved is a valid reservation whose parcel is not in the box yet.
	StatusReserved Status = "RESERVED"
	// StatusStocking is a courier filling the box.
	StatusStocking Status = "STOCKING"
	// StatusStocked is a parcel in the box. With Blocked set it is StatusStockedLocked.
	StatusStocked Status = "STOCKED"
	// StatusStockedLocked is a parcel in the box that cannot be picked up: StatusStocked
	// with a block. Locking and unlocking send no callback (vendor page).
	StatusStockedLocked Status = "STOCKED_LOCKED"
	// StatusIncomplete is a parcel that could not be put in, or only in part; see ErrorState.
	StatusIncomplete Status = "INCOMPLETE"
	// StatusPickedUp is a parcel that the customer took.
	StatusPickedUp Status = "PICKED_UP"
	// StatusReturning means two different things by flow; see ReservationChange.Meaning.
	StatusReturning Status = "RETURNING"
	// StatusReturned is a parcel that the courier took out.
	StatusReturned Status = "RETURNED"
	// StatusExpired is a reservation whose time ran out before it was stocked (observed).
	StatusExpired Status = "EXPIRED"
	// StatusCanceled is a cancelled reservation; the wire has one L.
	StatusCanceled Status = "CANCELED"
)

// statusRow is what is known about a status.
type statusRow struct {
	status        Status
	terminal      bool
	meaning       Meaning // whatever the flow
	outlet, inlet Meaning // of these flows; empty: as without a flow
}

// statuses are all that are known, in the order of a reservation's life.
var statuses = []statusRow{
	{StatusNew, false, MeaningCreated, "", ""},
	{StatusPrereserved, false, MeaningQueued, "", ""},
	{StatusReserved, false, MeaningReserved, "", ""},
	{StatusStocking, false, MeaningStocking, "", ""},
	{StatusStocked, false, MeaningStocked, "", ""},
	{StatusStockedLocked, false, MeaningBlocked, "", ""},
	{StatusIncomplete, false, MeaningIncomplete, MeaningNotStocked, MeaningNotInserted},
	{StatusPickedUp, true, MeaningPickedUp, "", ""},
	{StatusReturning, false, MeaningReturning, MeaningNotCollected, MeaningInserted},
	{StatusReturned, true, MeaningReturned, "", ""},
	{StatusExpired, true, MeaningExpired, "", ""},
	{StatusCanceled, true, MeaningCanceled, "", ""},
}

// Statuses returns the twelve known statuses, in the order of a reservation's life.
func Statuses() []Status {
	list := make([]Status, len(statuses))
	for i, s := range statuses {
		list[i] = s.status
	}
	return list
}

// Known reports whether this version of the package knows the status.
func (s Status) Known() bool {
	_, ok := findStatus(s)
	return ok
}

// Terminal reports whether a reservation is expected to stay in this status. It is a hint:
// nothing forbids the sender to go on (inferred; the vendor publishes no such list). An
// INCOMPLETE of the INLET flow is the end as well, one of the OUTLET flow need not be.
func (s Status) Terminal() bool {
	i, ok := findStatus(s)
	return ok && statuses[i].terminal
}

func findStatus(s Status) (int, bool) {
	i := slices.IndexFunc(statuses, func(row statusRow) bool { return row.status == s })
	return i, i >= 0
}

// ParseStatus reads a status as people write it in a flag or a form: case, spaces, '-' and
// '_' make no difference, and "cancelled" is CANCELED. A status that is not known comes back
// as it was given, with false. Bodies are not read this way: the wire is compared exactly.
func ParseStatus(text string) (Status, bool) {
	plain := plainWord(text)
	if plain == "CANCELLED" {
		return StatusCanceled, true
	}
	for _, s := range statuses {
		if plainWord(string(s.status)) == plain {
			return s.status, true
		}
	}
	return Status(text), false
}

func plainWord(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(" \t-_", r):
			return -1
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// FlowType says which way a parcel goes. The set is open.
type FlowType string

// The flow types of the vendor page.
const (
	// FlowTypeOutlet is a parcel from the partner to a customer.
	FlowTypeOutlet FlowType = "OUTLET"
	// FlowTypeInlet is a parcel brought to the box. It is used for redirected parcels as well,
	// which a courier brings, so it does not say who put the parcel in.
	FlowTypeInlet FlowType = "INLET"
)

// Known reports whether this version of the package knows the flow type.
func (f FlowType) Known() bool { return f == FlowTypeOutlet || f == FlowTypeInlet }

// ErrorState says why a reservation is INCOMPLETE. The set is open.
type ErrorState string

// The error states of the vendor page; the meanings are inferred from the names.
const (
	// ErrorStateSlotUnavailable means that the reserved compartment cannot be used.
	ErrorStateSlotUnavailable ErrorState = "RESERVED_SLOT_UNAVAILABLE"
	// ErrorStateSlotTooSmall means that the parcel does not fit the reserved compartment.
	ErrorStateSlotTooSmall ErrorState = "RESERVED_SLOT_TOO_SMALL"
	// ErrorStateSlotNotFound means that no reserved compartment was found.
	ErrorStateSlotNotFound ErrorState = "RESERVED_SLOT_NOT_FOUND"
	// ErrorStateBiggestSlotTooSmall means that not even the largest compartment is big enough.
	ErrorStateBiggestSlotTooSmall ErrorState = "BIGGEST_SLOT_NOT_BIG_ENOUGH"
)

// ErrorStates returns the four known error states.
func ErrorStates() []ErrorState { return slices.Clone(errorStates) }

var errorStates = []ErrorState{
	ErrorStateSlotUnavailable, ErrorStateSlotTooSmall, ErrorStateSlotNotFound, ErrorStateBiggestSlotTooSmall,
}

// Known reports whether this version of the package knows the error state.
func (e ErrorState) Known() bool { return slices.Contains(errorStates, e) }

// Meaning is the meaning of status, flow and block together. The set is open: a status that
// is not known means MeaningUnknown.
type Meaning string

// The meanings of a ReservationChange.
const (
	// MeaningUnknown is a status that this version does not know.
	MeaningUnknown Meaning = "unknown"
	// MeaningCreated is a reservation without a compartment.
	MeaningCreated Meaning = "created"
	// MeaningQueued is a prereservation that waits for a compartment.
	MeaningQueued Meaning = "queued"
	// MeaningReserved is a reservation with a compartment and without a parcel.
	MeaningReserved Meaning = "reserved"
	// MeaningStocking is a courier at the box.
	MeaningStocking Meaning = "stocking"
	// MeaningStocked is a parcel in the box; whether it can be picked up is not known.
	MeaningStocked Meaning = "stocked"
	// MeaningReady is a parcel in the box that the customer can pick up.
	MeaningReady Meaning = "ready for pick-up"
	// MeaningBlocked is a parcel in the box that the customer cannot pick up.
	MeaningBlocked Meaning = "blocked in the box"
	// MeaningIncomplete is a parcel that did not get in; the flow is not known.
	MeaningIncomplete Meaning = "not put in"
	// MeaningNotStocked is a parcel that the courier could not put in, or only in part.
	MeaningNotStocked Meaning = "not stocked by the courier"
	// MeaningNotInserted is an INLET parcel that could not be put in: no compartment was free
	// or large enough.
	MeaningNotInserted Meaning = "not inserted"
	// MeaningPickedUp is a parcel in the hands of the customer.
	MeaningPickedUp Meaning = "picked up"
	// MeaningReturning is RETURNING without a known flow: either of the next two.
	MeaningReturning Meaning = "returning"
	// MeaningNotCollected is an OUTLET parcel whose time ran out: it waits for the courier.
	MeaningNotCollected Meaning = "not collected, waits for the courier"
	// MeaningInserted is an INLET parcel that was put into the box and waits for the courier.
	MeaningInserted Meaning = "inserted, waits for the courier"
	// MeaningReturned is a parcel that the courier took out of the box.
	MeaningReturned Meaning = "taken out by the courier"
	// MeaningExpired is a reservation that ran out before a parcel came.
	MeaningExpired Meaning = "expired"
	// MeaningCanceled is a cancelled reservation.
	MeaningCanceled Meaning = "canceled"
)

// EffectiveStatus returns Status with the block taken in: a STOCKED parcel that is blocked is
// STOCKED_LOCKED, which the vendor page calls the same thing. The block is a snapshot; no
// callback comes when it is set or lifted later. Use it in a switch with a default, which
// also takes the statuses of later versions.
func (c ReservationChange) EffectiveStatus() Status {
	if blocked, _ := c.Blocked.Get(); blocked && c.Status == StatusStocked {
		return StatusStockedLocked
	}
	return c.Status
}

// Meaning reads status, flow and block together. RETURNING and INCOMPLETE mean different
// things by flow, and stay open without one. A missing block is not "not blocked": such a
// STOCKED change is MeaningStocked, not MeaningReady.
func (c ReservationChange) Meaning() Meaning {
	status := c.EffectiveStatus()
	if blocked, told := c.Blocked.Get(); status == StatusStocked && told && !blocked {
		return MeaningReady
	}
	i, known := findStatus(status)
	if !known {
		return MeaningUnknown
	}
	byFlow := map[FlowType]Meaning{FlowTypeOutlet: statuses[i].outlet, FlowTypeInlet: statuses[i].inlet}
	return cmp.Or(byFlow[c.FlowType.Or("")], statuses[i].meaning)
}
