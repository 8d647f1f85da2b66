package harbor

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go"
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
func (l Location) Position() (lockerline.LatLng, bool) {
	if l.Lat == nil || l.Lon == nil {
		return lockerline.LatLng{}, false
	}
	return lockerline.LatLng{Lat: *l.Lat, Lng: *l.Lon}, true
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

// UnmarshalJSON reads a location, alone or in an object beside its availability, whose
// place and shape are not documented: one that cannot be read is left out. A location
// without an id is refused.
func (l *Location) UnmarshalJSON(b []byte) error {
	var w locationWire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	out, err := w.location()
	if err == nil {
		*l = out
	}
	return err
}

// locationWire is a location in every form it may come in. It has no method of its own to
// decode by, so that a list of them is read in one go.
type locationWire struct {
	ID           wire.Int              `json:"id"`
	Name         wire.Text             `json:"name"`
	Lat          wire.Float            `json:"lat"`
	Lon          wire.Float            `json:"lon"`
	Description  *string               `json:"description"`
	Address1     wire.Text             `json:"address1"`
	Address2     *string               `json:"address2"`
	City         wire.Text             `json:"city"`
	State        wire.Text             `json:"state"`
	Zip          wire.Text             `json:"zip"`
	Country      wire.Text             `json:"country"`
	Notes        *string               `json:"notes"`
	AccessHours  *AccessHours          `json:"accessHours"`
	AccessHours2 *AccessHours          `json:"access_hours"`
	Timezone     *string               `json:"timezone"`
	Location     *locationWire         `json:"location"` // beside its availability
	Availability lenient[Availability] `json:"availability"`

	// An availability spread out among the keys of the location.
	Counts  lenient[countsWire]  `json:"lockerAvailability"`
	Counts2 lenient[countsWire]  `json:"locker_availability"`
	ByType  lenient[[]countItem] `json:"byType"`
	ByType2 lenient[[]countItem] `json:"by_type"`
	Free    lenient[int]         `json:"availableLockers"`
	Free2   lenient[int]         `json:"available_lockers"`
	Total   lenient[int]         `json:"totalLockers"`
	Total2  lenient[int]         `json:"total_lockers"`
}

// lenient is a value that is left out when it cannot be read.
type lenient[T any] struct{ value *T }

func (l *lenient[T]) UnmarshalJSON(b []byte) error {
	v := new(T)
	if string(b) != "null" && json.Unmarshal(b, v) == nil {
		l.value = v
	}
	return nil
}

// availability returns what is known of the free lockers; nil when nothing is.
func (w *locationWire) availability() *Availability {
	if w.Availability.value != nil {
		return w.Availability.value
	}
	all := countItem{Counts: w.Counts.value, Count2: w.Counts2.value}
	all.Available, all.Available2 = w.Free.value, w.Free2.value
	all.countsWire.Total, all.Total2 = w.Total.value, w.Total2.value
	var byType []countItem
	for _, l := range []*[]countItem{w.ByType.value, w.ByType2.value} {
		if l != nil {
			byType = append(byType, *l...)
		}
	}
	out := new(Availability)
	if out.gather(&all, byType, false) != nil {
		return nil
	}
	return out
}

func (w *locationWire) location() (Location, error) {
	available := w.availability()
	if !w.ID.Set && w.Location != nil {
		l, err := w.Location.location()
		l.Availability = cmp.Or(available, l.Availability)
		return l, err
	}
	if !w.ID.Set {
		return Location{}, &wire.ShapeError{Reason: "a location has no id"}
	}
	text := func(t wire.Text) string { return strings.TrimSpace(t.Value) }
	return Location{
		ID: LocationID(w.ID.Value), Name: text(w.Name), Lat: w.Lat.Ptr(), Lon: w.Lon.Ptr(), Description: w.Description,
		Address1: text(w.Address1), Address2: w.Address2, City: text(w.City), State: text(w.State), Zip: text(w.Zip),
		Country: text(w.Country), Notes: w.Notes, AccessHours: cmp.Or(w.AccessHours, w.AccessHours2),
		Timezone: w.Timezone, Availability: available,
	}, nil
}

// locationList is a list of locations, bare or in an envelope.
type locationList []Location

func (l *locationList) UnmarshalJSON(b []byte) error {
	var ws wire.List[locationWire]
	if err := ws.UnmarshalJSON(b); err != nil {
		return err
	}
	out := make(locationList, len(ws))
	for i := range ws {
		var err error
		if out[i], err = ws[i].location(); err != nil {
			return err
		}
	}
	*l = out
	return nil
}

// Availability says how many lockers are free, now or a moment ago: another client may be
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

// UnmarshalJSON reads an availability as observed, flat as MarshalJSON writes it, or as
// a bare list by type.
func (a *Availability) UnmarshalJSON(b []byte) error {
	var w struct {
		countItem
		ByType  []countItem `json:"byType"`
		ByType2 []countItem `json:"by_type"`
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
	return a.gather(&w.countItem, append(w.ByType, w.ByType2...), bare)
}

// countItem is the count of one size, or of all.
type countItem struct {
	countsWire
	Type   *LockerType `json:"lockerType"`
	Type2  *LockerType `json:"locker_type"`
	Type3  *LockerType `json:"type"`
	Counts *countsWire `json:"lockerAvailability"`
	Count2 *countsWire `json:"locker_availability"`
}

// gather makes an availability of the counts of all and of each size; bare says that
// there is no count of all.
func (a *Availability) gather(all *countItem, byType []countItem, bare bool) error {
	*a = Availability{}
	for _, i := range byType {
		t := TypeAvailability{}
		if kind := cmp.Or(i.Type, i.Type2, i.Type3); kind != nil {
			t.Type = *kind
		}
		var ok bool
		if t.Available, t.Total, ok = cmp.Or(i.Counts, i.Count2, &i.countsWire).counts(); !ok {
			return &wire.ShapeError{Reason: "an availability has no count"}
		}
		a.ByType = append(a.ByType, t)
	}
	var ok bool
	if a.Available, a.Total, ok = cmp.Or(all.Counts, all.Count2, &all.countsWire).counts(); ok {
		return nil
	}
	if len(a.ByType) == 0 && !bare {
		return &wire.ShapeError{Reason: "an availability has no count"}
	}
	for _, t := range a.ByType {
		a.Available += t.Available
		a.Total += t.Total
	}
	return nil
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
