package alzaboxtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
)

// world is what AlzaBox knows.
type world struct {
	boxes        []*alzabox.Box
	couriers     []alzabox.Courier
	reservations map[string]*reservation
	order        []string
	made         int // ids and PINs of AlzaBox's own
	sender       *callbackstest.Sender
	variant      Variant
	stopped      bool
	queue        []callbacks.ReservationChange
}

func newWorld() world { return world{reservations: map[string]*reservation{}, stopped: true} }

type reservation struct {
	alzabox.Reservation
	held []int           // for each package its kind of compartment; nil: none is held
	want []alzabox.Times // the time slots asked for, in order
}

// Demo returns two boxes: 20 with two small, one medium and one large compartment, and 21
// with a single small one.
func Demo() []alzabox.Box {
	size := func(id, count int, kind string, height float64) alzabox.Slot {
		return alzabox.Slot{ID: id, Count: count, Type: kind, Dimensions: alzabox.Dimensions{Depth: 61, Height: height, Width: 44}}
	}
	box := func(id int, name string, slots ...alzabox.Slot) alzabox.Box {
		return alzabox.Box{
			BoxRef: alzabox.BoxRef{ID: id, PID: fmt.Sprintf("pid-%d", id)}, Name: callbacks.Some(name),
			Available: callbacks.Some(true), Slots: callbacks.Some(slots),
		}
	}
	return []alzabox.Box{
		box(20, "Prague", size(1, 2, "Small", 18.8), size(2, 1, "Medium", 37.7), size(3, 1, "Large", 80)),
		box(21, "Brno", size(1, 1, "Small", 18.8)),
	}
}

// AddBox adds a box, or replaces the one of the same number.
func (s *Server) AddBox(b alzabox.Box) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boxes = append(slices.DeleteFunc(s.boxes, func(o *alzabox.Box) bool { return o.ID == b.ID }), &b)
}

// Reservations returns all reservations as they are, in the order in which they were made.
func (s *Server) Reservations() (out []alzabox.Reservation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.order {
		out = append(out, s.reservations[id].Reservation)
	}
	return out
}

func (s *Server) findBox(ref alzabox.BoxRef) *alzabox.Box {
	for _, b := range s.boxes {
		if b.ID == ref.ID || ref.ID == 0 && ref.PID != "" && b.PID == ref.PID {
			return b
		}
	}
	return nil
}

func (s *Server) findCourier(login string) int {
	return slices.IndexFunc(s.couriers, func(c alzabox.Courier) bool { return c.Login == login })
}

func (s *Server) newReservation(id string, box *alzabox.Box, now time.Time) *reservation {
	s.made++
	return &reservation{Reservation: alzabox.Reservation{
		ID: id, Box: box.BoxRef, Type: alzabox.ReservationTypeImmediate, CreatedAt: callbacks.Some(now),
		PIN: lockerline.NewSecret(fmt.Sprintf("%06d", 100_000+s.made)), OpenerKey: callbacks.Some(lockerline.NewSecret(fmt.Sprintf("PARC%d", s.made))),
		DocNumber: callbacks.Some(id), FlowType: callbacks.Some(callbacks.FlowTypeOutlet), Blocked: callbacks.Some(false),
	}}
}

// place gives a reservation the first time slot that has compartments, or a place in the
// queue when it may wait. waited tells that it is in the queue.
func (s *Server) place(v *reservation, waited bool, now time.Time) (code alzabox.Code) {
	for i, t := range v.want {
		if waited && t.PrereservationExpiration.IsAbsent() {
			continue
		}
		if v.held, code = s.fit(v, t, now); code == "" {
			v.Status, v.Start, v.Expiration = callbacks.StatusReserved, t.Start, t.Expiration
			if waited {
				s.changed(v, now, i > 0)
			}
			return ""
		}
	}
	if slices.ContainsFunc(v.want, func(t alzabox.Times) bool { return t.PrereservationExpiration.Or(time.Time{}).After(now) }) && code == alzabox.CodeBoxFull {
		v.Status = callbacks.StatusPrereserved
		return ""
	}
	return code
}

// fit finds a compartment for each package that no other reservation holds at the time.
func (s *Server) fit(v *reservation, t alzabox.Times, now time.Time) (held []int, code alzabox.Code) {
	from, to := t.Start.Or(now), t.Expiration.Or(now)
	slots := s.findBox(v.Box).Slots.Or(nil)
	free := make([]int, len(slots))
	for i := range slots {
		free[i] = slots[i].Count
	}
	for _, o := range s.reservations {
		begin, end := o.Start.Or(time.Time{}), o.Expiration.Or(time.Time{})
		inside := o.Status != callbacks.StatusReserved // a parcel is there until it is taken out
		if o != v && o.Box.ID == v.Box.ID && begin.Before(to) && (inside || end.After(from)) {
			for _, i := range o.held {
				free[i]--
			}
		}
	}
	for _, p := range v.Packages {
		code = alzabox.CodeTooLarge
		for i := range slots {
			if p.Depth > slots[i].Depth || p.Height > slots[i].Height || p.Width > slots[i].Width {
				continue
			}
			if code = alzabox.CodeBoxFull; free[i] > 0 {
				free[i]--
				held, code = append(held, i), ""
				break
			}
		}
		if code != "" {
			return nil, code
		}
	}
	return held, ""
}

// Settle lets happen what the clock brings: reservations expire, and those that wait get
// what became free. Requests and Advance do it too.
func (s *Server) Settle() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(s.Now())
}

func (s *Server) settle(now time.Time) {
	over := func(t callbacks.Optional[time.Time]) bool { return !t.Or(now.Add(1)).After(now) }
	for _, id := range s.order {
		v := s.reservations[id]
		switch {
		case v.Status == callbacks.StatusReserved && over(v.Expiration):
			s.move(v, callbacks.StatusExpired, now)
		case v.Status == callbacks.StatusStocked && over(v.Expiration):
			s.move(v, callbacks.StatusReturning, now)
		}
	}
	for _, id := range s.order {
		if v := s.reservations[id]; v.Status == callbacks.StatusPrereserved {
			s.place(v, true, now)
			if v.Status == callbacks.StatusPrereserved && !slices.ContainsFunc(v.want, func(t alzabox.Times) bool { return t.PrereservationExpiration.Or(now).After(now) }) {
				s.move(v, callbacks.StatusExpired, now)
			}
		}
	}
}

// move changes the status for a reason that is not the partner's.
func (s *Server) move(v *reservation, to callbacks.Status, now time.Time) {
	if v.Status = to; to.Terminal() {
		v.held = nil
	}
	s.changed(v, now, false)
}
