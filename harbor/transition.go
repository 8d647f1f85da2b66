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
	// LockerEventReserve is a reservation made by a service provider.
	LockerEventReserve LockerEvent = "reserve"
	// LockerEventCancelReservation is a reservation given up by its owner.
	LockerEventCancelReservation LockerEvent = "cancel_reservation"
	// LockerEventReservationExpired is a reservation that ran out with no token asked for.
	LockerEventReservationExpired LockerEvent = "reservation_expired"
	// LockerEventCreateDropoffToken is a drop-off token handed out.
	LockerEventCreateDropoffToken LockerEvent = "create_dropoff_token"
	// LockerEventCreateDropoffLink is a drop-off link (Locker Open) handed out.
	LockerEventCreateDropoffLink LockerEvent = "create_dropoff_link"
	// LockerEventDropoffTokenUsed is a door opened with a drop-off token; Harbor knows when
	// the tower was synced.
	LockerEventDropoffTokenUsed LockerEvent = "dropoff_token_used"
	// LockerEventDropoffTokenExpired is a drop-off token that ran out unused.
	LockerEventDropoffTokenExpired LockerEvent = "dropoff_token_expired"
	// LockerEventRelease is a rented locker given up by its owner.
	LockerEventRelease LockerEvent = "release"
	// LockerEventTowerSynced is anybody's phone connected to the tower, or a release token
	// used there.
	LockerEventTowerSynced LockerEvent = "tower_synced"
	// LockerEventCreatePickupToken is a pick-up token handed out.
	LockerEventCreatePickupToken LockerEvent = "create_pickup_token"
	// LockerEventCreatePickupLink is a pick-up link (Locker Open) handed out.
	LockerEventCreatePickupLink LockerEvent = "create_pickup_link"
	// LockerEventPickupTokenUsed is a door opened with a pick-up token.
	LockerEventPickupTokenUsed LockerEvent = "pickup_token_used"
	// LockerEventTakeOutOfService is done by Harbor's staff.
	LockerEventTakeOutOfService LockerEvent = "take_out_of_service"
	// LockerEventReturnToService is done by Harbor's staff.
	LockerEventReturnToService LockerEvent = "return_to_service"
)

var transitions = [...]Transition{
	{LockerStatusAvailable, LockerEventReserve, LockerStatusReserved, lockerline.EvidenceVendorPage},
	{LockerStatusAvailable, LockerEventCreateDropoffToken, LockerStatusRented, lockerline.EvidenceVendorPage},
	{LockerStatusAvailable, LockerEventCreateDropoffLink, LockerStatusRented, lockerline.EvidenceVendorPage},
	{LockerStatusAvailable, LockerEventTakeOutOfService, LockerStatusOutOfService, lockerline.EvidenceInferred},

	{LockerStatusReserved, LockerEventCreateDropoffToken, LockerStatusRented, lockerline.EvidenceVendorPage},
	{LockerStatusReserved, LockerEventCancelReservation, LockerStatusAvailable, lockerline.EvidenceVendorPage},
	{LockerStatusReserved, LockerEventReservationExpired, LockerStatusAvailable, lockerline.EvidenceVendorPage},
	{LockerStatusReserved, LockerEventTakeOutOfService, LockerStatusOutOfService, lockerline.EvidenceInferred},

	{LockerStatusRented, LockerEventCreateDropoffToken, LockerStatusRented, lockerline.EvidenceVendorPage},
	{LockerStatusRented, LockerEventDropoffTokenUsed, LockerStatusOccupied, lockerline.EvidenceVendorPage},
	{LockerStatusRented, LockerEventDropoffTokenExpired, LockerStatusAvailable, lockerline.EvidenceInferred},
	{LockerStatusRented, LockerEventRelease, LockerStatusReleased, lockerline.EvidenceVendorPage},
	{LockerStatusRented, LockerEventTakeOutOfService, LockerStatusOutOfService, lockerline.EvidenceInferred},

	{LockerStatusOccupied, LockerEventCreateDropoffToken, LockerStatusOccupied, lockerline.EvidenceVendorPage},
	// Re-opening is what the token above is for.
	{LockerStatusOccupied, LockerEventDropoffTokenUsed, LockerStatusOccupied, lockerline.EvidenceInferred},
	{LockerStatusOccupied, LockerEventCreatePickupToken, LockerStatusOccupied, lockerline.EvidenceVendorPage},
	// A link is a token that Harbor keeps for the phone.
	{LockerStatusOccupied, LockerEventCreatePickupLink, LockerStatusOccupied, lockerline.EvidenceInferred},
	{LockerStatusOccupied, LockerEventPickupTokenUsed, LockerStatusAvailable, lockerline.EvidenceVendorPage},
	{LockerStatusOccupied, LockerEventTakeOutOfService, LockerStatusOutOfService, lockerline.EvidenceInferred},

	{LockerStatusReleased, LockerEventTowerSynced, LockerStatusAvailable, lockerline.EvidenceVendorPage},
	// The tower has not heard of the release, so the token still opens the door.
	{LockerStatusReleased, LockerEventDropoffTokenUsed, LockerStatusOccupied, lockerline.EvidenceInferred},
	{LockerStatusReleased, LockerEventTakeOutOfService, LockerStatusOutOfService, lockerline.EvidenceInferred},

	{LockerStatusOutOfService, LockerEventReturnToService, LockerStatusAvailable, lockerline.EvidenceInferred},
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
