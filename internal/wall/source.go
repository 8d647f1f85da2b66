package wall

import (
	"context"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Source is where the lockers come from: a simulator's snapshot, or Harbor itself. Tell of
// changes by Wall.Nudge or Wall.Look; without, they are seen at the next Interval.
type Source interface {
	// Lockers returns all lockers to show, those of a tower together. An error leaves the
	// page with what was seen last, marked as old.
	Lockers(ctx context.Context) ([]Locker, error)
}

// SourceFunc is a function as a Source.
type SourceFunc func(context.Context) ([]Locker, error)

// Lockers calls the function.
func (f SourceFunc) Lockers(ctx context.Context) ([]Locker, error) { return f(ctx) }

// Locker is one compartment as a Source knows it. Only Ref and Status are needed.
type Locker struct {
	Ref      harbor.LockerRef
	Status   harbor.LockerStatus
	Name     string // the number on the door; the locker's id when empty
	Size     string // name of the type, such as "small"
	Low      bool   // reachable from a wheelchair
	Place    string // name of the location
	Tower    string // name of the tower; made from its id when empty
	Owner    string // who has it; empty: none, or not known
	Since    time.Time
	Until    time.Time // end of the reservation or unused rental; zero: none, or not known
	DoorOpen bool
	Full     bool
	Unsynced bool // the tower and Harbor have something to tell each other
}

// FromHarbor is a locker as the API tells of it.
func FromHarbor(l harbor.Locker, place string) Locker {
	return Locker{
		Ref: l.Ref(), Status: l.Status, Name: l.Name, Size: l.Type.Name, Low: l.IsLow, Place: place,
		Full: l.Status == harbor.LockerStatusOccupied,
	}
}

// Actions bring about events, where something can do so.
type Actions interface {
	// Can returns which events can be brought about now, of those the locker's status
	// allows.
	Can(l harbor.LockerRef, status harbor.LockerStatus) []harbor.LockerEvent
	// Do brings one about. The error's text is shown to the person.
	Do(ctx context.Context, ref harbor.LockerRef, event harbor.LockerEvent) error
}
