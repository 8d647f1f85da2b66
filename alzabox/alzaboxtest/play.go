package alzaboxtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
)

// Stock plays the courier who puts the parcel of a reservation into the box. An error says
// that the status does not allow it; so it does for every method that plays.
func (s *Server) Stock(id string) error {
	return s.play(id, callbacks.StatusStocked, alzabox.PackageStatePutIn, callbacks.StatusReserved, callbacks.StatusIncomplete)
}

// NotFit plays the courier whose parcel does not fit.
func (s *Server) NotFit(id string) error {
	return s.play(id, callbacks.StatusIncomplete, alzabox.PackageStateCouldNotPut, callbacks.StatusReserved)
}

// PickUp plays the customer who takes the parcel, which must not be blocked.
func (s *Server) PickUp(id string) error {
	return s.play(id, callbacks.StatusPickedUp, alzabox.PackageStatePickedUp, callbacks.StatusStocked)
}

// TakeOut plays the courier who takes out a parcel that returns.
func (s *Server) TakeOut(id string) error {
	return s.play(id, callbacks.StatusReturned, alzabox.PackageStateTakenBack, callbacks.StatusReturning)
}

// CancelByStaff plays the staff of AlzaBox.
func (s *Server) CancelByStaff(id string) error {
	return s.play(id, callbacks.StatusCanceled, alzabox.PackageStateDispatched, callbacks.StatusReserved, callbacks.StatusPrereserved, callbacks.StatusStocked)
}

func (s *Server) play(id string, to callbacks.Status, state alzabox.PackageState, from ...callbacks.Status) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.reservations[id]
	switch {
	case v == nil || !slices.Contains(from, v.Status):
		return fmt.Errorf("alzaboxtest: the reservation cannot become %s", to)
	case to == callbacks.StatusPickedUp && v.Blocked.Or(false):
		return fmt.Errorf("alzaboxtest: the parcel is blocked")
	}
	for i := range v.Packages {
		v.Packages[i].State = state
	}
	s.move(v, to, s.Now())
	s.settle(s.Now())
	return nil
}

// BringIn plays the customer who brings a parcel to a box, and returns the id of the INLET
// reservation that AlzaBox makes of it.
func (s *Server) BringIn(box int, barcode string) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.findBox(alzabox.BoxRef{ID: box}); b == nil || !s.bringIn(b, barcode, s.Now()) {
		return "", fmt.Errorf("alzaboxtest: box %d takes no parcel", box)
	}
	return s.order[len(s.order)-1], nil
}

func (s *Server) bringIn(b *alzabox.Box, barcode string, now time.Time) bool {
	v := s.newReservation(fmt.Sprintf("inlet-%06d", s.made+1), b, now)
	v.FlowType = callbacks.Some(callbacks.FlowTypeInlet)
	v.Packages = []alzabox.Package{{Barcode: barcode, State: alzabox.PackageStatePutIn}}
	v.want = []alzabox.Times{{Expiration: callbacks.Some(now.AddDate(0, 0, 3))}}
	if s.place(v, false, now) != "" {
		return false
	}
	s.reservations[v.ID] = v
	s.order = append(s.order, v.ID)
	s.move(v, callbacks.StatusReturning, now)
	return true
}

// Variant says which members callbacks have. The vendor switches them on for a partner.
type Variant int

// The variants of the vendor's pages; each has what those before it have.
const (
	VariantBasic          Variant = iota // reservationId, status, changeTime
	VariantBackFlow                      // flowType, barcodes, docNumber
	VariantBlocked                       // blocked, errorState
	VariantPrereservation                // startReservationDate, expirationDate: null unless the slot moved
)

// SendTo lets the server make callbacks of a variant for a receiver, in order for each
// reservation and again by sender's schedule. Deliver sends them.
func (s *Server) SendTo(sender *callbackstest.Sender, v Variant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sender, s.variant, s.stopped = sender, v, false
}

// StopSending ends the callbacks, as the vendor says it may: what waits is dropped, and what
// changes from now on is never sent.
func (s *Server) StopSending() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped, s.queue = true, nil
}

// Resume lets changes from now on be sent again, without a replay.
func (s *Server) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = false
}

// Deliver sends the callbacks that wait. Nothing is sent otherwise. A callback that no try
// got through is dropped.
func (s *Server) Deliver(ctx context.Context) (callbackstest.SendReport, error) {
	s.mu.Lock()
	var messages []callbackstest.Message
	for _, c := range s.queue {
		messages = append(messages, callbackstest.ChangeMessage(c))
	}
	s.queue = nil
	sender := s.sender
	s.mu.Unlock()
	if len(messages) == 0 {
		return callbackstest.SendReport{}, nil
	}
	return sender.Send(ctx, messages...)
}

// changed queues the callback of a change that the partner did not cause.
func (s *Server) changed(v *reservation, now time.Time, moved bool) {
	if s.stopped {
		return
	}
	c := callbacks.ReservationChange{ReservationID: v.ID, Status: v.Status, ChangeTime: now}
	if s.variant >= VariantBackFlow {
		codes := []string{}
		for _, p := range v.Packages {
			codes = append(codes, p.Barcode)
		}
		c.FlowType, c.Barcodes, c.DocNumber = v.FlowType, callbacks.Some(codes), v.DocNumber
	}
	if s.variant >= VariantBlocked {
		c.Blocked, c.ErrorState = v.Blocked, callbacks.Null[callbacks.ErrorState]()
		if v.Status == callbacks.StatusIncomplete {
			c.ErrorState = callbacks.Some(callbacks.ErrorStateSlotTooSmall)
		}
	}
	if s.variant >= VariantPrereservation {
		c.StartReservationDate, c.ExpirationDate = callbacks.Null[time.Time](), callbacks.Null[time.Time]()
		if moved {
			c.StartReservationDate, c.ExpirationDate = v.Start, v.Expiration
		}
	}
	s.queue = append(s.queue, c)
}
