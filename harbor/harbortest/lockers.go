package harbortest

import (
	"net/http"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// tower finds the tower that the path names.
func (s *Server) tower(c *call) (*tower, *reply) {
	id := harbor.TowerID(c.path["tower_id"])
	if !s.quirks.LowerCaseTowersOnly {
		id = id.Normalize()
	}
	if t := s.towers[id]; t != nil {
		return t, nil
	}
	no := refuse(http.StatusNotFound, "Tower not found")
	return nil, &no
}

// locker finds the locker that the path names.
func (s *Server) lockerOf(c *call) (*locker, *reply) {
	id := c.pathInt("locker_id")
	if c.problems != nil {
		no := invalid(c.problems)
		return nil, &no
	}
	t, no := s.tower(c)
	if no != nil {
		return nil, no
	}
	if l := s.lockers[harbor.LockerID(id)]; l != nil && l.tower == t {
		return l, nil
	}
	notFound := refuse(http.StatusNotFound, "Locker not found")
	return nil, &notFound
}

func (s *Server) towerLockers(c *call) reply {
	t, no := s.tower(c)
	if no != nil {
		return *no
	}
	return s.list(s.lockerList(t.lockers))
}

func (s *Server) towerAvailability(c *call) reply {
	t, no := s.tower(c)
	if no != nil {
		return *no
	}
	return ok(availability(t.lockers))
}

// assignedLockers lists what is in the caller's possession.
func (s *Server) assignedLockers(c *call) reply {
	mine := []*locker{}
	for _, st := range s.sites {
		for _, l := range st.allLockers() {
			if l.owner == c.token.client && (l.status != harbor.StatusReleased || !s.quirks.ReleasedIsUnassigned) {
				mine = append(mine, l)
			}
		}
	}
	return s.list(s.lockerList(mine))
}

type reservationJSON struct {
	ID       int64           `json:"id"`
	LockerID harbor.LockerID `json:"lockerId"`
	TowerID  string          `json:"towerId"`
	Duration int64           `json:"duration"`
	Expires  string          `json:"expires"`
	Locker   lockerJSON      `json:"locker"`
}

func (s *Server) reserve(c *call) reply {
	c.body(c.raw)
	seconds := c.positive("duration")
	l, no := s.lockerOf(c)
	switch {
	case no != nil:
		return *no
	case c.problems != nil:
		return invalid(c.problems)
	case s.apply(l, harbor.EventReserve) != nil:
		return s.refusal(http.StatusConflict, "Locker is not available")
	}
	until := s.after(seconds)
	l.owner, l.reservation = c.token.client, int64(s.id())
	s.hold(l, until)
	return s.created(reservationJSON{
		ID: l.reservation, LockerID: l.ID, TowerID: s.quirks.towerID(l.tower.id), Duration: seconds,
		Expires: s.quirks.time(until), Locker: s.locker(l),
	}, false)
}

// after is the time some seconds from now; a number beyond all reason is a century.
func (s *Server) after(seconds int64) time.Time {
	const century = 100 * 365 * 24 * 3600
	return s.clock.now().Add(time.Duration(min(seconds, century)) * time.Second)
}

func (s *Server) cancelReservation(c *call) reply {
	var id int64
	if c.path["reservation_id"] != "" {
		id = c.pathInt("reservation_id")
	}
	l, no := s.lockerOf(c)
	switch {
	case no != nil:
		return *no
	case l.status != harbor.StatusReserved || (id != 0 && id != l.reservation):
		return refuse(http.StatusNotFound, "Reservation not found")
	case l.owner != c.token.client:
		return s.refusal(http.StatusForbidden, "Locker is reserved by another service provider")
	}
	_ = s.apply(l, harbor.EventCancelReservation) // a reserved locker always allows it
	return s.created(s.locker(l), false)
}

func (s *Server) releaseLocker(c *call) reply {
	l, no := s.lockerOf(c)
	switch {
	case no != nil:
		return *no
	case l.owner != "" && l.owner != c.token.client:
		return s.refusal(http.StatusForbidden, "Locker is not assigned to you")
	case s.apply(l, harbor.EventRelease) != nil:
		return s.refusal(http.StatusConflict, "Locker is not rented")
	}
	l.tower.tell(l)
	return s.created(s.locker(l), false)
}
