package harbortest

import (
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// apply lets an event happen to a locker, by the table alone. What else the event means
// is up to the caller; what follows from the status is done here.
func (w *world) apply(l *locker, event harbor.LockerEvent) error {
	next, err := l.status.Next(event)
	if err != nil {
		return err
	}
	w.move(l, next)
	return nil
}

// move puts a locker into a status, whatever it was.
func (w *world) move(l *locker, to harbor.LockerStatus) {
	if l.status != to {
		l.status, l.since = to, w.clock.now()
	}
	if !owned(to) {
		l.owner, l.reservation = "", 0
	}
	if to != harbor.StatusReserved && to != harbor.StatusRented {
		l.until = time.Time{}
	}
}

// hold sets when a reservation or an unused rental ends.
func (w *world) hold(l *locker, until time.Time) {
	l.until = until
	if w.nextDue.IsZero() || until.Before(w.nextDue) {
		w.nextDue = until
	}
}

// settle lets happen what time alone brings about.
func (w *world) settle() {
	now := w.clock.now()
	if w.nextDue.IsZero() || now.Before(w.nextDue) {
		return
	}
	w.nextDue = time.Time{}
	for _, l := range w.lockers {
		switch {
		case l.until.IsZero():
		case !now.Before(l.until):
			if l.status == harbor.StatusRented && w.quirks.RentalEndsAtSync {
				continue
			}
			w.expire(l)
		case w.nextDue.IsZero() || l.until.Before(w.nextDue):
			w.nextDue = l.until
		}
	}
}

func (w *world) expire(l *locker) {
	event := harbor.EventReservationExpired
	if l.status == harbor.StatusRented {
		event = harbor.EventDropoffTokenExpired
	}
	if err := w.apply(l, event); err != nil {
		panic("harbortest: only a reserved or rented locker has an end: " + err.Error())
	}
}

// rent gives a locker to a provider until a time, by event. A rental that goes on is
// prolonged, never cut short.
func (w *world) rent(l *locker, owner string, event harbor.LockerEvent, until time.Time) error {
	before, old := l.status, l.until
	if err := w.apply(l, event); err != nil {
		return err
	}
	if before != harbor.StatusRented && before != harbor.StatusOccupied {
		l.rental++
	}
	l.owner = owner
	if l.status != harbor.StatusRented || (before == harbor.StatusRented && old.IsZero()) {
		return nil
	}
	if before == harbor.StatusRented && old.After(until) {
		until = old
	}
	w.hold(l, until)
	return nil
}

// tell queues, for the next phone, the command that ends the current rental of a locker.
func (t *tower) tell(l *locker) {
	t.lastCmd++
	l.releaseCmd = t.lastCmd
	t.commands = append(t.commands, command{seq: t.lastCmd, locker: uint32(l.ID), rental: l.rental})
}

// take applies what a phone brought from the device. The tower is right about its doors:
// where the table knows no way, the status follows the door all the same.
func (s *Server) take(t *tower, events []deviceEvent) {
	for _, e := range events {
		if e.seq <= t.lastSeen {
			continue
		}
		t.lastSeen = e.seq
		if e.kind == eventSynced {
			s.synced(t, e.ref)
			continue
		}
		l := s.lockers[harbor.LockerID(e.locker)]
		if l == nil || l.tower != t {
			continue
		}
		s.used(l, e)
	}
}

// synced is told that the device carried out the commands up to seq.
func (s *Server) synced(t *tower, seq uint32) {
	t.commands = slices.DeleteFunc(t.commands, func(c command) bool { return c.seq <= seq })
	now := s.clock.now()
	for _, l := range t.lockers {
		switch {
		case l.status == harbor.StatusReleased && l.releaseCmd <= seq:
			_ = s.apply(l, harbor.EventTowerSynced)
		case l.status == harbor.StatusRented && !l.until.IsZero() && !now.Before(l.until):
			s.expire(l)
		}
	}
}

// used is told that a door was opened by a token.
func (s *Server) used(l *locker, e deviceEvent) {
	event, means := harbor.EventDropoffTokenUsed, harbor.StatusOccupied
	if e.kind == eventPickup {
		event, means = harbor.EventPickupTokenUsed, harbor.StatusAvailable
	}
	token := s.doorToken[e.ref]
	before := *l
	switch {
	case means == harbor.StatusAvailable && e.rental < l.rental:
		return // somebody else has the locker by now
	case l.status == harbor.StatusOutOfService:
		return // the staff's word stands
	}
	if l.rental != e.rental || s.apply(l, event) != nil {
		s.move(l, means)
	}
	if means == harbor.StatusOccupied {
		l.rental = max(l.rental, e.rental)
		if token != nil {
			l.owner = token.owner
		}
		// The parcel came before the release did.
		l.tower.commands = slices.DeleteFunc(l.tower.commands, func(c command) bool {
			return c.locker == e.locker && c.rental <= e.rental
		})
	}
	if token != nil {
		s.announceToken(l, sourceTokenUsed, e.ref, token, before.reservation)
	}
}
