package delivery

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// view is what one look at Harbor found out.
type view struct {
	asked    time.Time // before anything was asked
	assigned []harbor.Locker
	listed   map[harbor.LockerID]*harbor.Locker // assigned: no two lockers of Harbor have the same number
	seen     map[harbor.LockerRef]observation   // what a tower alone proved
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

// observation is what was found out about a delivery's locker: in whose hands, and how. A
// row of the table of conclusions takes several.
type observation uint16

const (
	observedReserved     observation = 1 << iota // by us
	observedRented                               // by us
	observedOccupied                             // by us
	observedReleased                             // given up, but the tower has not heard of it
	observedAvailable                            // free
	observedTaken                                // reserved, rented or occupied, and not by us
	observedOutOfService                         // out of service
	observedMissing                              // its tower does not know it
	observedNothing      observation = 0         // a status that says nothing

	// canGiveBack are the observations of a locker that can be given back.
	canGiveBack = observedReserved | observedRented
)

// ours is what a status means for a locker in our list, others for one that is not.
var ours, others = map[harbor.LockerStatus]observation{
	harbor.LockerStatusReserved: observedReserved, harbor.LockerStatusRented: observedRented,
	harbor.LockerStatusOccupied: observedOccupied, harbor.LockerStatusReleased: observedReleased,
	harbor.LockerStatusOutOfService: observedOutOfService, // available and in the list: one of the two is old
}, map[harbor.LockerStatus]observation{
	harbor.LockerStatusReserved: observedTaken, harbor.LockerStatusRented: observedTaken,
	harbor.LockerStatusOccupied: observedTaken, harbor.LockerStatusReleased: observedReleased,
	harbor.LockerStatusOutOfService: observedOutOfService, harbor.LockerStatusAvailable: observedAvailable,
}

// look finds out about the lockers of deliveries. Of few it asks the towers first, and the
// list of our lockers only when a tower leaves something open; otherwise, or when the whole
// list is wanted, it asks for the list, and for the towers of what is not in it.
func (m *Manager) look(ctx context.Context, ds []*record, whole bool) (v *view, err error) {
	v = &view{asked: utcNow(), seen: map[harbor.LockerRef]observation{}, towers: map[harbor.TowerID]*towerAnswer{}}
	open := slices.DeleteFunc(slices.Clone(ds), func(d *record) bool { return d.Locker == nil })
	if !whole && len(open) <= fewLockers {
		m.askTowers(ctx, open, v)
		open = slices.DeleteFunc(open, func(d *record) bool {
			ref := d.lockerRef()
			s, proven := v.towers[ref.Tower].proves(d, ref.Locker)
			if proven {
				v.seen[ref] = s
			}
			return proven
		})
		if len(open) == 0 {
			return v, nil
		}
	}
	if v.assigned, err = m.client.Lockers.Assigned(ctx); err != nil {
		return nil, err
	}
	v.listed = make(map[harbor.LockerID]*harbor.Locker, len(v.assigned))
	for i := range v.assigned {
		v.listed[v.assigned[i].ID] = &v.assigned[i]
	}
	m.askTowers(ctx, slices.DeleteFunc(open, func(d *record) bool { return v.inList(d.lockerRef()) != nil }), v)
	return v, nil
}

// inList is a locker in our list, which may leave out towers; nil when it is not there.
func (v *view) inList(ref harbor.LockerRef) *harbor.Locker {
	if l := v.listed[ref.Locker]; l != nil && (l.Tower == "" || l.Tower == ref.Tower) {
		return l
	}
	return nil
}

// of returns what was observed of a delivery's locker, or why nothing could be.
func (v *view) of(d *record) (observation, error) {
	ref, ok := d.Ref()
	if !ok {
		return observedNothing, nil
	}
	if s, proven := v.seen[ref]; proven {
		return s, nil
	}
	if l := v.inList(ref); l != nil {
		return ours[l.Status], nil
	}
	answer := v.towers[ref.Tower]
	if answer == nil {
		return observedNothing, nil
	}
	if status, there := answer.status[ref.Locker]; there || answer.err != nil {
		return others[status], answer.err
	}
	return observedMissing, nil
}

// proves returns the observation that the tower's answer alone proves: the locker is free,
// given up or out of service, or Harbor's promise keeps it ours. A tower
// that does not answer, or does not know the locker, proves nothing.
func (a *towerAnswer) proves(d *record, locker harbor.LockerID) (observation, bool) {
	status, there := a.status[locker]
	if a.err != nil || !there {
		return observedNothing, false
	}
	if s := others[status]; s != observedTaken {
		return s, s != observedNothing
	}
	return ours[status], d.surelyOurs(status, utcNow())
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
func (m *Manager) askTowers(ctx context.Context, ds []*record, v *view) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, towersAtOnce)
	for _, d := range ds {
		tower := d.lockerRef().Tower
		if v.towers[tower] != nil {
			continue
		}
		answer := &towerAnswer{status: map[harbor.LockerID]harbor.LockerStatus{}}
		v.towers[tower] = answer
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			lockers, err := m.client.Towers.Lockers(ctx, tower)
			if !errors.Is(err, lockerline.ErrNotFound) {
				answer.err = err
			}
			for _, l := range lockers {
				answer.status[l.ID] = l.Status
			}
		})
	}
	wg.Wait()
}

// Finding is what became of one delivery.
type Finding struct {
	Reference string
	Outcome   Outcome
	From, To  Phase  // the same when nothing changed
	Why       string // as Delivery.Why
	// Err is why this one could not be settled, such as a tower that was not to be
	// reached; nil when it could. The outcome is then OutcomeOpen.
	Err error
}

// Outcome says how a delivery was settled.
type Outcome string

// The outcomes of a Finding.
const (
	// OutcomeAdopted had asked for a locker or a token without hearing, and has it.
	OutcomeAdopted Outcome = "adopted"
	// OutcomeReleased gave its locker back, or never got the one it had asked for.
	OutcomeReleased Outcome = "released"
	// OutcomeExpired ran out of time.
	OutcomeExpired Outcome = "expired"
	// OutcomeAdvanced is a parcel that was put in or taken out unseen.
	OutcomeAdvanced Outcome = "advanced"
	// OutcomeOpen is as it should be, or not known yet.
	OutcomeOpen Outcome = "open"
	// OutcomeInDoubt needs a person: Why says what for.
	OutcomeInDoubt Outcome = "in_doubt"
)

// outcomes are by the phase that a delivery came to.
var outcomes = map[Phase]Outcome{
	PhaseReserved: OutcomeAdopted, PhaseRented: OutcomeAdopted, PhaseStored: OutcomeAdvanced, PhaseCollected: OutcomeAdvanced,
	PhaseExpired: OutcomeExpired, PhaseCancelled: OutcomeReleased, PhaseReleasing: OutcomeOpen, PhaseSearching: OutcomeOpen,
}

// outcomeOf reads a delivery before and after.
func outcomeOf(before, after *record) Outcome {
	switch {
	case after.Phase == PhaseInDoubt:
		return OutcomeInDoubt
	case after.Phase != before.Phase:
		return outcomes[after.Phase]
	case before.Claimed && !after.Claimed:
		return OutcomeReleased
	}
	return OutcomeOpen
}
