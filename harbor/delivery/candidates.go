package delivery

import (
	"cmp"
	"context"
	"hash/fnv"
	"iter"
	"slices"

	"github.com/lockerline/lockerline-go/harbor"
)

// candidates yields the lockers that will do, place by place, the best first. Among equals
// each delivery begins elsewhere, so that many who come at once are not in each other's
// way. What is free is advice: somebody may be faster.
func (m *Manager) candidates(ctx context.Context, r *Request) iter.Seq2[Locker, error] {
	return func(yield func(Locker, error) bool) {
		switch {
		case r.Tower != "":
			lockers, err := m.client.Towers.Lockers(ctx, r.Tower)
			yieldBest(r, lockers, err, yield)
		case r.Location != 0:
			lockers, err := m.client.Locations.Lockers(ctx, r.Location)
			yieldBest(r, lockers, err, yield)
		default:
			sites, err := m.client.Locations.InArea(ctx, *r.Area)
			if err != nil {
				yield(Locker{}, err)
				return
			}
			for _, s := range sites {
				if s.Availability != nil && s.Availability.Available == 0 {
					continue
				}
				lockers, err := m.client.Locations.Lockers(ctx, s.ID)
				if !yieldBest(r, lockers, err, yield) {
					return
				}
			}
		}
	}
}

// yieldBest yields the lockers of one place, and reports whether to go on to the next.
func yieldBest(r *Request, lockers []harbor.Locker, err error, yield func(Locker, error) bool) bool {
	if err != nil {
		yield(Locker{}, err)
		return false
	}
	type ranked struct {
		rank   int
		locker *harbor.Locker
	}
	var fit []ranked
	for i := range lockers {
		if rank, ok := r.rank(&lockers[i]); ok {
			fit = append(fit, ranked{rank, &lockers[i]})
		}
	}
	slices.SortStableFunc(fit, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	start := spread(r.Reference)
	for len(fit) > 0 {
		n := 1
		for n < len(fit) && fit[n].rank == fit[0].rank {
			n++
		}
		for i := range n {
			l := fit[(start+i)%n].locker
			if !yield(Locker{Ref: l.Ref(), Name: l.Name, Type: l.Type.Name, Low: l.IsLow}, nil) {
				return false
			}
		}
		fit = fit[n:]
	}
	return true
}

func spread(reference string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(reference)) // never fails
	return int(h.Sum32() >> 1)
}
