package foxtrot

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// CustomersService reads customers. All of its operations are reads and safe to repeat.
type CustomersService struct{ c *Client }

func customerArgs(dc DCID, id CustomerID) []arg {
	return []arg{{"dc", string(dc)}, {"customer", string(id)}}
}

// Get returns a customer: lockerline.ErrNotFound when there is none of that id,
// lockerline.ErrForbidden when the DC does not exist or belongs to another organisation.
func (s *CustomersService) Get(ctx context.Context, dc DCID, id CustomerID, opts ...lockerline.CallOption) (*Customer, error) {
	return one[Customer](ctx, s.c, opCustomersGet, "customer", customerArgs(dc, id), nil, opts)
}

// Waypoints returns the customer's most recent stops: at most 10, with no way to ask for
// more (vendor page). Their order is not documented. A customer without stops has an empty
// list; an unknown customer is lockerline.ErrNotFound or has an empty list, which is not
// documented.
func (s *CustomersService) Waypoints(ctx context.Context, dc DCID, id CustomerID, opts ...lockerline.CallOption) ([]Waypoint, error) {
	return list[Waypoint](ctx, s.c, opCustomersWaypoints, "waypoints", absentMissing, customerArgs(dc, id), opts)
}

// ConfidentLocation returns where the customer is, if Foxtrot is confident of it.
// Otherwise the error is ErrLocationNotConfident, an ordinary outcome: see BestLocation.
func (s *CustomersService) ConfidentLocation(ctx context.Context, dc DCID, id CustomerID, opts ...lockerline.CallOption) (*lockerline.LatLng, error) {
	cfg := lockerline.NewCallConfig(opts)
	return s.confident(ctx, dc, id, cfg)
}

func (s *CustomersService) confident(ctx context.Context, dc DCID, id CustomerID, cfg lockerline.CallConfig) (*lockerline.LatLng, error) {
	var out confidentLocation
	res, err := s.c.call(ctx, opCustomersConfidentLocation, customerArgs(dc, id), nil, whole{&out}, cfg)
	switch {
	case err != nil:
		return nil, err
	case out.at == nil:
		return nil, s.c.outcome(opCustomersConfidentLocation, res, ErrLocationNotConfident)
	}
	return out.at, nil
}

// confidentLocation is the answer of customers.confident_location: coordinates that stand
// among other members, not in an object of their own.
type confidentLocation struct{ place }

// UnmarshalJSON refuses an answer without coordinates.
func (l *confidentLocation) UnmarshalJSON(raw []byte) error {
	if err := l.place.UnmarshalJSON(raw); err != nil {
		return err
	}
	if !l.named {
		return &wire.ShapeError{Reason: "no latitude and longitude in it"}
	}
	return nil
}

// BestLocation returns the confident location, else the customer's inferred one, else the
// imported one, and says which. Without any of the three the error is ErrNoLocation. It
// makes one call, or two when Foxtrot is not confident.
func (s *CustomersService) BestLocation(ctx context.Context, dc DCID, id CustomerID, opts ...lockerline.CallOption) (*BestLocation, error) {
	cfg := lockerline.NewCallConfig(opts)
	at, err := s.confident(ctx, dc, id, cfg)
	if err == nil {
		return &BestLocation{*at, LocationKindConfident}, nil
	}
	if !errors.Is(err, ErrLocationNotConfident) {
		return nil, err
	}
	customer, res, err := read[Customer](ctx, s.c, opCustomersGet, "customer", customerArgs(dc, id), nil, cfg)
	if err != nil {
		return nil, err
	}
	best, ok := customer.BestLocation()
	if !ok {
		return nil, s.c.outcome(opCustomersGet, res, ErrNoLocation)
	}
	return &best, nil
}

// Customer receives deliveries. Customers come to exist by importing routes; the API has
// no other way to create or list them (vendor page).
type Customer struct {
	ID              CustomerID `json:"id"`
	Name            string     `json:"name"`             // empty when there is none
	ImportedAddress string     `json:"imported_address"` // as given with a route; empty when there was none
	// ImportedLocation was given with a route; nil when there was none.
	ImportedLocation *lockerline.LatLng `json:"imported_location"`
	// InferredLocation is what Foxtrot learned from where drivers stopped; nil until then.
	InferredLocation *lockerline.LatLng `json:"inferred_location"`
}

// BestLocation returns the inferred location, else the imported one, and false without
// either. CustomersService.BestLocation also asks for the confident one.
func (c Customer) BestLocation() (BestLocation, bool) {
	switch {
	case c.InferredLocation != nil:
		return BestLocation{*c.InferredLocation, LocationKindInferred}, true
	case c.ImportedLocation != nil:
		return BestLocation{*c.ImportedLocation, LocationKindImported}, true
	}
	return BestLocation{}, false
}

// UnmarshalJSON reads the wire's form: every member but the id may be null or absent.
func (c *Customer) UnmarshalJSON(raw []byte) error {
	var w struct {
		ID               wire.Text `json:"id"`
		CustomerID       wire.Text `json:"customer_id"`
		Name             wire.Text `json:"name"`
		ImportedAddress  wire.Text `json:"imported_address"`
		ImportedLocation place     `json:"imported_location"`
		InferredLocation place     `json:"inferred_location"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	if !w.ID.Set {
		w.ID = w.CustomerID
	}
	*c = Customer{
		ID: CustomerID(w.ID.Value), Name: w.Name.Value, ImportedAddress: w.ImportedAddress.Value,
		ImportedLocation: w.ImportedLocation.at, InferredLocation: w.InferredLocation.at,
	}
	return nil
}

func (c *Customer) identified() bool { return c.ID != "" }
