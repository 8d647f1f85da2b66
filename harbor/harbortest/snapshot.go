package harbortest

import (
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// LockerView is one locker as both sides see it, for a picture of the wall or a test.
type LockerView struct {
	Ref          harbor.LockerRef
	Location     harbor.LocationID
	LocationName string
	Name         string // the number on the door
	Type         LockerType
	Low          bool

	// What Harbor knows.
	Status  harbor.LockerStatus
	Since   time.Time // when Harbor learned of the status
	Owner   string    // client id; empty when it is nobody's
	Expires time.Time // end of the reservation or unused rental; zero: none

	// What stands at the tower.
	DoorOpen bool
	Full     bool // something was put in and not taken out
	Unsynced bool // the tower has something to tell of this locker, or is to be told
}

// Snapshot returns all lockers, in the order of the locations.
func (s *Server) Snapshot() []LockerView {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	var out []LockerView
	for _, st := range s.sites {
		for _, l := range st.allLockers() {
			out = append(out, view(st, l))
		}
	}
	return out
}

// Locker returns one locker, false when there is none.
func (s *Server) Locker(ref harbor.LockerRef) (LockerView, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	l := s.find(ref)
	if l == nil {
		return LockerView{}, false
	}
	return view(l.tower.site, l), true
}

func view(st *site, l *locker) LockerView {
	d := l.tower.device
	door := d.doors[uint32(l.ID)]
	v := LockerView{
		Ref:      harbor.LockerRef{Tower: l.tower.id, Locker: l.ID},
		Location: st.ID, LocationName: st.Name, Name: l.Name, Type: l.Type, Low: l.Low,
		Status: l.status, Since: l.since, Owner: l.owner, Expires: l.until,
		DoorOpen: door.open, Full: door.holds != 0,
	}
	for _, e := range d.events {
		v.Unsynced = v.Unsynced || e.locker == uint32(l.ID)
	}
	for _, c := range l.tower.commands {
		v.Unsynced = v.Unsynced || c.locker == uint32(l.ID)
	}
	return v
}
