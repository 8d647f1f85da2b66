package foxtrot

import (
	"encoding/json"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// Location is a point on earth in degrees, as Foxtrot gave it: signs and ranges are not
// checked.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// IsZero reports whether the point is (0, 0), in the sea off Africa: more likely somebody's
// way to say that there is none. Foxtrot's own way is null, which is a nil *Location.
func (l Location) IsZero() bool { return l == Location{} }

// Valid reports whether the point is one on earth.
func (l Location) Valid() bool {
	return -90 <= l.Latitude && l.Latitude <= 90 && -180 <= l.Longitude && l.Longitude <= 180
}

// LocationKind says where a location is known from.
type LocationKind string

// The kinds of location, best first.
const (
	LocationConfident LocationKind = "confident" // learned, and Foxtrot stands by it
	LocationInferred  LocationKind = "inferred"  // learned from where drivers stopped
	LocationImported  LocationKind = "imported"  // as given with a route
)

// BestLocation is a customer's location and how it is known.
type BestLocation struct {
	Location
	Kind LocationKind `json:"kind"`
}

// place reads a location that may be null, absent, or there with null coordinates: all
// three mean that there is none.
type place struct {
	at    *Location
	named bool // both coordinates were there, if only as null
}

func (p *place) UnmarshalJSON(raw []byte) error {
	*p = place{}
	var w map[string]json.RawMessage
	if err := json.Unmarshal(raw, &w); err != nil || w == nil {
		return err
	}
	var in struct {
		Latitude  wire.Float `json:"latitude"`
		Longitude wire.Float `json:"longitude"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	_, lat := w["latitude"]
	_, lng := w["longitude"]
	p.named = lat && lng
	if in.Latitude.Set && in.Longitude.Set {
		p.at = &Location{in.Latitude.Value, in.Longitude.Value}
	}
	return nil
}
