package foxtrot

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// CustomersService reads customers. All of its operations are reads and safe to repeat.
type CustomersService struct{ c *Client }

func customerArgs(dc DCID, id CustomerID) []arg {
	return []arg{{"dc", string(dc)}, {"customer", string(id)}}
}

// Get returns a customer: ErrNotFound when there is none of that id, ErrForbidden when the
// DC does not exist or is not yours.
func (s *CustomersService) Get(ctx context.Context, dc DCID, id CustomerID, opts ...CallOption) (Customer, error) {
	return get[Customer](ctx, s.c, opCustomersGet, "customer", customerArgs(dc, id), opts)
}

// Waypoints returns the customer's most recent stops: at most 10, with no way to ask for
// more (vendor page). Their order is not documented. A customer without any gives an empty
// list; whether one that does not exist is ErrNotFound or an empty list is not documented.
func (s *CustomersService) Waypoints(ctx context.Context, dc DCID, id CustomerID, opts ...CallOption) ([]Waypoint, error) {
	return list[Waypoint](ctx, s.c, opCustomersWaypoints, "waypoints", absentMissing, customerArgs(dc, id), opts)
}

// ConfidentLocation returns where the customer is if Foxtrot is confident of it. That it
// is not, ErrLocationNotConfident, is an ordinary outcome: see BestLocation.
func (s *CustomersService) ConfidentLocation(ctx context.Context, dc DCID, id CustomerID, opts ...CallOption) (Location, error) {
	cs := settingsOf(opts)
	return s.confident(ctx, dc, id, &cs)
}

func (s *CustomersService) confident(ctx context.Context, dc DCID, id CustomerID, cs *callSettings) (Location, error) {
	var p flat
	res, err := s.c.call(ctx, opCustomersConfidentLocation, customerArgs(dc, id), nil, &p, cs)
	switch {
	case err != nil:
		return Location{}, err
	case p.at == nil:
		return Location{}, outcome(opCustomersConfidentLocation, res, ErrLocationNotConfident, "the answer's coordinates are null: no location that Foxtrot is confident of")
	}
	return *p.at, nil
}

// flat is a location that is the payload itself.
type flat struct{ place }

func (f *flat) read(data json.RawMessage, _ bool) error {
	if data == nil {
		return &transport.ShapeError{Reason: "no data in it"}
	}
	if err := json.Unmarshal(data, &f.place); err != nil {
		return err
	}
	if !f.named {
		return &transport.ShapeError{Reason: "no latitude and longitude in it"}
	}
	return nil
}

// BestLocation returns the confident location, else the customer's inferred one, else the
// imported one, and says which. It is ErrNoLocation when there is none of the three. It
// makes one call, or two when Foxtrot is not confident.
func (s *CustomersService) BestLocation(ctx context.Context, dc DCID, id CustomerID, opts ...CallOption) (BestLocation, error) {
	cs := settingsOf(opts)
	at, err := s.confident(ctx, dc, id, &cs)
	if err == nil {
		return BestLocation{at, LocationConfident}, nil
	}
	if !errors.Is(err, ErrLocationNotConfident) {
		return BestLocation{}, err
	}
	var customer Customer
	res, err := s.c.call(ctx, opCustomersGet, customerArgs(dc, id), nil, &keyed[Customer]{key: "customer", out: &customer}, &cs)
	if err != nil {
		return BestLocation{}, err
	}
	best, ok := customer.BestLocation()
	if !ok {
		return BestLocation{}, outcome(opCustomersGet, res, ErrNoLocation, "no location of the customer is known")
	}
	return best, nil
}
