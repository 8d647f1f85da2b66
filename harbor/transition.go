package harbor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lockerline/lockerline-go"
)

// Transition is one row of the life of a locker: what happens to it in a status, and
// the status it has then.
type Transition struct {
	From  LockerStatus
	Event LockerEvent
	To    LockerStatus
	// Evidence says where the row comes from.
	Evidence lockerline.Evidence
}

// LockerEvent is something that changes, or keeps, the status of a locker.
type LockerEvent string

// The events of a locker.
const (
	// EventReserve is a reservation made by a service provider.
	EventReserve LockerEvent = "reserve"
	// EventCancelReservation is a reservation given up by its owner.
	EventCancelReservation LockerEvent = "cancel_reservation"
	// EventReservationExpired is a reservation that ran out with no token asked for.
	EventReservationExpired LockerEvent = "reservation_expired"
	// EventCreateDropoffToken is a drop-off token handed out.
	EventCreateDropoffToken LockerEvent = "create_dropoff_token"
	// EventCreateDropoffLink is a drop-off link (Locker Open) handed out.
	EventCreateDropoffLink LockerEvent = "create_dropoff_link"
	// EventDropoffTokenUsed is a door opened with a drop-off token; Harbor knows when
	// the tower was synced.
	EventDropoffTokenUsed LockerEvent = "dropoff_token_used"
	// EventDropoffTokenExpired is a drop-off token that ran out unused.
	EventDropoffTokenExpired LockerEvent = "dropoff_token_expired"
	// EventRelease is a rented locker given up by its owner.
	EventRelease LockerEvent = "release"
	// EventTowerSynced is anybody's phone connected to the tower, or a release token
	// used there.
	EventTowerSynced LockerEvent = "tower_synced"
	// EventCreatePickupToken is a pick-up token handed out.
	EventCreatePickupToken LockerEvent = "create_pickup_token"
	// EventCreatePickupLink is a pick-up link (Locker Open) handed out.
	EventCreatePickupLink LockerEvent = "create_pickup_link"
	// EventPickupTokenUsed is a door opened with a pick-up token.
	EventPickupTokenUsed LockerEvent = "pickup_token_used"
	// EventTakeOutOfService is done by Harbor's staff.
	EventTakeOutOfService LockerEvent = "take_out_of_service"
	// EventReturnToService is done by Harbor's staff.
	EventReturnToService LockerEvent = "return_to_service"
)

var transitions = [...]Transition{
	{StatusAvailable, EventReserve, StatusReserved, lockerline.EvidenceVendorPage},
	{StatusAvailable, EventCreateDropoffToken, StatusRented, lockerline.EvidenceVendorPage},
	{StatusAvailable, EventCreateDropoffLink, StatusRented, lockerline.EvidenceVendorPage},
	{StatusAvailable, EventTakeOutOfService, StatusOutOfService, lockerline.EvidenceInferred},

	{StatusReserved, EventCreateDropoffToken, StatusRented, lockerline.EvidenceVendorPage},
	{StatusReserved, EventCancelReservation, StatusAvailable, lockerline.EvidenceVendorPage},
	{StatusReserved, EventReservationExpired, StatusAvailable, lockerline.EvidenceVendorPage},
	{StatusReserved, EventTakeOutOfService, StatusOutOfService, lockerline.EvidenceInferred},

	{StatusRented, EventCreateDropoffToken, StatusRented, lockerline.EvidenceVendorPage},
	{StatusRented, EventDropoffTokenUsed, StatusOccupied, lockerline.EvidenceVendorPage},
	{StatusRented, EventDropoffTokenExpired, StatusAvailable, lockerline.EvidenceInferred},
	{StatusRented, EventRelease, StatusReleased, lockerline.EvidenceVendorPage},
	{StatusRented, EventTakeOutOfService, StatusOutOfService, lockerline.EvidenceInferred},

	{StatusOccupied, EventCreateDropoffToken, StatusOccupied, lockerline.EvidenceVendorPage},
	// Re-opening is what the token above is for.
	{StatusOccupied, EventDropoffTokenUsed, StatusOccupied, lockerline.EvidenceInferred},
	{StatusOccupied, EventCreatePickupToken, StatusOccupied, lockerline.EvidenceVendorPage},
	// A link is a token that Harbor keeps for the phone.
	{StatusOccupied, EventCreatePickupLink, StatusOccupied, lockerline.EvidenceInferred},
	{StatusOccupied, EventPickupTokenUsed, StatusAvailable, lockerline.EvidenceVendorPage},
	{StatusOccupied, EventTakeOutOfService, StatusOutOfService, lockerline.EvidenceInferred},

	{StatusReleased, EventTowerSynced, StatusAvailable, lockerline.EvidenceVendorPage},
	// The tower has not heard of the release, so the token still opens the door.
	{StatusReleased, EventDropoffTokenUsed, StatusOccupied, lockerline.EvidenceInferred},
	{StatusReleased, EventTakeOutOfService, StatusOutOfService, lockerline.EvidenceInferred},

	{StatusOutOfService, EventReturnToService, StatusAvailable, lockerline.EvidenceInferred},
}

// Transitions returns the whole life of a locker as a table, ordered by From. No event
// leads to two statuses from one. Staff may also set a status by hand, so what is
// observed may be in no row: the table is for asking ahead, and never a reason to refuse
// what Harbor reports.
func Transitions() []Transition { return slices.Clone(transitions[:]) }

// Next is the status after the event. An event that does not belong to s is a
// *TransitionError, which names those that do.
func (s LockerStatus) Next(event LockerEvent) (LockerStatus, error) {
	for i := range transitions {
		if t := &transitions[i]; t.From == s && t.Event == event {
			return t.To, nil
		}
	}
	return s, &TransitionError{From: s, Event: event, Allowed: s.Events()}
}

// Events returns what may happen to a locker in status s, in the order of the table;
// nothing for an unknown status.
func (s LockerStatus) Events() []LockerEvent {
	var events []LockerEvent
	for i := range transitions {
		if transitions[i].From == s {
			events = append(events, transitions[i].Event)
		}
	}
	return events
}

// Known reports whether e is one of the constants of this package.
func (e LockerEvent) Known() bool {
	return slices.ContainsFunc(transitions[:], func(t Transition) bool { return t.Event == e })
}

// TransitionError is an event that does not belong to the status of the locker.
type TransitionError struct {
	From    LockerStatus
	Event   LockerEvent
	Allowed []LockerEvent // what may happen instead; empty for an unknown status
}

// Error names the status, the event and what is allowed instead.
func (e *TransitionError) Error() string {
	allowed := "nothing is known of this status"
	if len(e.Allowed) > 0 {
		names := make([]string, len(e.Allowed))
		for i, a := range e.Allowed {
			names[i] = string(a)
		}
		allowed = "allowed: " + strings.Join(names, ", ")
	}
	return fmt.Sprintf("harbor: %q does not belong to a locker that is %q; %s", e.Event, e.From, allowed)
}
