package main

import (
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
)

// view is a delivery as the app is shown it. What the store keeps besides is not the
// app's business.
type view struct {
	Reference string         `json:"reference"`
	Phase     delivery.Phase `json:"phase"`
	Why       string         `json:"why,omitempty"` // it is in doubt, expired or was called off
	Can       []string       `json:"can"`           // of dropoff, pickup and cancel
	Locker    *lockerView    `json:"locker"`        // null: none was found yet
	HeldUntil *time.Time     `json:"held_until"`    // end of the reservation; null: none
	CreatedAt time.Time      `json:"created_at"`
	StoredAt  *time.Time     `json:"stored_at"`
	EndedAt   *time.Time     `json:"ended_at"`
	History   []entryView    `json:"history"` // oldest first
}

type lockerView struct {
	Tower  harbor.TowerID  `json:"tower"`
	Locker harbor.LockerID `json:"locker"`
	Door   string          `json:"door"` // painted on it
	Type   string          `json:"type"`
	Low    bool            `json:"low"`
}

type entryView struct {
	At    time.Time      `json:"at"`
	Event delivery.Event `json:"event"`
	From  delivery.Phase `json:"from"`
	To    delivery.Phase `json:"to"`
}

// doable says in which phases what can be asked for.
var doable = []struct {
	name string
	in   []delivery.Phase
}{
	{"dropoff", []delivery.Phase{delivery.PhaseReserved, delivery.PhaseRented, delivery.PhaseStored}},
	{"pickup", []delivery.Phase{delivery.PhaseStored}},
	{"cancel", []delivery.Phase{delivery.PhaseSearching, delivery.PhaseReserved, delivery.PhaseRented}},
}

func viewOf(d *delivery.Delivery) view {
	v := view{
		Reference: d.Reference, Phase: d.Phase, Why: d.Why, Can: []string{}, CreatedAt: d.CreatedAt,
		StoredAt: instant(d.StoredAt), EndedAt: instant(d.EndedAt), History: []entryView{},
	}
	if d.Phase == delivery.PhaseReserved {
		v.HeldUntil = instant(d.HeldUntil)
	}
	for _, can := range doable {
		if slices.Contains(can.in, d.Phase) {
			v.Can = append(v.Can, can.name)
		}
	}
	if l := d.Locker; l != nil {
		v.Locker = &lockerView{l.Ref.Tower, l.Ref.Locker, l.Name, l.Type, l.Low}
	}
	for _, e := range d.History {
		v.History = append(v.History, entryView{e.At, e.Event, e.From, e.To})
	}
	return v
}
