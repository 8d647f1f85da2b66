package harbortest

import (
	"net/http"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// tower returns the tower that the path names.
func (s *Server) tower(c *call) (*tower, *reply) {
	id := harbor.TowerID(c.Args["tower"])
	if !s.quirks.LowerCaseTowersOnly {
		id = id.Normalize()
	}
	if t := s.towers[id]; t != nil {
		return t, nil
	}
	no := refuse(http.StatusNotFound, "Tower not found")
	return nil, &no
}

// lockerOf returns the locker that the path names.
func (s *Server) lockerOf(c *call) (*locker, *reply) {
	id := c.pathInt("locker")
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

func (s *Server) towerLockers(_ *call, t *tower) reply {
	return s.list(s.lockerList(t.lockers))
}

func (*Server) towerAvailability(_ *call, t *tower) reply {
	return ok(availability(t.lockers))
}

// assignedLockers lists the lockers of the caller.
func (s *Server) assignedLockers(c *call) reply {
	mine := []*locker{}
	for _, st := range s.sites {
		for _, l := range st.allLockers() {
			if l.owner == c.token.client && (l.status != harbor.LockerStatusReleased || !s.quirks.ReleasedIsUnassigned) {
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
	c.body(c.Body)
	seconds := c.positive("duration")
	l, no := s.lockerOf(c)
	switch {
	case no != nil:
		return *no
	case c.problems != nil:
		return invalid(c.problems)
	case s.apply(l, harbor.LockerEventReserve) != nil:
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

// after returns the time some seconds from now, a century at most.
func (s *Server) after(seconds int64) time.Time {
	const century = 100 * 365 * 24 * 3600
	return s.clock.Now().Add(time.Duration(min(seconds, century)) * time.Second)
}

func (s *Server) cancelReservation(c *call) reply {
	var id int64
	if c.Args["reservation"] != "" {
		id = c.pathInt("reservation")
	}
	l, no := s.lockerOf(c)
	switch {
	case no != nil:
		return *no
	case l.status != harbor.LockerStatusReserved || (id != 0 && id != l.reservation):
		return refuse(http.StatusNotFound, "Reservation not found")
	case l.owner != c.token.client:
		return s.refusal(http.StatusForbidden, "Locker is reserved by another service provider")
	}
	_ = s.apply(l, harbor.LockerEventCancelReservation) // a reserved locker always allows it
	return s.created(s.locker(l), false)
}

func (s *Server) releaseLocker(c *call) reply {
	l, no := s.lockerOf(c)
	switch {
	case no != nil:
		return *no
	case l.owner != "" && l.owner != c.token.client:
		return s.refusal(http.StatusForbidden, "Locker is not assigned to you")
	case s.apply(l, harbor.LockerEventRelease) != nil:
		return s.refusal(http.StatusConflict, "Locker is not rented")
	}
	l.tower.endRental(l)
	return s.created(s.locker(l), false)
}

// lockerTokenJSON is in snake_case, its locker in camelCase (observed).
type lockerTokenJSON struct {
	TowerID     string     `json:"tower_id"`
	Locker      lockerJSON `json:"locker"`
	PayloadAuth string     `json:"payload_auth"`
	Payload     string     `json:"payload"`
	Expires     string     `json:"expires"`
}

func (s *Server) createDropoffToken(c *call) reply { return s.createDoorToken(c, kindDropoff) }
func (s *Server) createPickupToken(c *call) reply  { return s.createDoorToken(c, kindPickup) }

func (s *Server) createDoorToken(c *call, kind byte) reply {
	c.body(c.Body)
	seconds := c.positive("duration")
	info := c.text("client_info", false)
	l, no := s.lockerOf(c)
	switch {
	case no != nil:
		return *no
	case c.problems != nil:
		return invalid(c.problems)
	}
	until := s.after(seconds)
	if no := s.grant(l, c.token.client, kind, until, false); no != nil {
		return *no
	}
	token := &doorToken{owner: c.token.client, clientInfo: info}
	payload, auth := s.issueDoorToken(l, kind, until, token)
	return s.created(lockerTokenJSON{
		TowerID: s.quirks.towerID(l.tower.id), Locker: s.locker(l), PayloadAuth: auth, Payload: payload,
		Expires: s.quirks.time(until),
	}, true)
}

// grant makes the transition for a token or a link. It returns the refusal, nil when there
// is none.
func (s *Server) grant(l *locker, owner string, kind byte, until time.Time, asLink bool) *reply {
	no := func(status int, detail string) *reply {
		r := s.refusal(status, detail)
		return &r
	}
	if l.owner != "" && l.owner != owner {
		if l.status == harbor.LockerStatusReserved {
			return no(http.StatusForbidden, "Locker is reserved by another service provider")
		}
		return no(http.StatusForbidden, "Locker is not assigned to you")
	}
	event := harbor.LockerEventCreateDropoffToken
	if asLink {
		event = harbor.LockerEventCreateDropoffLink
	}
	if kind == kindPickup {
		event = harbor.LockerEventCreatePickupToken
		if asLink {
			event = harbor.LockerEventCreatePickupLink
		}
		if s.apply(l, event) != nil {
			return no(http.StatusConflict, "Locker is not occupied")
		}
		return nil
	}
	if s.rent(l, owner, event, until) != nil {
		return no(http.StatusConflict, "Locker is not available")
	}
	return nil
}

// issueDoorToken seals a locker token and remembers its owner.
func (s *Server) issueDoorToken(l *locker, kind byte, until time.Time, token *doorToken) (payload, auth string) {
	p := pass{Kind: kind, Locker: uint32(l.ID), Rental: l.rental, ID: s.id(), Expires: until.UnixMilli()}
	s.doorToken[p.ID] = token
	s.announceToken(l, sourceTokenCreated, p.ID, token, l.reservation)
	return sealHex(l.tower.key, p.encode())
}
