package main

import (
	"context"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/harbor"
)

type (
	changeEvent = inbox.Event[callbacks.ReservationChange]
	harborEvent = inbox.Event[harbor.WebhookEvent]
	routeEvent  = inbox.Event[foxtrot.WebhookEvent]
)

// shop is where a partner's own work goes. This one prints what it would do. A handler
// that returns an error is tried again, and holds back later changes of its reservation
// alone.
type shop struct {
	box    *inbox.Box
	out    *printer
	routes *callbacks.Dispatcher
	watch  func(changeEvent) // is told of each handled change; nil for nobody
}

func newShop(box *inbox.Box, out *printer) (*shop, error) {
	s := &shop{box: box, out: out}
	var err error
	s.routes, err = callbacks.NewDispatcher(
		callbacks.On(callbacks.StatusReserved, s.next("tell the courier which box")),
		callbacks.On(callbacks.StatusStocked, s.next("tell the customer to come")),
		callbacks.On(callbacks.StatusStockedLocked, s.next("tell the customer to wait")),
		callbacks.On(callbacks.StatusIncomplete, s.incomplete),
		callbacks.On(callbacks.StatusPickedUp, s.next("close the order")),
		callbacks.On(callbacks.StatusReturning, s.returning),
		callbacks.On(callbacks.StatusReturned, s.next("take the parcel back into stock")),
		callbacks.On(callbacks.StatusExpired, s.next("tell the customer that the time is over")),
		callbacks.On(callbacks.StatusCanceled, s.next("close the order")),
		callbacks.OnUnknown(s.next("look at it: this status is new")),
		callbacks.Default(s.next("")),
	)
	return s, err
}

// eventKey is where the dispatcher's functions, which take a change alone, find what the
// inbox knows besides.
type eventKey struct{}

// reservationChanged handles one change. A late one is noted and undoes nothing.
func (s *shop) reservationChanged(ctx context.Context, e changeEvent) error {
	handle := s.routes.Handle
	if e.Late {
		handle = s.next("nothing to do, a newer change was handled before")
	}
	if err := handle(context.WithValue(ctx, eventKey{}, e), e.Value); err != nil {
		return err
	}
	if s.watch != nil {
		s.watch(e)
	}
	return nil
}

// next returns a handler whose work is to print what to do.
func (s *shop) next(step string) func(context.Context, callbacks.ReservationChange) error {
	return func(ctx context.Context, _ callbacks.ReservationChange) error {
		e := ctx.Value(eventKey{}).(changeEvent)
		duplicate, err := earlier(ctx, s.box, e)
		if err != nil {
			return err
		}
		return s.out.change(e, duplicate, step)
	}
}

func (s *shop) incomplete(ctx context.Context, c callbacks.ReservationChange) error {
	step := "ask the courier why"
	if reason, ok := c.ErrorState.Get(); ok {
		step = "look for another box: " + string(reason)
	}
	return s.next(step)(ctx, c)
}

func (s *shop) returning(ctx context.Context, c callbacks.ReservationChange) error {
	step := "find out which way the parcel goes"
	switch c.FlowType.Or("") {
	case callbacks.FlowTypeOutlet:
		step = "refund the customer"
	case callbacks.FlowTypeInlet:
		step = "expect the customer's parcel"
	}
	return s.next(step)(ctx, c)
}

// lockerChanged handles an event of Harbor. It is a hint, not news: nothing signs it, so
// a program would wake its Watcher, which looks for itself.
func (s *shop) lockerChanged(ctx context.Context, e harborEvent) error {
	duplicate, err := earlier(ctx, s.box, e)
	if err != nil {
		return err
	}
	return s.out.locker(e, duplicate)
}

// truckMoved handles an event of Foxtrot, which is a hint too: read the route again.
func (s *shop) truckMoved(ctx context.Context, e routeEvent) error {
	duplicate, err := earlier(ctx, s.box, e)
	if err != nil {
		return err
	}
	return s.out.route(e, duplicate)
}

// earlier returns the inbox's number of a callback that told the same reservation, status
// and time before; 0 when there is none. It is the event's own number when a process died
// after it had begun to handle it: whether it came to its end, nobody knows.
func earlier[T any](ctx context.Context, box *inbox.Box, e inbox.Event[T]) (int64, error) {
	if e.Attempt > 1 {
		return e.ID, nil
	}
	if !e.Amended {
		return 0, nil
	}
	for after := int64(0); ; {
		page, err := box.List(ctx, inbox.Filter{Feed: e.Feed, Group: e.Group, After: after})
		if err != nil {
			return 0, err
		}
		for _, entry := range page {
			if entry.Slot == e.Slot && entry.ID < e.ID {
				return entry.ID, nil
			}
			after = entry.ID
		}
		if len(page) == 0 || after >= e.ID {
			return 0, nil
		}
	}
}
