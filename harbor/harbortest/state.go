package harbortest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// apply makes the transition of an event, by the table alone. It does what follows from the
// new status; the caller does the rest.
func (w *world) apply(l *locker, event harbor.LockerEvent) error {
	next, err := l.status.Next(event)
	if err != nil {
		return err
	}
	w.move(l, next)
	return nil
}

// move sets the status of a locker, whatever it was.
func (w *world) move(l *locker, to harbor.LockerStatus) {
	if l.status != to {
		l.status, l.since = to, w.clock.Now()
	}
	if !owned(to) {
		l.owner, l.reservation = "", 0
	}
	if to != harbor.LockerStatusReserved && to != harbor.LockerStatusRented {
		l.until = time.Time{}
	}
}

// hold sets the end of a reservation or an unused rental.
func (w *world) hold(l *locker, until time.Time) {
	l.until = until
	if w.nextDue.IsZero() || until.Before(w.nextDue) {
		w.nextDue = until
	}
}

// settle ends the reservations and unused rentals that have expired.
func (w *world) settle() {
	now := w.clock.Now()
	if w.nextDue.IsZero() || now.Before(w.nextDue) {
		return
	}
	w.nextDue = time.Time{}
	for _, l := range w.lockers {
		switch {
		case l.until.IsZero():
		case !now.Before(l.until):
			if l.status == harbor.LockerStatusRented && w.quirks.RentalEndsAtSync {
				continue
			}
			w.expire(l)
		case w.nextDue.IsZero() || l.until.Before(w.nextDue):
			w.nextDue = l.until
		}
	}
}

func (w *world) expire(l *locker) {
	event := harbor.LockerEventReservationExpired
	if l.status == harbor.LockerStatusRented {
		event = harbor.LockerEventDropoffTokenExpired
	}
	if err := w.apply(l, event); err != nil {
		panic("harbortest: only a reserved or rented locker has an end: " + err.Error())
	}
}

// rent gives a locker to a provider until a time. A rental that exists is extended, never
// shortened.
func (w *world) rent(l *locker, owner string, event harbor.LockerEvent, until time.Time) error {
	before, old := l.status, l.until
	if err := w.apply(l, event); err != nil {
		return err
	}
	if before != harbor.LockerStatusRented && before != harbor.LockerStatusOccupied {
		l.rental++
	}
	l.owner = owner
	if l.status != harbor.LockerStatusRented || (before == harbor.LockerStatusRented && old.IsZero()) {
		return nil
	}
	if before == harbor.LockerStatusRented && old.After(until) {
		until = old
	}
	w.hold(l, until)
	return nil
}

// endRental queues the command that ends the current rental of a locker, for the next
// phone.
func (t *tower) endRental(l *locker) {
	t.lastCmd++
	l.releaseCmd = t.lastCmd
	t.commands = append(t.commands, command{Seq: t.lastCmd, Locker: uint32(l.ID), Rental: l.rental})
}

// applyEvents applies the events that a phone brought from the device. The tower is right
// about its doors: where the table has no transition, the status follows the door.
func (s *Server) applyEvents(t *tower, events []deviceEvent) {
	for _, e := range events {
		if e.Seq <= t.lastSeen {
			continue
		}
		t.lastSeen = e.Seq
		if e.Kind == eventSynced {
			s.synced(t, e.Ref)
			continue
		}
		l := s.lockers[harbor.LockerID(e.Locker)]
		if l == nil || l.tower != t {
			continue
		}
		s.used(l, e)
	}
}

// synced applies that the device carried out the commands up to seq.
func (s *Server) synced(t *tower, seq uint32) {
	t.commands = slices.DeleteFunc(t.commands, func(c command) bool { return c.Seq <= seq })
	now := s.clock.Now()
	for _, l := range t.lockers {
		switch {
		case l.status == harbor.LockerStatusReleased && l.releaseCmd <= seq:
			_ = s.apply(l, harbor.LockerEventTowerSynced)
		case l.status == harbor.LockerStatusRented && !l.until.IsZero() && !now.Before(l.until):
			s.expire(l)
		}
	}
}

// used applies that a token opened a door.
func (s *Server) used(l *locker, e deviceEvent) {
	event, means := harbor.LockerEventDropoffTokenUsed, harbor.LockerStatusOccupied
	if e.Kind == eventPickup {
		event, means = harbor.LockerEventPickupTokenUsed, harbor.LockerStatusAvailable
	}
	token := s.doorToken[e.Ref]
	before := *l
	switch {
	case means == harbor.LockerStatusAvailable && e.Rental < l.rental:
		return // another rental has begun
	case l.status == harbor.LockerStatusOutOfService:
		return // set by staff
	}
	if l.rental != e.Rental || s.apply(l, event) != nil {
		s.move(l, means)
	}
	if means == harbor.LockerStatusOccupied {
		l.rental = max(l.rental, e.Rental)
		if token != nil {
			l.owner = token.owner
		}
		// The parcel was put in before the release arrived.
		l.tower.commands = slices.DeleteFunc(l.tower.commands, func(c command) bool {
			return c.Locker == e.Locker && c.Rental <= e.Rental
		})
	}
	if token != nil {
		s.announceToken(l, sourceTokenUsed, e.Ref, token, before.reservation)
	}
}

// SetStatus sets the status of a locker, as Harbor's staff can: the table does not apply.
// Reserved, rented, occupied and released need an owner, the client id of a provider; empty
// keeps the present one. The parcel in the locker stays; tokens of the former owner are
// revoked by the next sync.
func (s *Server) SetStatus(ref harbor.LockerRef, status harbor.LockerStatus, owner string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	l := s.find(ref)
	switch {
	case l == nil:
		return fmt.Errorf("harbortest: there is no locker %v", ref)
	case !status.Known():
		return fmt.Errorf("harbortest: unknown status %q", status)
	}
	if owner == "" {
		owner = l.owner
	}
	if _, there := s.CredentialsOf(owner); owned(status) && !there {
		return errors.New("harbortest: the status needs a provider as owner")
	}
	if owned(status) {
		if l.owner != owner {
			l.rental++
		}
		l.owner = owner
	} else if l.rental > 0 {
		l.tower.endRental(l)
	}
	s.move(l, status)
	l.until = time.Time{}
	if status == harbor.LockerStatusReleased {
		l.tower.endRental(l)
	}
	return nil
}

// ResetEvents drops the commands and events that wait for a phone, as Harbor's staff do
// after setting statuses by hand.
func (s *Server) ResetEvents(id harbor.TowerID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.towers[id.Normalize()]
	if t == nil {
		return fmt.Errorf("harbortest: there is no tower %q", id)
	}
	t.reset()
	return nil
}

func (t *tower) reset() {
	t.commands, t.device.events = nil, nil
	t.lastSeen = t.device.lastSeq
	for _, l := range t.lockers {
		l.releaseCmd = 0 // its command was dropped
	}
}
