package harbortest

import (
	"fmt"
	"math"
	"strconv"

	"github.com/lockerline/lockerline-go/harbor"
)

// Location is a site with towers.
type Location struct {
	ID          harbor.LocationID  `json:"id"`
	Name        string             `json:"name"`
	Lat         *float64           `json:"lat"` // degrees; nil with Lon when Harbor does not know them
	Lon         *float64           `json:"lon"`
	Description *string            `json:"description"`
	Address1    string             `json:"address1"`
	Address2    *string            `json:"address2"`
	City        string             `json:"city"`
	State       string             `json:"state"`
	Zip         string             `json:"zip"`
	Country     string             `json:"country"`
	Notes       *string            `json:"notes"`
	AccessHours map[string][]Hours `json:"accessHours"` // by lower-case English weekday; nil: null
	Timezone    *string            `json:"timezone"`
	Owner       string             `json:"-"` // client id of the provider that owns the site, for ownedByMe; may be empty
	Towers      []Tower            `json:"-"`
}

// Hours are a span of a day, as "08:00:00".
type Hours struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// Tower is a board of lockers.
type Tower struct {
	ID      harbor.TowerID // 16 hexadecimal digits
	Name    string
	Keypad  bool
	Lockers []Locker
}

// Locker is one compartment. Its id must be unique among all locations.
type Locker struct {
	ID   harbor.LockerID
	Name string // the number on the door, which is not the id
	Type LockerType
	Low  bool // reachable from a wheelchair
	// Status is the first status; empty means available. Reserved, rented, occupied and
	// released need an Owner, and do not expire.
	Status harbor.LockerStatus
	Owner  string // client id of the provider that has it
}

// LockerType is a size of locker.
type LockerType struct {
	ID          harbor.LockerTypeID `json:"id"`
	Name        string              `json:"name"`
	Description *string             `json:"description"`
}

// checkLocations returns all that is wrong with the locations.
func checkLocations(locations []Location, isProvider func(string) bool) (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	places, towers, lockers := map[harbor.LocationID]bool{}, map[harbor.TowerID]bool{}, map[harbor.LockerID]bool{}
	types := map[harbor.LockerTypeID]string{}
	for _, loc := range locations {
		if places[loc.ID] {
			fault("location %d is there twice", loc.ID)
		}
		places[loc.ID] = true
		if (loc.Lat == nil) != (loc.Lon == nil) || !within(loc.Lat, 90) || !within(loc.Lon, 180) {
			fault("location %d needs a latitude and a longitude, or neither", loc.ID)
		}
		for _, t := range loc.Towers {
			if id := t.ID.Normalize(); !id.Valid() || towers[id] {
				fault("tower %q is not 16 hexadecimal digits, or is there twice", t.ID)
			}
			towers[t.ID.Normalize()] = true
			for _, l := range t.Lockers {
				if lockers[l.ID] || l.ID <= 0 || l.ID > math.MaxUint32 {
					fault("locker %d is not a positive 32-bit number, or is there twice", l.ID)
				}
				lockers[l.ID] = true
				if name, ok := types[l.Type.ID]; ok && name != l.Type.Name {
					fault("locker type %d is both %q and %q", l.Type.ID, name, l.Type.Name)
				}
				types[l.Type.ID] = l.Type.Name
				if l.Status != "" && !l.Status.Known() {
					fault("locker %d starts in unknown status %q", l.ID, l.Status)
				}
				if owned(l.Status) != (l.Owner != "") || (l.Owner != "" && !isProvider(l.Owner)) {
					fault("locker %d needs an owner that is a provider exactly when it is reserved, rented, occupied or released", l.ID)
				}
			}
		}
	}
	return faults
}

func within(v *float64, limit float64) bool { return v == nil || (*v >= -limit && *v <= limit) }

// owned reports whether a locker in the status belongs to a provider.
func owned(s harbor.LockerStatus) bool {
	switch s {
	case harbor.LockerStatusReserved, harbor.LockerStatusRented, harbor.LockerStatusOccupied, harbor.LockerStatusReleased:
		return true
	}
	return false
}

// The sizes of DefaultLocations, from small to large.
var defaultTypes = [...]LockerType{
	{ID: 1, Name: "small"}, {ID: 2, Name: "medium"}, {ID: 3, Name: "large"}, {ID: 4, Name: "x-large"},
}

// DefaultLocations returns the locations of a server without WithLocations: five places in
// and around Los Angeles with five towers and sixty lockers of four sizes. Three places lie
// within 34,-118 and 35,-119. The locations are invented; their oddities (a stray space, no
// coordinates, no access hours) are those of real data. NeighbourClientID has some of the
// lockers.
func DefaultLocations() []Location {
	tz, notes := "America/Los_Angeles", "Beside the parking pay station"
	legacy := "PST8PDT"
	at := func(v float64) *float64 { return &v }
	always := map[string][]Hours{
		"monday": {}, "tuesday": {}, "wednesday": {}, "thursday": {}, "friday": {}, "saturday": {}, "sunday": {},
	}
	shop := map[string][]Hours{"saturday": {}, "sunday": {}}
	for _, day := range []string{"monday", "tuesday", "wednesday", "thursday", "friday"} {
		shop[day] = []Hours{{Start: "08:00:00", End: "20:00:00"}}
	}
	return []Location{
		{
			ID: 329, Name: "Grand Park Garage ", Lat: at(34.0561), Lon: at(-118.2468),
			Address1: "100 Example Avenue", City: "Los Angeles", State: "California", Zip: "90012",
			Country: "United States", Notes: &notes, AccessHours: always, Timezone: &tz,
			Towers: []Tower{defaultTower(0x175, 948), defaultTower(0x176, 960)},
		},
		{
			ID: 330, Name: "Arroyo Market", Lat: at(34.1478), Lon: at(-118.1445),
			Address1: "22 Sample Street", City: "Pasadena", State: "California", Zip: "91101",
			Country: "United States", AccessHours: shop, Timezone: &tz, Owner: NeighbourClientID,
			Towers: []Tower{defaultTower(0x1a3, 972)},
		},
		{
			ID: 363, Name: "Burbank Station", Lat: at(34.1783), Lon: at(-118.3115),
			Address1: "201 Placeholder Way", City: "Burbank", State: "California", Zip: "91502",
			Country: "United States", Timezone: &legacy,
			Towers: []Tower{defaultTower(0x2f, 984)},
		},
		{
			ID: 364, Name: "Harbor Front", Lat: at(33.7683), Lon: at(-118.1956),
			Address1: "1 Demonstration Pier", City: "Long Beach", State: "California", Zip: "90802",
			Country: "United States", AccessHours: always, Timezone: &tz,
			Towers: []Tower{defaultTower(0x14, 996)},
		},
		{
			ID: 402, Name: "Not placed yet", Address1: "", City: "Los Angeles", Country: "United States",
		},
	}
}

// defaultTower has twelve lockers: five small, three medium, two large and two x-large.
func defaultTower(number int, firstLocker harbor.LockerID) Tower {
	sizes := [...]int{0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3}
	taken := map[int]harbor.LockerStatus{
		1: harbor.LockerStatusOccupied, 4: harbor.LockerStatusReserved, 6: harbor.LockerStatusRented, 8: harbor.LockerStatusOccupied,
	}
	if number == 0x176 {
		taken[10], taken[11] = harbor.LockerStatusOccupied, harbor.LockerStatusOutOfService
	}
	t := Tower{
		ID:     harbor.TowerID(fmt.Sprintf("01%014x", number)),
		Name:   "Tower " + strconv.Itoa(number),
		Keypad: number%2 == 1,
	}
	for i, size := range sizes {
		l := Locker{
			ID: firstLocker + harbor.LockerID(i), Name: strconv.Itoa(i + 1), Type: defaultTypes[size],
			Low: i%4 == 3, Status: taken[i],
		}
		if owned(l.Status) {
			l.Owner = NeighbourClientID
		}
		t.Lockers = append(t.Lockers, l)
	}
	return t
}
