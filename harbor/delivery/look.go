package delivery

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// view is what one look at Harbor found out.
type view struct {
	asked    time.Time // before anything was asked
	assigned []harbor.Locker
	seen     map[harbor.LockerRef]observation
	failed   map[harbor.LockerRef]error // what could not be looked up
	towers   map[harbor.TowerID]*towerAnswer
}

// towerAnswer is what a tower says of its lockers.
type towerAnswer struct {
	status map[harbor.LockerID]harbor.LockerStatus
	err    error
}

const (
	towersAtOnce = 8 // that are asked at a time
	fewLockers   = 8 // of so many the towers are asked before the list
)

// observation is what was found out about a delivery's locker: in whose hands, and how.
type observation string

const (
	observedReserved     observation = "reserved"    // by us
	observedRented       observation = "rented"      // by us
	observedOccupied     observation = "occupied"    // by us
	observedReleased     observation = "released"    // given up, but the tower has not heard of it
	observedAvailable    observation = "available"   // free
	observedTaken        observation = "another's"   // reserved, rented or occupied, and not by us
	observedOutOfService observation = "out_service" // out of service
	observedMissing      observation = "missing"     // its tower does not know it
	observedNothing      observation = ""            // a status that says nothing
)

// observe reads a status. Assigned says whether the locker is in our list; there whether
// its tower, or the list, has it at all.
func observe(status harbor.LockerStatus, assigned, there bool) observation {
	switch {
	case !there:
		return observedMissing
	case status == harbor.LockerStatusReleased:
		return observedReleased
	case status == harbor.LockerStatusOutOfService:
		return observedOutOfService
	case assigned:
		switch status {
		case harbor.LockerStatusReserved:
			return observedReserved
		case harbor.LockerStatusRented:
			return observedRented
		case harbor.LockerStatusOccupied:
			return observedOccupied
		}
		return observedNothing // in the list and available: one of the two is old
	case status == harbor.LockerStatusAvailable:
		return observedAvailable
	case status.Known():
		return observedTaken
	}
	return observedNothing
}

// look finds out about the lockers of deliveries. Of few it asks the towers first, and the
// list of our lockers only when a tower leaves something open; otherwise, or when the whole
// list is wanted, it asks for the list, and for the towers of what is not in it.
func (m *Manager) look(ctx context.Context, ds []*record, whole bool) (*view, error) {
	v := &view{
		asked: utcNow(), seen: make(map[harbor.LockerRef]observation, len(ds)), failed: map[harbor.LockerRef]error{},
		towers: map[harbor.TowerID]*towerAnswer{},
	}
	open := make([]harbor.LockerRef, 0, len(ds))
	for _, d := range ds {
		if ref, ok := d.claim(); ok {
			open = append(open, ref)
		}
	}
	if !whole && len(open) <= fewLockers {
		m.askTowers(ctx, open, v)
		open = open[:0]
		for _, d := range ds {
			ref, ok := d.claim()
			if !ok {
				continue
			}
			if s, proven := v.towers[ref.Tower].proves(d, ref.Locker); proven {
				v.seen[ref] = s
			} else {
				open = append(open, ref)
			}
		}
		if len(open) == 0 {
			return v, nil
		}
	}
	var err error
	if v.assigned, err = m.client.Lockers.Assigned(ctx); err != nil {
		return nil, err
	}
	listed := make(map[harbor.LockerID]*harbor.Locker, len(v.assigned))
	for i := range v.assigned {
		listed[v.assigned[i].ID] = &v.assigned[i]
	}
	missing := open[:0]
	for _, ref := range open {
		// No two lockers of Harbor have the same number, and a list may leave out towers.
		if l := listed[ref.Locker]; l != nil && (l.Tower == ref.Tower || l.Tower == "") {
			l.Tower = ref.Tower
			v.seen[ref] = observe(l.Status, true, true)
		} else {
			missing = append(missing, ref)
		}
	}
	m.askTowers(ctx, missing, v)
	for _, ref := range missing {
		answer := v.towers[ref.Tower]
		if v.failed[ref] = answer.err; answer.err == nil {
			status, there := answer.status[ref.Locker]
			v.seen[ref] = observe(status, false, there)
		}
	}
	return v, nil
}

func (v *view) of(d *record) (observation, error) {
	ref, ok := d.Ref()
	if !ok {
		return observedNothing, nil
	}
	return v.seen[ref], v.failed[ref]
}

// proves returns the observation that the tower's answer alone proves: the locker is free,
// given up or out of service, or Harbor's promise keeps it ours. A tower
// that does not answer, or does not know the locker, proves nothing.
func (a *towerAnswer) proves(d *record, locker harbor.LockerID) (observation, bool) {
	status, there := a.status[locker]
	if a.err != nil || !there {
		return observedNothing, false
	}
	switch s := observe(status, false, true); s {
	case observedAvailable, observedReleased, observedOutOfService:
		return s, true
	case observedTaken:
		return observe(status, true, true), d.surelyOurs(status, utcNow())
	}
	return observedNothing, false
}

// surelyOurs reports whether Harbor's promise keeps the locker ours: a reservation and a
// drop-off token keep it until they end, and a parcel until it is taken out. A locker whose
// parcel may have been taken out, and that is still occupied, is left to the next tick: that
// another provider has it already is not worth a list.
func (d *record) surelyOurs(status harbor.LockerStatus, now time.Time) bool {
	switch d.Phase {
	case PhaseReserved:
		return d.Pending == nil && now.Before(d.HeldUntil) || d.Dropoff != nil && now.Before(d.Dropoff.ExpiresAt)
	case PhaseRented:
		return d.Dropoff != nil && now.Before(d.Dropoff.ExpiresAt)
	case PhaseStored:
		return d.Pickup == nil || status == harbor.LockerStatusOccupied
	}
	return false
}

// askTowers asks the towers of lockers that have not been asked in this look. A tower that
// is no more has no lockers.
func (m *Manager) askTowers(ctx context.Context, refs []harbor.LockerRef, v *view) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, towersAtOnce)
	for _, ref := range refs {
		if v.towers[ref.Tower] != nil {
			continue
		}
		answer := &towerAnswer{status: map[harbor.LockerID]harbor.LockerStatus{}}
		v.towers[ref.Tower] = answer
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			lockers, err := m.client.Towers.Lockers(ctx, ref.Tower)
			if err != nil && !errors.Is(err, lockerline.ErrNotFound) {
				answer.err = err
			}
			for _, l := range lockers {
				answer.status[l.ID] = l.Status
			}
		})
	}
	wg.Wait()
}

// lookAt looks at the locker that a delivery claims.
func (m *Manager) lookAt(ctx context.Context, d *record) (observation, error) {
	v, err := m.look(ctx, []*record{d}, true)
	if err != nil {
		return observedNothing, err
	}
	return v.of(d)
}
