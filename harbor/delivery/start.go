package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"reflect"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Start finds a free locker and reserves it. The delivery is stored before anything is
// asked of Harbor, and each locker before it is asked for.
//
// Safe to repeat, by Request.Reference: the same reference is the same delivery, whatever
// became of it, and never gets a second locker. So after a crash, or any error, call Start
// again with the same request: it goes on where the first left off. The same reference for
// something else is ErrDifferentRequest; a delivery that is over is ErrEnded, an *EndedError
// with the delivery in it.
//
// A locker that another provider was faster to take is passed over for the next one. When
// none is to be had the error matches harbor.ErrNoLockerAvailable: the delivery stays, and
// searches again when Start is called again, until it expires after 10 minutes. When an
// answer of Harbor was lost, the locker is looked up and asked for again only if it is still
// free; if that fails too, the error matches lockerline.ErrOutcomeUnknown or says why
// nothing could be looked up.
func (m *Manager) Start(ctx context.Context, r Request) (*Delivery, error) {
	r, err := r.normalize()
	if err != nil {
		return nil, err
	}
	unlock, err := m.locks.lock(ctx, r.Reference)
	if err != nil {
		return nil, failed("start", err)
	}
	defer unlock()
	d, err := m.create(ctx, r)
	if err != nil {
		return nil, failed("start", err)
	}
	if d, err = m.search(ctx, d); err == nil && d.Phase.Ended() {
		err = &EndedError{d.shown()}
	}
	return onlyIf(d, err)
}

// create stores a new delivery, or returns the one there is.
func (m *Manager) create(ctx context.Context, r Request) (*record, error) {
	now := utcNow()
	d := &record{Delivery: Delivery{Reference: r.Reference, Phase: PhaseSearching, Since: now, Request: r, CreatedAt: now, UpdatedAt: now}}
	d.DueAt = d.due(&m.cfg, now)
	err := m.records.Create(ctx, d)
	if !errors.Is(err, ErrReferenceTaken) {
		return d, err
	}
	if d, err = m.records.Get(ctx, r.Reference); err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(d.Request, r) {
		return nil, ErrDifferentRequest
	}
	return d, nil
}

// search goes on until the delivery has a locker or there is none.
func (m *Manager) search(ctx context.Context, d *record) (*record, error) {
	if d.Phase != PhaseSearching {
		return d, nil
	}
	if d.Claimed { // an earlier call asked for a locker and did not hear, or died
		next, err := m.take(ctx, d, true)
		if err != nil || next.Phase != PhaseSearching {
			return next, failed("start", err)
		}
		d = next
	}
	tried := 0
	for l, err := range m.candidates(ctx, &d.Request) {
		if err != nil {
			return d, failed("start", err)
		}
		next := d.clone()
		if err := next.choose(l, utcNow(), &m.cfg); err != nil {
			return d, failed("start", err)
		}
		err := m.put(ctx, next)
		if errors.Is(err, ErrLockerClaimed) && m.forget(ctx, l.Ref) {
			err = m.put(ctx, next)
		}
		switch {
		case errors.Is(err, ErrLockerClaimed):
			continue
		case errors.Is(err, ErrStale):
			// Another manager goes on with it, or ended it.
			d, err := m.records.Get(ctx, d.Reference)
			if err == nil && d.Phase == PhaseSearching {
				err = fmt.Errorf("another process is at it; call Start again: %w", ErrStale)
			}
			return d, failed("start", err)
		case err != nil:
			return d, failed("start", err)
		}
		tried++
		next, err = m.take(ctx, next, false)
		if err != nil || next.Phase != PhaseSearching {
			return next, failed("start", err)
		}
		d = next
	}
	return d, fmt.Errorf("delivery: start: %d lockers tried: %w; call Start again to search again", tried, harbor.ErrNoLockerAvailable)
}

// forget drops the claim of a delivery that is over and has nothing on its way any more.
func (m *Manager) forget(ctx context.Context, ref harbor.LockerRef) bool {
	at, err := m.records.At(ctx, ref)
	if err != nil || len(at) == 0 || !at[0].Phase.Ended() {
		return false
	}
	return at[0].conclude(observedNothing, utcNow(), &m.cfg) && m.put(ctx, at[0]) == nil
}

const (
	// maxAsks is how often a locker is asked for in one call, when answers get lost.
	maxAsks = 4
	// maxLooks is how often in a row it must be seen in other hands: a request of ours
	// may have taken it between the two halves of the first look.
	maxLooks = 2
)

// take asks for the locker that the delivery claims. Doubtful is a claim that may have been
// asked for before. The delivery comes back reserved, or searching without a locker, or as
// another manager left it; with an error when neither is known.
//
// However often answers are lost, it never turns to another locker before this one is
// known to be in other hands: a request that is late can then only take the one locker
// that the delivery claims.
func (m *Manager) take(ctx context.Context, d *record, doubtful bool) (*record, error) {
	ref, lost, elsewhere := d.lockerRef(), error(nil), 0
	for asks := 0; ; {
		if doubtful {
			s, err := m.lookAt(ctx, d)
			switch {
			case err != nil:
				return d, errors.Join(fmt.Errorf("it is not known whether the locker was taken; call Start again: %w", err), lost)
			case opReserve.confirms(s):
				return m.recordFound(ctx, d, s)
			case s == observedTaken, s == observedOutOfService, s == observedMissing, s == observedReleased:
				if elsewhere++; elsewhere == maxLooks {
					return m.recordRefused(ctx, d)
				}
				continue
			case asks == maxAsks:
				return d, fmt.Errorf("the locker may yet be taken; call Start again: %w", lost)
			}
			next := d.clone()
			next.intend(opReserve, utcNow(), &m.cfg)
			next.HeldUntil = next.Pending.At.Add(next.Request.ReserveFor)
			if err := m.put(ctx, next); err != nil {
				return d, err
			}
			d = next
		}
		asks++
		call, cancel := m.call(ctx)
		got, err := m.client.Lockers.Reserve(call, ref, d.Request.ReserveFor)
		cancel()
		switch answerOf(err) {
		case done:
			return m.recordReserved(ctx, d, got)
		case unknown:
			doubtful, lost, elsewhere = true, err, 0
		case refused:
			if !doubtful {
				return m.recordRefused(ctx, d)
			}
			lost = err
		default:
			if doubtful {
				return d, err
			}
			d, aside := m.recordRefused(ctx, d)
			return d, errors.Join(err, aside)
		}
	}
}

// choose claims a locker and intends to reserve it.
func (d *record) choose(l Locker, now time.Time, cfg *config) error {
	d.Locker, d.Claimed = &l, true
	d.HeldUntil, d.QuietAt = now.Add(d.Request.ReserveFor), time.Time{}
	d.intend(opReserve, now, cfg)
	return d.apply(EventChosen, now, "")
}

// dropClaim gives up a locker that cannot be had.
func (d *record) dropClaim(now time.Time) bool {
	if !d.Claimed || d.apply(EventRefused, now, "") != nil {
		return false
	}
	d.Locker, d.Claimed, d.Pending = nil, false, nil
	d.HeldUntil, d.QuietAt = time.Time{}, time.Time{}
	return true
}

// recordReserved writes down a reservation.
func (m *Manager) recordReserved(ctx context.Context, mine *record, got *harbor.Reservation) (*record, error) {
	ctx, cancel := detached(ctx)
	defer cancel()
	return m.change(ctx, "start", mine.Reference, func(d *record, now time.Time) error {
		if !d.Claimed || d.lockerRef() != mine.lockerRef() {
			return fmt.Errorf("the answer came too late, and the locker is not ours to keep: %w", ErrStale)
		}
		d.answered(mine.Pending)
		d.HeldUntil = got.ExpiresAt.UTC()
		if d.Phase == PhaseSearching {
			return d.apply(EventReserved, now, "")
		}
		return nil
	})
}

// recordFound writes down that a reservation was made after all.
func (m *Manager) recordFound(ctx context.Context, mine *record, s observation) (*record, error) {
	ctx, cancel := detached(ctx)
	defer cancel()
	return m.change(ctx, "start", mine.Reference, func(d *record, now time.Time) error {
		if d.Phase != PhaseSearching || d.lockerRef() != mine.lockerRef() || !d.conclude(s, now, &m.cfg) {
			return errUnchanged
		}
		return nil
	})
}

// recordRefused writes down that the locker is not to be had. Unless another manager asked
// for it meanwhile in the name of the same delivery: then it may be that request which took it,
// and the locker stays claimed until its answer is in.
func (m *Manager) recordRefused(ctx context.Context, mine *record) (*record, error) {
	ctx, cancel := detached(ctx)
	defer cancel()
	return m.change(ctx, "start", mine.Reference, func(d *record, now time.Time) error {
		switch {
		case d.Phase != PhaseSearching || d.lockerRef() != mine.lockerRef():
			return errUnchanged
		case !sameIntent(d.Pending, mine.Pending):
			return fmt.Errorf("another process is at it; call Start again: %w", ErrStale)
		case !d.dropClaim(now):
			return errUnchanged
		}
		return nil
	})
}

// candidates yields the lockers that will do, place by place, the best first. Among equals
// each delivery begins elsewhere, so that many at once do not ask for the same locker. What
// is free is advice: another provider may be faster.
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
