package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/internal/wall"
)

// source is where the wall looks: Harbor's lockers, with our deliveries written on them.
// All towers are asked for now and then; in between only those of which something was
// heard, one request each.
type source struct {
	client     *harbor.Client
	deliveries interface {
		List(ctx context.Context, f delivery.Filter) ([]*delivery.Delivery, error)
	}
	places []harbor.LocationID // empty: the towers where open deliveries are
	every  time.Duration       // from one look at all to the next
	// tower tells what stands at a tower itself, which Harbor's API does not; nil but for
	// a simulated one.
	tower func(harbor.LockerRef) (harbortest.LockerView, bool)

	mu      sync.Mutex
	touched map[harbor.TowerID]bool

	// The wall looks one at a time, so what follows needs no lock.
	swept time.Time
	banks []bank
	names map[harbor.LocationID]string
}

// bank is the doors of a tower as they were seen last.
type bank struct {
	tower   harbor.TowerID
	place   string
	lockers []harbor.Locker
}

// touch has the next look ask for a tower.
func (s *source) touch(id harbor.TowerID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.touched == nil {
		s.touched = map[harbor.TowerID]bool{}
	}
	s.touched[id] = true
}

// Lockers implements wall.Source.
func (s *source) Lockers(ctx context.Context) ([]wall.Locker, error) {
	holders, err := s.holders(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	touched := s.touched
	s.touched = nil
	s.mu.Unlock()
	if s.swept.IsZero() || time.Since(s.swept) >= s.every || s.isNew(touched) {
		err = s.sweep(ctx, holders)
	} else {
		err = s.ask(ctx, touched)
	}
	if err != nil {
		s.swept = time.Time{} // what was touched is not forgotten
		return nil, err
	}
	var out []wall.Locker
	for _, b := range s.banks {
		for _, l := range b.lockers {
			out = append(out, s.door(l, b.place, holders[l.Ref()]))
		}
	}
	return out, nil
}

// isNew reports whether a tower came to those where our deliveries are.
func (s *source) isNew(touched map[harbor.TowerID]bool) bool {
	for id := range touched {
		if len(s.places) == 0 && !slices.ContainsFunc(s.banks, func(b bank) bool { return b.tower == id }) {
			return true
		}
	}
	return false
}

// door writes on a locker what we know besides.
func (s *source) door(l harbor.Locker, place string, holder *delivery.Delivery) wall.Locker {
	w := wall.FromHarbor(l, place)
	if holder != nil {
		w.Owner = fmt.Sprintf("%s (%s)", holder.Reference, holder.Phase)
		switch {
		case holder.Phase == delivery.PhaseReserved:
			w.Until = holder.HeldUntil
		case holder.Phase == delivery.PhaseRented && holder.Dropoff != nil:
			w.Until = holder.Dropoff.ExpiresAt
		}
	}
	if s.tower != nil {
		if v, ok := s.tower(l.Ref()); ok {
			w.DoorOpen, w.Full, w.Unsynced = v.DoorOpen, v.Full, v.Unsynced
		}
	}
	return w
}

// holders are the open deliveries by their lockers.
func (s *source) holders(ctx context.Context) (map[harbor.LockerRef]*delivery.Delivery, error) {
	held := map[harbor.LockerRef]*delivery.Delivery{}
	f := delivery.Filter{Open: true, Limit: 500}
	for {
		page, err := s.deliveries.List(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, d := range page {
			if ref, ok := d.Ref(); ok && d.Claimed {
				held[ref] = d
			}
			f.After = d.Reference
		}
		if len(page) < f.Max() {
			return held, nil
		}
	}
}

// sweep asks for everything.
func (s *source) sweep(ctx context.Context, holders map[harbor.LockerRef]*delivery.Delivery) error {
	var banks []bank
	for _, id := range s.places {
		lockers, err := s.client.Locations.Lockers(ctx, id)
		if err != nil {
			return err
		}
		place, err := s.place(ctx, id)
		if err != nil {
			return err
		}
		for _, l := range lockers {
			i := slices.IndexFunc(banks, func(b bank) bool { return b.tower == l.Tower })
			if i < 0 {
				i = len(banks)
				banks = append(banks, bank{tower: l.Tower, place: place})
			}
			banks[i].lockers = append(banks[i].lockers, l)
		}
	}
	if len(s.places) == 0 {
		towers := map[harbor.TowerID]bool{}
		for ref := range holders {
			towers[ref.Tower] = true
		}
		for id := range towers {
			banks = append(banks, bank{tower: id})
		}
		slices.SortFunc(banks, func(a, b bank) int { return strings.Compare(string(a.tower), string(b.tower)) })
		s.banks = banks
		if err := s.ask(ctx, towers); err != nil {
			return err
		}
	}
	s.banks, s.swept = banks, time.Now()
	return nil
}

// ask asks for some towers.
func (s *source) ask(ctx context.Context, towers map[harbor.TowerID]bool) error {
	for i, b := range s.banks {
		if !towers[b.tower] {
			continue
		}
		lockers, err := s.client.Towers.Lockers(ctx, b.tower)
		if err != nil {
			return err
		}
		s.banks[i].lockers = lockers
	}
	return nil
}

// place is the name of a location, which is asked for once.
func (s *source) place(ctx context.Context, id harbor.LocationID) (string, error) {
	if name, ok := s.names[id]; ok {
		return name, nil
	}
	l, err := s.client.Locations.Get(ctx, id)
	if err != nil {
		return "", err
	}
	if s.names == nil {
		s.names = map[harbor.LocationID]string{}
	}
	s.names[id] = l.Name
	return l.Name, nil
}
