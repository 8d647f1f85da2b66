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
	seen     map[harbor.LockerRef]sight
	failed   map[harbor.LockerRef]error // what could not be looked up
}

func (v *view) of(d *Delivery) (sight, error) {
	ref, ok := d.Ref()
	if !ok {
		return seenNothing, nil
	}
	return v.seen[ref], v.failed[ref]
}

// towersAtOnce bounds how many towers are asked at a time.
const towersAtOnce = 8

// look asks for our lockers, and the towers about those of refs that are not among them.
func (m *Manager) look(ctx context.Context, refs []harbor.LockerRef) (*view, error) {
	v := &view{asked: utcNow(), seen: make(map[harbor.LockerRef]sight, len(refs)), failed: map[harbor.LockerRef]error{}}
	var err error
	if v.assigned, err = m.client.Lockers.Assigned(ctx); err != nil {
		return nil, err
	}
	listed := make(map[harbor.LockerID]*harbor.Locker, len(v.assigned))
	for i := range v.assigned {
		listed[v.assigned[i].ID] = &v.assigned[i]
	}
	missing := map[harbor.TowerID][]harbor.LockerRef{}
	for _, ref := range refs {
		// No two lockers of Harbor have the same number, and a list may leave out towers.
		if l := listed[ref.Locker]; l != nil && (l.Tower == ref.Tower || l.Tower == "") {
			l.Tower = ref.Tower
			v.seen[ref] = sightOf(l.Status, true, true)
		} else {
			missing[ref.Tower] = append(missing[ref.Tower], ref)
		}
	}
	m.askTowers(ctx, missing, v)
	return v, nil
}

func (m *Manager) askTowers(ctx context.Context, towers map[harbor.TowerID][]harbor.LockerRef, v *view) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, towersAtOnce)
	for tower, refs := range towers {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			found, err := m.askTower(ctx, tower)
			mu.Lock()
			defer mu.Unlock()
			for _, ref := range refs {
				if err != nil {
					v.failed[ref] = err
					continue
				}
				status, there := found[ref.Locker]
				v.seen[ref] = sightOf(status, false, there)
			}
		})
	}
	wg.Wait()
}

// askTower returns the statuses of a tower's lockers; none for a tower that is no more.
func (m *Manager) askTower(ctx context.Context, tower harbor.TowerID) (map[harbor.LockerID]harbor.LockerStatus, error) {
	lockers, err := m.client.Towers.Lockers(ctx, tower)
	if err != nil && !errors.Is(err, lockerline.ErrNotFound) {
		return nil, err
	}
	found := make(map[harbor.LockerID]harbor.LockerStatus, len(lockers))
	for _, l := range lockers {
		found[l.ID] = l.Status
	}
	return found, nil
}

// lookAt looks at the locker of one delivery.
func (m *Manager) lookAt(ctx context.Context, ref harbor.LockerRef) (sight, error) {
	v, err := m.look(ctx, []harbor.LockerRef{ref})
	if err != nil {
		return seenNothing, err
	}
	return v.seen[ref], v.failed[ref]
}
