package harbor

import (
	"bytes"
	"cmp"
	"encoding/json"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// Locker is one compartment as Harbor sees it (vendor page).
type Locker struct {
	ID         LockerID     `json:"id"`
	Name       string       `json:"name"`        // painted on the door, often a number; not the ID
	Tower      TowerID      `json:"towerId"`     // in lower case
	IsLow      bool         `json:"isLowLocker"` // can be reached from a wheelchair
	Status     LockerStatus `json:"-"`           // as ParseLockerStatus reads it; may lag behind the door
	StatusID   int64        `json:"-"`           // Harbor's number for it; only 1 (available) is known
	Type       LockerType   `json:"type"`
	AccessMode string       `json:"accessMode"` // such as "public"; empty in older answers
}

// LockerType is a size of locker (vendor page).
type LockerType struct {
	ID          LockerTypeID `json:"id"`
	Name        string       `json:"name"`        // "small", "medium", "large" and "x-large" were seen
	Description *string      `json:"description"` // nil when there is none
}

// Ref returns what the methods of LockersService name the locker by.
func (l Locker) Ref() LockerRef { return LockerRef{l.Tower, l.ID} }

// UnmarshalJSON reads a locker in either spelling of its keys. A locker without an id is
// refused.
func (l *Locker) UnmarshalJSON(b []byte) error {
	var w lockerWire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	out, err := w.locker()
	if err == nil {
		*l = out
	}
	return err
}

// MarshalJSON writes the locker as Harbor does, so that a stored one can be read again.
func (l Locker) MarshalJSON() ([]byte, error) {
	type plain Locker
	return json.Marshal(struct {
		plain
		Status map[string]any `json:"status"`
	}{plain(l), map[string]any{"name": l.Status, "id": l.StatusID}})
}

// UnmarshalJSON reads a type; its id may be text.
func (t *LockerType) UnmarshalJSON(b []byte) error {
	var w typeWire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*t = w.lockerType()
	return nil
}

// lockerWire is a locker in every form it may come in. It has no method of its own to
// decode by, so that a list of them is read in one go.
type lockerWire struct {
	ID          wire.Int    `json:"id"`
	LockerID    wire.Int    `json:"lockerId"`
	LockerID2   wire.Int    `json:"locker_id"`
	Name        wire.Text   `json:"name"`
	Tower       wire.Text   `json:"towerId"`
	Tower2      wire.Text   `json:"tower_id"`
	IsLow       *bool       `json:"isLowLocker"`
	IsLow2      *bool       `json:"is_low_locker"`
	Status      statusWire  `json:"status"`
	Type        typeWire    `json:"type"`
	Type2       *typeWire   `json:"lockerType"`
	Type3       *typeWire   `json:"locker_type"`
	AccessMode  wire.Text   `json:"accessMode"`
	AccessMode2 wire.Text   `json:"access_mode"`
	Nested      *lockerWire `json:"locker"` // beside its tower
	NestedTower *struct {
		ID wire.Text `json:"id"`
	} `json:"tower"`
}

func (w *lockerWire) locker() (Locker, error) {
	tower := cmp.Or(w.Tower, w.Tower2)
	if w.NestedTower != nil {
		tower = cmp.Or(tower, w.NestedTower.ID)
	}
	if w.Nested != nil {
		l, err := w.Nested.locker()
		l.Tower = cmp.Or(l.Tower, TowerID(tower.Value).Normalize())
		return l, err
	}
	id := first(w.ID, w.LockerID, w.LockerID2)
	if !id.Set {
		return Locker{}, &wire.ShapeError{Reason: "a locker has no id"}
	}
	kind := w.Type
	for _, other := range [...]*typeWire{w.Type2, w.Type3} {
		if kind == (typeWire{}) && other != nil {
			kind = *other
		}
	}
	return Locker{
		ID: LockerID(id.Value), Name: w.Name.Value, Tower: TowerID(tower.Value).Normalize(),
		IsLow: isTrue(w.IsLow, w.IsLow2), Status: w.Status.Status, StatusID: w.Status.ID,
		Type: kind.lockerType(), AccessMode: cmp.Or(w.AccessMode, w.AccessMode2).Value,
	}, nil
}

// lockerList is a list of lockers, bare or in an envelope.
type lockerList []Locker

func (l *lockerList) UnmarshalJSON(b []byte) error {
	var ws wire.List[lockerWire]
	if err := ws.UnmarshalJSON(b); err != nil {
		return err
	}
	out := make(lockerList, len(ws))
	for i := range ws {
		var err error
		if out[i], err = ws[i].locker(); err != nil {
			return err
		}
	}
	*l = out
	return nil
}

// typeWire is a type of locker in every form.
type typeWire struct {
	ID          wire.Int  `json:"id"`
	Name        wire.Text `json:"name"`
	DisplayName wire.Text `json:"displayName"`
	Description *string   `json:"description"`
}

func (w *typeWire) lockerType() LockerType {
	return LockerType{LockerTypeID(w.ID.Value), cmp.Or(w.Name, w.DisplayName).Value, w.Description}
}

// statusWire is a status as an object with a name and a number, or as plain text.
type statusWire struct {
	Status LockerStatus
	ID     int64
}

func (s *statusWire) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) > 0 && b[0] == '{' {
		var w struct {
			Name wire.Text `json:"name"`
			ID   wire.Int  `json:"id"`
		}
		if err := json.Unmarshal(b, &w); err != nil {
			return err
		}
		*s = statusWire{ParseLockerStatus(w.Name.Value), w.ID.Value}
		return nil
	}
	var name wire.Text
	if err := json.Unmarshal(b, &name); err != nil {
		return err
	}
	s.Status = ParseLockerStatus(name.Value)
	return nil
}

// first returns the first number that is there.
func first(ns ...wire.Int) wire.Int {
	for _, n := range ns {
		if n.Set {
			return n
		}
	}
	return wire.Int{}
}

func isTrue(vs ...*bool) bool {
	for _, v := range vs {
		if v != nil {
			return *v
		}
	}
	return false
}
