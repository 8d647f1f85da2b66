package harbor

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/transport"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// Location is a physical address with towers (observed: 14 keys in every record).
// Stray spaces around texts are removed.
type Location struct {
	ID          LocationID `json:"id"`
	Name        string     `json:"name"`
	Lat         *float64   `json:"lat"` // degrees north; nil when Harbor does not know
	Lon         *float64   `json:"lon"` // degrees east; nil when Harbor does not know
	Description *string    `json:"description"`
	Address1    string     `json:"address1"` // may be empty
	Address2    *string    `json:"address2"`
	City        string     `json:"city"`
	State       string     `json:"state"` // its full name; may be empty
	Zip         string     `json:"zip"`
	Country     string     `json:"country"` // English name
	Notes       *string    `json:"notes"`
	// AccessHours is nil when Harbor says nothing. It is nearly always seven empty
	// lists; whether that means open or closed is unknown.
	AccessHours *AccessHours `json:"accessHours"`
	Timezone    *string      `json:"timezone"` // IANA or legacy name; see TimeZone
	// Availability is filled by LocationsService.InArea only.
	Availability *Availability `json:"availability,omitempty"`
}

// AccessHours says when a location can be reached, in its own time zone.
type AccessHours struct {
	Monday    []OpenHours `json:"monday"`
	Tuesday   []OpenHours `json:"tuesday"`
	Wednesday []OpenHours `json:"wednesday"`
	Thursday  []OpenHours `json:"thursday"`
	Friday    []OpenHours `json:"friday"`
	Saturday  []OpenHours `json:"saturday"`
	Sunday    []OpenHours `json:"sunday"`
}

// OpenHours is one span of a day, such as "08:00:00" to "15:00:00".
type OpenHours struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// Position returns where the location is; false when Harbor does not know.
func (l Location) Position() (LatLng, bool) {
	if l.Lat == nil || l.Lon == nil {
		return LatLng{}, false
	}
	return LatLng{*l.Lat, *l.Lon}, true
}

// TimeZone returns the location's time zone; UTC and false when there is none or this
// system does not know its name.
func (l Location) TimeZone() (*time.Location, bool) {
	if l.Timezone == nil || *l.Timezone == "" {
		return time.UTC, false
	}
	tz, err := time.LoadLocation(strings.TrimSpace(*l.Timezone))
	if err != nil {
		return time.UTC, false
	}
	return tz, true
}

// Availability says how many lockers are free, now or a moment ago: somebody may be
// faster (observed).
type Availability struct {
	Available int                `json:"available"`
	Total     int                `json:"total"`
	ByType    []TypeAvailability `json:"byType"`
}

// TypeAvailability is the same for one size.
type TypeAvailability struct {
	Type      LockerType `json:"type"`
	Available int        `json:"available"`
	Total     int        `json:"total"`
}

// UnmarshalJSON reads a location, alone or in an object beside its availability, whose
// place and shape are not documented: one that cannot be read is left out. A location
// without an id is refused.
func (l *Location) UnmarshalJSON(b []byte) error {
	type plain Location
	var w struct {
		plain
		ID           wire.Int        `json:"id"`
		Name         wire.Text       `json:"name"`
		Lat          wire.Float      `json:"lat"`
		Lon          wire.Float      `json:"lon"`
		Address1     wire.Text       `json:"address1"`
		City         wire.Text       `json:"city"`
		State        wire.Text       `json:"state"`
		Zip          wire.Text       `json:"zip"`
		Country      wire.Text       `json:"country"`
		AccessHours2 *AccessHours    `json:"access_hours"`
		Location     *Location       `json:"location"`
		Availability json.RawMessage `json:"availability"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	available := readAvailability(w.Availability)
	if available == nil {
		available = readAvailability(b) // beside the location's own keys
	}
	if !w.ID.Set && w.Location != nil {
		*l = *w.Location
		l.Availability = cmp.Or(available, l.Availability)
		return nil
	}
	if !w.ID.Set {
		return &transport.ShapeError{Reason: "a location has no id"}
	}
	*l = Location(w.plain)
	l.ID, l.Availability, l.Lat, l.Lon = LocationID(w.ID.Value), available, w.Lat.Ptr(), w.Lon.Ptr()
	l.AccessHours = cmp.Or(w.plain.AccessHours, w.AccessHours2)
	for to, from := range map[*string]wire.Text{
		&l.Name: w.Name, &l.Address1: w.Address1, &l.City: w.City, &l.State: w.State, &l.Zip: w.Zip, &l.Country: w.Country,
	} {
		*to = strings.TrimSpace(from.Value)
	}
	return nil
}

// readAvailability reads an availability where there may be one; nil when there is none
// that can be read.
func readAvailability(b []byte) *Availability {
	var a Availability
	if len(b) == 0 || json.Unmarshal(b, &a) != nil {
		return nil
	}
	return &a
}

// countsWire is how many of how many, in either spelling.
type countsWire struct {
	Available  *int `json:"availableLockers"`
	Available2 *int `json:"available_lockers"`
	Available3 *int `json:"availableCount"`
	Available4 *int `json:"available"`
	Total      *int `json:"totalLockers"`
	Total2     *int `json:"total_lockers"`
	Total3     *int `json:"total"`
}

func (c *countsWire) counts() (available, total int, ok bool) {
	if c == nil {
		return 0, 0, false
	}
	a := cmp.Or(c.Available, c.Available2, c.Available3, c.Available4)
	t := cmp.Or(c.Total, c.Total2, c.Total3)
	if a != nil {
		available = *a
	}
	if t != nil {
		total = *t
	}
	return available, total, a != nil
}

// UnmarshalJSON reads an availability as observed, flat as MarshalJSON writes it, or as
// a bare list by type.
func (a *Availability) UnmarshalJSON(b []byte) error {
	type item struct {
		countsWire
		Type   *LockerType `json:"lockerType"`
		Type2  *LockerType `json:"locker_type"`
		Type3  *LockerType `json:"type"`
		Counts *countsWire `json:"lockerAvailability"`
		Count2 *countsWire `json:"locker_availability"`
	}
	var w struct {
		item
		ByType  []item `json:"byType"`
		ByType2 []item `json:"by_type"`
	}
	b = bytes.TrimSpace(b)
	bare := len(b) > 0 && b[0] == '['
	var err error
	if bare {
		err = json.Unmarshal(b, &w.ByType)
	} else {
		err = json.Unmarshal(b, &w)
	}
	if err != nil {
		return err
	}
	*a = Availability{}
	for _, i := range append(w.ByType, w.ByType2...) {
		t := TypeAvailability{}
		if kind := cmp.Or(i.Type, i.Type2, i.Type3); kind != nil {
			t.Type = *kind
		}
		var ok bool
		if t.Available, t.Total, ok = cmp.Or(i.Counts, i.Count2, &i.countsWire).counts(); !ok {
			return &transport.ShapeError{Reason: "an availability has no count"}
		}
		a.ByType = append(a.ByType, t)
	}
	var ok bool
	if a.Available, a.Total, ok = cmp.Or(w.Counts, w.Count2, &w.countsWire).counts(); ok {
		return nil
	}
	if len(a.ByType) == 0 && !bare {
		return &transport.ShapeError{Reason: "an availability has no count"}
	}
	for _, t := range a.ByType {
		a.Available += t.Available
		a.Total += t.Total
	}
	return nil
}
