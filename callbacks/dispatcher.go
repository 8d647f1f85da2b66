package callbacks

import (
	"context"
	"errors"
	"fmt"
)

// Dispatcher hands each reservation change to the function for its status. Its Handle fits
// Direct and an inbox. It cannot be changed after it was made and is safe for concurrent
// use where its functions are.
type Dispatcher struct {
	byStatus map[Status]changeFunc
	unknown  changeFunc
	other    changeFunc
}

type changeFunc = func(context.Context, ReservationChange) error

// Route is one line of a Dispatcher: On, OnUnknown or Default.
type Route struct {
	kind   routeKind
	status Status
	fn     changeFunc
}

type routeKind uint8

const (
	routeStatus routeKind = iota + 1
	routeUnknown
	routeDefault
)

// On takes the changes of one status. A STOCKED change that is blocked counts as
// STOCKED_LOCKED (see EffectiveStatus), so that nobody is asked to fetch a parcel that the
// box will not give out.
func On(status Status, fn func(context.Context, ReservationChange) error) Route {
	return Route{routeStatus, status, fn}
}

// OnUnknown takes the changes whose status this version does not know and that has no
// route; without it they go to Default.
func OnUnknown(fn func(context.Context, ReservationChange) error) Route {
	return Route{routeUnknown, "", fn}
}

// Default takes all changes that no other route takes. It is required, so that nothing is
// dropped by an oversight; say Default(Ignore) to drop the rest.
func Default(fn func(context.Context, ReservationChange) error) Route {
	return Route{routeDefault, "", fn}
}

// Ignore drops a change.
func Ignore(context.Context, ReservationChange) error { return nil }

// NewDispatcher checks the routes: one for each status at most, one Default, no nil
// function. The error tells all that is wrong.
func NewDispatcher(routes ...Route) (*Dispatcher, error) {
	d := &Dispatcher{byStatus: map[Status]changeFunc{}}
	var faults []error
	for i, r := range routes {
		if fault := d.add(r); fault != nil {
			faults = append(faults, fmt.Errorf("route %d: %w", i+1, fault))
		}
	}
	if d.other == nil && len(faults) == 0 {
		faults = append(faults, errors.New("there is no Default; use Default(Ignore) to drop what has no route"))
	}
	if len(faults) > 0 {
		return nil, errors.New("callbacks: new dispatcher: " + oneLine(errors.Join(faults...)))
	}
	return d, nil
}

func (d *Dispatcher) add(r Route) error {
	switch {
	case r.kind == 0:
		return errors.New("is the zero Route; use On, OnUnknown or Default")
	case r.fn == nil:
		return errors.New("has no function")
	case r.kind == routeStatus && d.byStatus[r.status] != nil:
		return fmt.Errorf("status %q has a route already", r.status)
	case r.kind == routeUnknown && d.unknown != nil:
		return errors.New("OnUnknown is given already")
	case r.kind == routeDefault && d.other != nil:
		return errors.New("the Default is given already")
	}
	switch r.kind {
	case routeStatus:
		d.byStatus[r.status] = r.fn
	case routeUnknown:
		d.unknown = r.fn
	case routeDefault:
		d.other = r.fn
	}
	return nil
}

// Handle gives the change to its function and returns what that returns.
func (d *Dispatcher) Handle(ctx context.Context, c ReservationChange) error {
	status := c.EffectiveStatus()
	fn, ok := d.byStatus[status]
	switch {
	case ok:
	case !status.Known() && d.unknown != nil:
		fn = d.unknown
	default:
		fn = d.other
	}
	return fn(ctx, c)
}
