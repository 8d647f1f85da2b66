package harbortest

import (
	"errors"
	"fmt"
	"math"

	"github.com/lockerline/lockerline-go/harbor"
)

// Location is a site to be simulated.
type Location struct {
	ID          harbor.LocationID
	Name        string
	Lat, Lon    *float64 // nil when Harbor does not know where it is
	Description *string
	Address1    string
	Address2    *string
	City        string
	State       string
	Zip         string
	Country     string
	Notes       *string
	AccessHours map[string][]Hours // by lower-case English weekday; nil is null
	Timezone    *string
	Owner       string // client id of who owns the site, for ownedByMe; may be empty
	Towers      []Tower
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
	// Status is how it starts; empty means available. Reserved, rented, occupied and
	// released need an Owner, and stay so until somebody acts: no time runs out.
	Status harbor.LockerStatus
	Owner  string // client id of the provider who has it
}

// LockerType is a size of locker.
type LockerType struct {
	ID          harbor.LockerTypeID
	Name        string
	Description *string
}

func checkLocations(locations []Location, isProvider func(string) bool) error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("harbortest: "+format, args...))
	}
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
				fault("tower %q is no 16 hexadecimal digits, or is there twice", t.ID)
			}
			towers[t.ID.Normalize()] = true
			for _, l := range t.Lockers {
				if lockers[l.ID] || l.ID <= 0 || l.ID > math.MaxUint32 {
					fault("locker %d is no positive 32-bit number, or is there twice", l.ID)
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
	return errors.Join(faults...)
}

func within(v *float64, limit float64) bool { return v == nil || (*v >= -limit && *v <= limit) }

// owned reports whether a locker in the status belongs to somebody.
func owned(s harbor.LockerStatus) bool {
	switch s {
	case harbor.StatusReserved, harbor.StatusRented, harbor.StatusOccupied, harbor.StatusReleased:
		return true
	}
	return false
}
