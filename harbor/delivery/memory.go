package delivery

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// MemoryStore keeps deliveries in this process: for tests, demonstrations, and whoever
// can lose them with it.
type MemoryStore struct {
	mu     sync.Mutex
	byRef  map[string]*Delivery
	claims map[harbor.LockerRef]string
	had    map[harbor.LockerRef][]string // references, the latest change last
	due    map[string]time.Time
}

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{
		byRef: map[string]*Delivery{}, claims: map[harbor.LockerRef]string{},
		had: map[harbor.LockerRef][]string{}, due: map[string]time.Time{},
	}
}

var _ Store = (*MemoryStore)(nil)

// Create implements Store.
func (s *MemoryStore) Create(ctx context.Context, d *Delivery) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byRef[d.Reference] != nil {
		return ErrReferenceTaken
	}
	if err := s.claimable(d); err != nil {
		return err
	}
	d.Version = 1
	s.put(d)
	return nil
}

// Get implements Store.
func (s *MemoryStore) Get(ctx context.Context, reference string) (*Delivery, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.byRef[reference]
	if d == nil {
		return nil, ErrNotFound
	}
	return d.Clone(), nil
}

// Update implements Store.
func (s *MemoryStore) Update(ctx context.Context, d *Delivery) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.byRef[d.Reference]
	switch {
	case old == nil:
		return ErrNotFound
	case old.Version != d.Version:
		return ErrStale
	}
	if err := s.claimable(d); err != nil {
		return err
	}
	if ref, ok := old.claim(); ok {
		delete(s.claims, ref)
	}
	d.Version++
	s.put(d)
	return nil
}

func (s *MemoryStore) claimable(d *Delivery) error {
	if ref, ok := d.claim(); ok && s.claims[ref] != "" && s.claims[ref] != d.Reference {
		return ErrLockerClaimed
	}
	return nil
}

// put takes a copy in. The lock is held.
func (s *MemoryStore) put(d *Delivery) {
	c := d.Clone()
	s.byRef[d.Reference] = c
	if ref, ok := c.claim(); ok {
		s.claims[ref] = c.Reference
	}
	if c.Locker != nil {
		had := slices.DeleteFunc(s.had[c.Locker.Ref], func(r string) bool {
			o := s.byRef[r]
			return r == c.Reference || o == nil || o.Locker == nil || o.Locker.Ref != c.Locker.Ref
		})
		had = append(had, c.Reference)
		// Of those without a claim only the last few are ever asked for.
		s.had[c.Locker.Ref] = had[max(0, len(had)-lastAtLocker-1):]
	}
	if c.DueAt.IsZero() {
		delete(s.due, c.Reference)
	} else {
		s.due[c.Reference] = c.DueAt
	}
}

// lastAtLocker is how many deliveries without a claim At returns.
const lastAtLocker = 3

// claim is the locker that is claimed, false when none is.
func (d *Delivery) claim() (harbor.LockerRef, bool) {
	if !d.Claims || d.Locker == nil {
		return harbor.LockerRef{}, false
	}
	return d.Locker.Ref, true
}

// At implements Store.
func (s *MemoryStore) At(ctx context.Context, ref harbor.LockerRef) ([]*Delivery, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*Delivery
	claimant := s.byRef[s.claims[ref]]
	if claimant != nil {
		out = append(out, claimant.Clone())
	}
	others := 0
	for _, r := range slices.Backward(s.had[ref]) {
		d := s.byRef[r]
		if d != nil && d != claimant && d.Locker != nil && d.Locker.Ref == ref && others < lastAtLocker {
			out = append(out, d.Clone())
			others++
		}
	}
	return out, nil
}

// List implements Store.
func (s *MemoryStore) List(ctx context.Context, f Filter) ([]*Delivery, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var refs []string
	for r, d := range s.byRef {
		if r > f.After && f.takes(d) {
			refs = append(refs, r)
		}
	}
	slices.Sort(refs)
	refs = refs[:min(len(refs), f.Max())]
	out := make([]*Delivery, len(refs))
	for i, r := range refs {
		out[i] = s.byRef[r].Clone()
	}
	return out, nil
}

func (f Filter) takes(d *Delivery) bool {
	return (!f.Open || !d.Phase.Ended()) && (len(f.Phases) == 0 || slices.Contains(f.Phases, d.Phase))
}

// Due implements Store.
func (s *MemoryStore) Due(ctx context.Context, now time.Time, limit int) ([]*Delivery, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var refs []string
	for r, at := range s.due {
		if !at.After(now) {
			refs = append(refs, r)
		}
	}
	slices.SortFunc(refs, func(a, b string) int {
		return cmp.Or(s.due[a].Compare(s.due[b]), cmp.Compare(a, b))
	})
	refs = refs[:min(len(refs), max(limit, 0))]
	out := make([]*Delivery, len(refs))
	for i, r := range refs {
		out[i] = s.byRef[r].Clone()
	}
	return out, nil
}

// Count implements Store.
func (s *MemoryStore) Count(ctx context.Context) (map[Phase]int, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := map[Phase]int{}
	for _, d := range s.byRef {
		if !d.Phase.Ended() {
			n[d.Phase]++
		}
	}
	return n, nil
}

// Prune implements Store.
func (s *MemoryStore) Prune(ctx context.Context, endedBefore time.Time) (int, error) {
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.byRef)
	maps.DeleteFunc(s.byRef, func(r string, d *Delivery) bool {
		gone := d.Phase.Ended() && d.EndedAt.Before(endedBefore) && !d.Claims && len(d.Outbox) == 0
		if gone {
			delete(s.due, r)
		}
		return gone
	})
	return before - len(s.byRef), nil
}
