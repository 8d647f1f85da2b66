package delivery

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// MemoryStore keeps deliveries in this process: for tests, demonstrations, and programs
// that can lose them with it.
type MemoryStore struct {
	mu   sync.Mutex
	rows map[string]Row
	at   map[string][]string // references by locker
}

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{rows: map[string]Row{}, at: map[string][]string{}}
}

var _ Store = (*MemoryStore)(nil)

// locked runs fn with the lock held, unless ctx is over.
func locked[T any](ctx context.Context, s *MemoryStore, fn func() (T, error)) (none T, err error) {
	if err := context.Cause(ctx); err != nil {
		return none, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return fn()
}

// Create implements Store.
func (s *MemoryStore) Create(ctx context.Context, r Row) error {
	return s.write(ctx, r, func(_ Row, there bool) error {
		if there {
			return ErrReferenceTaken
		}
		return nil
	})
}

// Update implements Store.
func (s *MemoryStore) Update(ctx context.Context, r Row) error {
	return s.write(ctx, r, func(old Row, there bool) error {
		switch {
		case !there:
			return ErrNotFound
		case old.Version != r.Version-1:
			return ErrStale
		}
		return nil
	})
}

// write stores a row unless refuse says why not.
func (s *MemoryStore) write(ctx context.Context, r Row, refuse func(old Row, there bool) error) error {
	_, err := locked(ctx, s, func() (Row, error) {
		old, there := s.rows[r.Reference]
		if err := refuse(old, there); err != nil {
			return old, err
		}
		for _, other := range s.at[r.Locker] {
			if r.Claim && other != r.Reference && s.rows[other].Claim {
				return old, ErrLockerClaimed
			}
		}
		s.forget(old)
		if r.Locker != "" {
			s.at[r.Locker] = append(s.at[r.Locker], r.Reference)
		}
		s.rows[r.Reference] = ownRow(r)
		return old, nil
	})
	return err
}

// forget takes a row out of the index by lockers. The lock is held.
func (s *MemoryStore) forget(r Row) {
	left := slices.DeleteFunc(s.at[r.Locker], func(reference string) bool { return reference == r.Reference })
	if s.at[r.Locker] = left; len(left) == 0 {
		delete(s.at, r.Locker)
	}
}

func ownRow(r Row) Row {
	r.Data = bytes.Clone(r.Data)
	return r
}

// Get implements Store.
func (s *MemoryStore) Get(ctx context.Context, reference string) (Row, error) {
	return locked(ctx, s, func() (Row, error) {
		if r, there := s.rows[reference]; there {
			return ownRow(r), nil
		}
		return Row{}, ErrNotFound
	})
}

// At implements Store.
func (s *MemoryStore) At(ctx context.Context, locker string) ([]Row, error) {
	return locked(ctx, s, func() (claimed []Row, _ error) {
		var others []Row
		for _, reference := range s.at[locker] {
			if r := s.rows[reference]; r.Claim {
				claimed = append(claimed, ownRow(r))
			} else {
				others = append(others, ownRow(r))
			}
		}
		slices.SortFunc(others, func(a, b Row) int {
			return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(a.Reference, b.Reference))
		})
		return append(claimed, others[:min(len(others), lastAtLocker)]...), nil
	})
}

// List implements Store.
func (s *MemoryStore) List(ctx context.Context, f Filter) ([]Row, error) {
	return s.choose(ctx, f.Max(), func(r Row) bool {
		return r.Reference > f.After && (!f.Open || !r.Phase.Ended()) && (len(f.Phases) == 0 || slices.Contains(f.Phases, r.Phase))
	}, func(a, b Row) int { return cmp.Compare(a.Reference, b.Reference) })
}

// Due implements Store.
func (s *MemoryStore) Due(ctx context.Context, now time.Time, limit int) ([]Row, error) {
	return s.choose(ctx, max(limit, 0), func(r Row) bool { return !r.DueAt.IsZero() && !r.DueAt.After(now) }, func(a, b Row) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.Reference, b.Reference))
	})
}

// choose returns the first rows that are wanted, in an order.
func (s *MemoryStore) choose(ctx context.Context, limit int, wanted func(Row) bool, order func(a, b Row) int) ([]Row, error) {
	return locked(ctx, s, func() (rows []Row, _ error) {
		for _, r := range s.rows {
			if wanted(r) {
				rows = append(rows, r)
			}
		}
		slices.SortFunc(rows, order)
		rows = rows[:min(len(rows), limit)]
		for i := range rows {
			rows[i] = ownRow(rows[i])
		}
		return rows, nil
	})
}

// Count implements Store.
func (s *MemoryStore) Count(ctx context.Context) (map[Phase]int, error) {
	return locked(ctx, s, func() (map[Phase]int, error) {
		n := map[Phase]int{}
		for _, r := range s.rows {
			if !r.Phase.Ended() {
				n[r.Phase]++
			}
		}
		return n, nil
	})
}

// Prune implements Store.
func (s *MemoryStore) Prune(ctx context.Context, endedBefore time.Time) (int, error) {
	return locked(ctx, s, func() (int, error) {
		before := len(s.rows)
		maps.DeleteFunc(s.rows, func(_ string, r Row) bool {
			gone := !r.EndedAt.IsZero() && r.EndedAt.Before(endedBefore) && !r.Claim && !r.Owes
			if gone {
				s.forget(r)
			}
			return gone
		})
		return before - len(s.rows), nil
	})
}
