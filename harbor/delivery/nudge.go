package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Nudge makes Run look at a locker at once, for instance because a webhook of Harbor told
// of it. One request goes to the locker's tower, whatever the number of nudges that come
// meanwhile; the whole list is asked for only when the tower's answer leaves open whose the
// locker is. It returns immediately. Without Run, and for a locker that no delivery knows,
// it does nothing.
func (m *Manager) Nudge(ref harbor.LockerRef) {
	ref.Tower = ref.Tower.Normalize()
	m.run.nudge(ref)
}

func (m *Manager) followNudges(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.run.nudges:
		}
		var wg sync.WaitGroup
		slots := make(chan struct{}, towersAtOnce)
		for tower, refs := range m.run.takeNudges() {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				m.lookNudged(ctx, tower, refs)
			})
		}
		wg.Wait()
	}
}

// lookNudged asks one tower. What goes wrong is looked at again with the next batch.
func (m *Manager) lookNudged(ctx context.Context, tower harbor.TowerID, refs []harbor.LockerRef) {
	var ds []*Delivery
	for _, ref := range refs {
		at, err := m.store.At(ctx, ref) // before the tower is asked
		switch {
		case err != nil:
			m.run.lookSoon(ref)
		case len(at) > 0 && at[0].Claims:
			ds = append(ds, at[0])
		case len(at) > 0 && at[0].read(seenOccupied) != nil:
			m.run.lookSoon(ref)
		}
	}
	if len(ds) == 0 {
		return
	}
	found, err := m.askTower(ctx, tower)
	for _, d := range ds {
		ref := about(d)
		if err != nil {
			m.run.lookSoon(ref)
			continue
		}
		status, there := found[ref.Locker]
		s := sightOf(status, false, there)
		if s == seenOthers {
			if !d.surelyOurs(status, utcNow()) {
				m.run.lookSoon(ref)
				continue
			}
			s = sightOf(status, true, true)
		}
		m.applyNudge(ctx, d, s)
	}
}

func (m *Manager) applyNudge(ctx context.Context, d *Delivery, s sight) {
	unlock, ok := m.locks.try(d)
	if !ok {
		return
	}
	defer unlock()
	if d.conclude(s, utcNow(), &m.cfg) && m.put(ctx, d) != nil {
		m.run.lookSoon(about(d))
	}
}

// surelyOurs reports whether nobody else can have the locker yet, by what Harbor promised:
// a reservation and a drop-off token keep it until they end, and a parcel until it is
// taken out. One that may have been taken out and is still occupied is left to the next
// tick: that it is another's already is not worth a list.
func (d *Delivery) surelyOurs(status harbor.LockerStatus, now time.Time) bool {
	switch d.Phase {
	case PhaseReserved:
		return d.Pending == nil && now.Before(d.HeldUntil) || d.Dropoff != nil && now.Before(d.Dropoff.ExpiresAt)
	case PhaseRented:
		return d.Dropoff != nil && now.Before(d.Dropoff.ExpiresAt)
	case PhaseStored:
		return d.Pickup == nil || status == harbor.StatusOccupied
	}
	return false
}
