package harbor

import (
	"bytes"
	"cmp"
	"encoding/json"

	"github.com/lockerline/lockerline-go/internal/wire"
)

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
