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
	box   *inbox.Box
	out   *printer
	watch func(changeEvent) // is told of each handled change; nil for none
}

// reservationChanged handles one change. A late one is noted and undoes nothing.
func (s *shop) reservationChanged(ctx context.Context, e changeEvent) error {
	duplicate, err := earlier(ctx, s.box, e)
	if err != nil {
		return err
	}
	step := nextStep(e.Value)
	if e.Late {
		step = "nothing to do, a newer change was handled before"
	}
	if err := s.out.change(e, duplicate, step); err != nil {
		return err
	}
	if s.watch != nil {
		s.watch(e)
	}
	return nil
}

// nextStep returns what a shop does after a change.
func nextStep(c callbacks.ReservationChange) string {
	switch c.EffectiveStatus() {
	case callbacks.StatusReserved:
		return "tell the courier which box"
	case callbacks.StatusStocked:
		return "tell the customer to come"
	case callbacks.StatusStockedLocked:
		return "tell the customer to wait"
	case callbacks.StatusIncomplete:
		if reason, ok := c.ErrorState.Get(); ok {
			return "look for another box: " + string(reason)
		}
		return "ask the courier why"
	case callbacks.StatusPickedUp, callbacks.StatusCanceled:
		return "close the order"
	case callbacks.StatusReturning:
		switch c.FlowType.Or("") {
		case callbacks.FlowTypeOutlet:
			return "refund the customer"
		case callbacks.FlowTypeInlet:
			return "expect the customer's parcel"
		default:
			return "find out which way the parcel goes"
		}
	case callbacks.StatusReturned:
		return "take the parcel back into stock"
	case callbacks.StatusExpired:
		return "tell the customer that the time is over"
	case callbacks.StatusNew, callbacks.StatusPrereserved, callbacks.StatusStocking:
		return ""
	default:
		return "look at it: this status is new"
	}
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
// after it had begun to handle it: whether it came to its end is unknown.
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
