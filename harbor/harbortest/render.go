package harbortest

import (
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// The models as they go over the wire.

type lockerJSON struct {
	ID         harbor.LockerID `json:"id"`
	Name       string          `json:"name"`
	Low        bool            `json:"isLowLocker"`
	TowerID    string          `json:"towerId"`
	Status     statusJSON      `json:"status"`
	Type       typeJSON        `json:"type"`
	AccessMode string          `json:"accessMode,omitempty"`
}

type statusJSON struct {
	Name string `json:"name"`
	ID   int    `json:"id"`
}

type typeJSON struct {
	ID          harbor.LockerTypeID `json:"id"`
	Name        string              `json:"name"`
	Description *string             `json:"description"`
}

type locationJSON struct {
	ID          harbor.LocationID  `json:"id"`
	Name        string             `json:"name"`
	Lat         *float64           `json:"lat"`
	Lon         *float64           `json:"lon"`
	Description *string            `json:"description"`
	Address1    string             `json:"address1"`
	Address2    *string            `json:"address2"`
	City        string             `json:"city"`
	State       string             `json:"state"`
	Zip         string             `json:"zip"`
	Country     string             `json:"country"`
	Notes       *string            `json:"notes"`
	AccessHours map[string][]Hours `json:"accessHours"`
	Timezone    *string            `json:"timezone"`
}

type availabilityJSON struct {
	Lockers countJSON       `json:"lockerAvailability"`
	ByType  []typeCountJSON `json:"byType"`
}

type countJSON struct {
	Available int `json:"availableLockers"`
	Total     int `json:"totalLockers"`
}

type typeCountJSON struct {
	Type    typeNameJSON `json:"lockerType"`
	Lockers countJSON    `json:"lockerAvailability"`
}

type typeNameJSON struct {
	ID   harbor.LockerTypeID `json:"id"`
	Name string              `json:"name"`
}

func (q Quirks) statusName(s harbor.LockerStatus) string {
	if name, there := q.StatusNames[s]; there {
		return name
	}
	return string(s)
}

func (q Quirks) towerID(id harbor.TowerID) string {
	if q.UpperCaseTowerIDs {
		return strings.ToUpper(string(id))
	}
	return string(id)
}

const (
	zoned    = "2006-01-02T15:04:05.000000+00:00"
	zoneless = "2006-01-02T15:04:05"
)

func (q Quirks) time(t time.Time) string {
	if q.ZonelessTimes {
		return t.UTC().Format(zoneless)
	}
	return t.UTC().Format(zoned)
}

func (w *world) locker(l *locker) lockerJSON {
	mode := "public"
	if w.quirks.NoAccessMode {
		mode = ""
	}
	return lockerJSON{
		ID: l.ID, Name: l.Name, Low: l.Low, TowerID: w.quirks.towerID(l.tower.id),
		// Only available being 1 is documented.
		Status:     statusJSON{w.quirks.statusName(l.status), slices.Index(harbor.LockerStatuses(), l.status) + 1},
		Type:       typeJSON(l.Type),
		AccessMode: mode,
	}
}

func (w *world) lockerList(ls []*locker) []lockerJSON {
	out := make([]lockerJSON, len(ls))
	for i, l := range ls {
		out[i] = w.locker(l)
	}
	return out
}

func (st *site) json() locationJSON {
	return locationJSON{
		st.ID, st.Name, st.Lat, st.Lon, st.Description, st.Address1, st.Address2, st.City, st.State,
		st.Zip, st.Country, st.Notes, st.AccessHours, st.Timezone,
	}
}

func availability(ls []*locker) availabilityJSON {
	out := availabilityJSON{ByType: []typeCountJSON{}}
	for _, l := range ls {
		i := slices.IndexFunc(out.ByType, func(t typeCountJSON) bool { return t.Type.ID == l.Type.ID })
		if i < 0 {
			i = len(out.ByType)
			out.ByType = append(out.ByType, typeCountJSON{Type: typeNameJSON{l.Type.ID, l.Type.Name}})
		}
		counts := [...]*countJSON{&out.Lockers, &out.ByType[i].Lockers}
		for _, n := range counts {
			n.Total++
			if l.status == harbor.StatusAvailable {
				n.Available++
			}
		}
	}
	return out
}
