package foxtrot

import (
	"encoding/json"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// Customer is who parcels are brought to. Customers come to exist by importing routes;
// the API has no other way to make or list them (vendor page).
type Customer struct {
	ID              CustomerID `json:"id"`
	Name            string     `json:"name"`             // empty when there is none
	ImportedAddress string     `json:"imported_address"` // as given with a route; empty when there was none
	// ImportedLocation is what was given with a route; nil when nothing was.
	ImportedLocation *Location `json:"imported_location"`
	// InferredLocation is what Foxtrot learned from where drivers stopped; nil while it
	// has learned nothing.
	InferredLocation *Location `json:"inferred_location"`
}

// BestLocation returns what the customer itself says: the inferred location, else the
// imported one. CustomersService.BestLocation also asks for the confident one.
func (c Customer) BestLocation() (BestLocation, bool) {
	switch {
	case c.InferredLocation != nil:
		return BestLocation{*c.InferredLocation, LocationInferred}, true
	case c.ImportedLocation != nil:
		return BestLocation{*c.ImportedLocation, LocationImported}, true
	}
	return BestLocation{}, false
}

// UnmarshalJSON reads the wire's form: any member but the id may be null or absent.
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

// incomplete refuses an object that says nothing about a customer.
func (c *Customer) incomplete() string {
	if c.ID == "" {
		return "an id"
	}
	return ""
}
