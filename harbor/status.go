package harbor

import "slices"

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
	// LockerStatusReserved is assigned to who made the reservation: nobody else gets a
	// drop-off token. It ends with the reservation, by time or by cancelling
	// (vendor page).
	LockerStatusReserved LockerStatus = "reserved"
	// LockerStatusRented is assigned to who asked for a drop-off token, which was not used
	// yet (vendor page).
	LockerStatusRented LockerStatus = "rented"
	// LockerStatusOccupied holds something: a drop-off token was used. It takes the use of a
	// pick-up token to make the locker available again (vendor page).
	LockerStatusOccupied LockerStatus = "occupied"
	// LockerStatusReleased was rented and given up. It becomes available when anybody
	// connects to the tower; until then a drop-off token that is out still opens the
	// door. Newer vendor pages call it "declined".
	LockerStatusReleased LockerStatus = "released"
	// LockerStatusOutOfService cannot be used and is assigned to nobody (vendor page).
	LockerStatusOutOfService LockerStatus = "out_of_service"
)

var statuses = [...]LockerStatus{
	LockerStatusAvailable, LockerStatusReserved, LockerStatusRented, LockerStatusOccupied, LockerStatusReleased, LockerStatusOutOfService,
}

// LockerStatuses returns the statuses this package knows, in the order in which a
// delivery meets them.
func LockerStatuses() []LockerStatus { return slices.Clone(statuses[:]) }

// Known reports whether s is one of the constants of this package.
func (s LockerStatus) Known() bool { return s.index() >= 0 }

func (s LockerStatus) index() int { return slices.Index(statuses[:], s) }
