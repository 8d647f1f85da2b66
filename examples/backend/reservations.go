package main

import (
	"context"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// maxReservations bounds what is remembered, as the sender does not limit it.
const maxReservations = 10_000

// reservations remembers the newest change of each reservation. A partner would update
// its order here.
type reservations struct {
	mu    sync.Mutex
	known map[string]reservation
	order []string // as they first came
}

// reservation is what the app is told of one.
type reservation struct {
	ID        string            `json:"reservation_id"`
	Status    callbacks.Status  `json:"status"`
	Meaning   callbacks.Meaning `json:"meaning"`
	ChangedAt time.Time         `json:"changed_at"`
}

func newReservations() *reservations { return &reservations{known: map[string]reservation{}} }

// handle bears being called twice, and a late change undoes nothing.
func (r *reservations) handle(_ context.Context, c callbacks.ReservationChange) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	old, ok := r.known[c.ReservationID]
	switch {
	case ok && c.ChangeTime.Before(old.ChangedAt):
		return nil
	case !ok && len(r.order) == maxReservations:
		delete(r.known, r.order[0])
		r.order = r.order[1:]
		fallthrough
	case !ok:
		r.order = append(r.order, c.ReservationID)
	}
	r.known[c.ReservationID] = reservation{c.ReservationID, c.EffectiveStatus(), c.Meaning(), c.ChangeTime}
	return nil
}

func (r *reservations) get(id string) (reservation, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.known[id]
	return known, ok
}
