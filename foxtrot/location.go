package foxtrot

import (
	"encoding/json"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// BestLocation is the location of a customer and how Foxtrot knows it.
type BestLocation struct {
	lockerline.LatLng
	Kind LocationKind `json:"kind"`
}

// LocationKind says how a location is known.
type LocationKind string

// The kinds of location, best first.
const (
	LocationKindConfident LocationKind = "confident" // learned, and Foxtrot is sure of it
	LocationKindInferred  LocationKind = "inferred"  // learned from where drivers stopped
	LocationKindImported  LocationKind = "imported"  // as given with a route
)

// place reads a location. One that is null, absent, or has null for a coordinate is nil.
type place struct {
	at    *lockerline.LatLng
	named bool // both coordinates were there, if only as null
}

func (p *place) UnmarshalJSON(raw []byte) error {
	var w struct {
		Latitude  coordinate `json:"latitude"`
		Longitude coordinate `json:"longitude"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	*p = place{named: w.Latitude.named && w.Longitude.named}
	if w.Latitude.Set && w.Longitude.Set {
		p.at = &lockerline.LatLng{Lat: w.Latitude.Value, Lng: w.Longitude.Value}
	}
	return nil
}

type coordinate struct {
	wire.Float
	named bool // the member was there, if only as null
}

func (c *coordinate) UnmarshalJSON(raw []byte) error {
	c.named = true
	return c.Float.UnmarshalJSON(raw)
}
