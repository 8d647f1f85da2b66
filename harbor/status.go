package harbor

import (
	"slices"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/machine"
)

// LockerStatus says whose a locker is and what it holds, as far as Harbor knows. It is
// an open set: a value this package does not know is kept as it came and is never a
// failure; see Known.
//
// A tower has no connection of its own. It learns of commands, and reports what happened,
// only while a phone has a session with it, so a status may be late in both directions
// (vendor page).
type LockerStatus string

// The statuses of a locker. Only "available", "rented" and "occupied" were observed on
// the wire; the spelling of the others is inferred from the vendor's pages, and
// ParseLockerStatus reads every likely one.
const (
	// LockerStatusAvailable is free for any service provider to use (vendor page).
	LockerStatusAvailable LockerStatus = "available"
	// LockerStatusReserved is assigned to the provider that made the reservation: no other gets a
	// drop-off token. It ends with the reservation, by time or by cancelling
	// (vendor page).
	LockerStatusReserved LockerStatus = "reserved"
	// LockerStatusRented is assigned to the provider that asked for a drop-off token, which was not used
	// yet (vendor page).
	LockerStatusRented LockerStatus = "rented"
	// LockerStatusOccupied holds something: a drop-off token was used. It takes the use of a
	// pick-up token to make the locker available again (vendor page).
	LockerStatusOccupied LockerStatus = "occupied"
	// LockerStatusReleased was rented and given up. It becomes available when a phone
	// connects to the tower; until then a drop-off token that is out still opens the
	// door. Newer vendor pages call it "declined".
	LockerStatusReleased LockerStatus = "released"
	// LockerStatusOutOfService cannot be used and is assigned to no provider (vendor page).
	LockerStatusOutOfService LockerStatus = "out_of_service"
)

var statuses = [...]LockerStatus{
	LockerStatusAvailable, LockerStatusReserved, LockerStatusRented, LockerStatusOccupied, LockerStatusReleased, LockerStatusOutOfService,
}

// LockerStatuses returns the statuses this package knows, in the order in which a
// delivery meets them.
func LockerStatuses() []LockerStatus { return slices.Clone(statuses[:]) }

// Known reports whether s is one of the constants of this package.
func (s LockerStatus) Known() bool { return slices.Contains(statuses[:], s) }

// ParseLockerStatus reads a status as Harbor, a web hook or a person spells it. Case,
// spaces, '-' and '_' do not matter; "declined", the newer name, is LockerStatusReleased. An
// unknown name is returned unchanged, for which Known reports false.
func ParseLockerStatus(name string) LockerStatus {
	var buf [longestStatusName]byte
	n := 0
	for i := range len(name) {
		c := name[i]
		switch {
		case c == ' ' || c == '-' || c == '_' || c == '\t' || c == '\n' || c == '\r':
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if n == len(buf) {
			return LockerStatus(name)
		}
		buf[n] = c
		n++
	}
	switch string(buf[:n]) {
	case "declined":
		return LockerStatusReleased
	case "outofservice":
		return LockerStatusOutOfService
	}
	for _, s := range statuses {
		if string(s) == string(buf[:n]) { // does not allocate
			return s
		}
	}
	return LockerStatus(name)
}

const longestStatusName = len("outofservice")

// UnmarshalText reads a status as ParseLockerStatus does. It never fails.
func (s *LockerStatus) UnmarshalText(text []byte) error {
	*s = ParseLockerStatus(string(text))
	return nil
}

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
	// LockerEventTowerSynced is any phone connected to the tower, or a release token
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

var lifecycleTable = machine.Table[Transition, LockerStatus, LockerEvent]{
	Rows: []Transition{
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
	},
	Step: func(t *Transition) (LockerStatus, LockerEvent, LockerStatus) { return t.From, t.Event, t.To },
}

// Transitions returns the whole life of a locker as a table, ordered by From. No event
// leads to two statuses from one. Staff may also set a status by hand, so what is
// observed may be in no row: the table is for asking ahead, and never a reason to refuse
// what Harbor reports.
func Transitions() []Transition { return slices.Clone(lifecycleTable.Rows) }

// Next is the status after the event. An event that does not belong to s is a
// *TransitionError, which names those that do.
func (s LockerStatus) Next(event LockerEvent) (LockerStatus, error) {
	to, ok := lifecycleTable.Next(s, event)
	if !ok {
		return s, &TransitionError{From: s, Event: event, Allowed: s.Events()}
	}
	return to, nil
}

// Events returns what may happen to a locker in status s, in the order of the table;
// nothing for an unknown status.
func (s LockerStatus) Events() []LockerEvent { return lifecycleTable.Events(s) }

// Known reports whether e is one of the constants of this package.
func (e LockerEvent) Known() bool { return lifecycleTable.Has(e) }

// TransitionError is an event that does not belong to the status of the locker.
type TransitionError struct {
	From    LockerStatus
	Event   LockerEvent
	Allowed []LockerEvent // what may happen instead; empty for an unknown status
}

// Error names the status, the event and what is allowed instead.
func (e *TransitionError) Error() string {
	return "harbor: " + machine.Refusal(e.Event, "a locker", e.From, e.Allowed)
}

// PathTo returns a shortest sequence of events that leads a locker from s to another
// status: it explains a jump seen between two polls. Where several are equally short,
// the first by the order of Transitions is taken, always the same. It is empty when
// nothing has to happen, and false when no sequence leads there, which is so for a status
// that is not Known.
func (s LockerStatus) PathTo(to LockerStatus) ([]LockerEvent, bool) {
	rows, ok := lifecycleTable.Path(s, to)
	return eventsOf(rows), ok
}

func eventsOf(rows []Transition) []LockerEvent {
	var events []LockerEvent
	for _, r := range rows {
		events = append(events, r.Event)
	}
	return events
}

// Diagram draws Transitions as a Mermaid state diagram, which many forges and editors
// render. Events with the same two ends share an arrow. The text changes only with the
// table.
func Diagram() string { return lifecycleTable.Diagram(LockerStatusAvailable) }
