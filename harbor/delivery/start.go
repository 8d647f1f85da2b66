package delivery

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"reflect"
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
	return shown(inTurn(ctx, m, "start", r.Reference, func() (*record, error) {
		d, err := m.create(ctx, r)
		if err == nil && d.Phase == PhaseSearching {
			d, err = m.search(ctx, d)
		}
		if err == nil && d.Phase.Ended() {
			err = &EndedError{d.shown()}
		}
		return d, err
	}))
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
	if d, err = m.records.Get(ctx, r.Reference); err == nil && !reflect.DeepEqual(d.Request, r) {
		err = ErrDifferentRequest
	}
	return d, err
}

// search goes on until the delivery has a locker or there is none.
func (m *Manager) search(ctx context.Context, d *record) (_ *record, err error) {
	if d.Claimed { // an earlier call asked for a locker and did not hear, or died
		if d, err = m.take(ctx, d, true); err != nil || d.Phase != PhaseSearching {
			return d, err
		}
	}
	places, err := m.places(ctx, &d.Request)
	if err != nil {
		return d, err
	}
	tried := 0
	for _, lockersAt := range places {
		lockers, err := lockersAt()
		if err != nil {
			return d, err
		}
		for _, l := range d.Request.best(lockers) {
			next, err := m.choose(ctx, d, l)
			if errors.Is(err, ErrLockerClaimed) {
				continue
			}
			if errors.Is(err, ErrStale) { // another manager goes on with it, or ended it
				if d, err = m.records.Get(ctx, d.Reference); err == nil && d.Phase == PhaseSearching {
					err = errAtIt
				}
				return d, err
			}
			if err == nil {
				tried++
				d, err = m.take(ctx, next, false)
			}
			if err != nil || d.Phase != PhaseSearching {
				return d, err
			}
		}
	}
	return d, fmt.Errorf("%d lockers tried: %w; call Start again to search again", tried, harbor.ErrNoLockerAvailable)
}

var errAtIt = fmt.Errorf("another process is at it; call Start again: %w", ErrStale)

// choose claims a locker and intends to reserve it.
func (m *Manager) choose(ctx context.Context, d *record, l Locker) (*record, error) {
	next, now := d.clone(), utcNow()
	next.Locker, next.Claimed = &l, true
	next.HeldUntil, next.QuietAt = now.Add(d.Request.ReserveFor), time.Time{}
	next.intend(opReserve, now, &m.cfg)
	if err := next.apply(EventChosen, now, ""); err != nil {
		return nil, err
	}
	err := m.put(ctx, next)
	if errors.Is(err, ErrLockerClaimed) && m.forget(ctx, l.Ref) {
		err = m.put(ctx, next)
	}
	return next, err
}

// forget drops the claim of a delivery that is over and has nothing on its way any more.
func (m *Manager) forget(ctx context.Context, ref harbor.LockerRef) bool {
	at, err := m.records.At(ctx, ref)
	return err == nil && len(at) > 0 && at[0].Phase.Ended() &&
		at[0].conclude(observedNothing, utcNow(), &m.cfg) && m.put(ctx, at[0]) == nil
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
			next, s, err := m.refresh(ctx, d)
			switch {
			case err != nil:
				return d, errors.Join(fmt.Errorf("it is not known whether the locker was taken; call Start again: %w", err), lost)
			case next.Phase != PhaseSearching || !next.Claimed:
				return next, nil
			case next.lockerRef() != ref:
				return next, errAtIt
			}
			d = next
			if s&(observedTaken|observedOutOfService|observedMissing|observedReleased) != 0 {
				if elsewhere++; elsewhere == maxLooks {
					return m.recordRefused(ctx, d)
				}
				continue
			}
			if asks == maxAsks {
				return d, fmt.Errorf("the locker may yet be taken; call Start again: %w", lost)
			}
			d.intend(opReserve, utcNow(), &m.cfg)
			d.HeldUntil = d.Pending.At.Add(d.Request.ReserveFor)
			if err := m.put(ctx, d); err != nil {
				return d, err
			}
		}
		asks++
		got, err := call(ctx, m, func(ctx context.Context) (*harbor.Reservation, error) {
			return m.client.Lockers.Reserve(ctx, ref, d.Request.ReserveFor)
		})
		switch kind := answerOf(err); {
		case kind == done:
			return m.recordReserved(ctx, d, got)
		case kind == unknown:
			doubtful, lost, elsewhere = true, err, 0
		case doubtful && kind == refused:
			lost = err
		case doubtful:
			return d, err
		default:
			d, aside := m.recordRefused(ctx, d)
			if kind == refused {
				err = nil
			}
			return d, errors.Join(err, aside)
		}
	}
}

// recordReserved writes down a reservation.
func (m *Manager) recordReserved(ctx context.Context, mine *record, got *harbor.Reservation) (*record, error) {
	return m.settle(ctx, mine.Reference, func(d *record, now time.Time) (bool, error) {
		if !d.Claimed || d.lockerRef() != mine.lockerRef() {
			return false, fmt.Errorf("the answer came too late, and the locker is not ours to keep: %w", ErrStale)
		}
		d.answered(mine.Pending)
		d.HeldUntil = got.ExpiresAt.UTC()
		if d.Phase == PhaseSearching {
			return true, d.apply(EventReserved, now, "")
		}
		return true, nil
	})
}

// recordRefused writes down that the locker is not to be had. Unless another manager asked
// for it meanwhile in the name of the same delivery: then it may be that request which took it,
// and the locker stays claimed until its answer is in.
func (m *Manager) recordRefused(ctx context.Context, mine *record) (*record, error) {
	return m.settle(ctx, mine.Reference, func(d *record, now time.Time) (bool, error) {
		switch {
		case d.Phase != PhaseSearching || d.lockerRef() != mine.lockerRef():
			return false, nil
		case !sameIntent(d.Pending, mine.Pending):
			return false, errAtIt
		}
		return d.dropClaim(now), nil
	})
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

// places are the lists of lockers to choose from, one after the other. What they say is
// advice: another provider may be faster.
func (m *Manager) places(ctx context.Context, r *Request) (lists []func() ([]harbor.Locker, error), err error) {
	at := func(id harbor.LocationID) {
		lists = append(lists, func() ([]harbor.Locker, error) { return m.client.Locations.Lockers(ctx, id) })
	}
	switch {
	case r.Tower != "":
		lists = append(lists, func() ([]harbor.Locker, error) { return m.client.Towers.Lockers(ctx, r.Tower) })
	case r.Location != 0:
		at(r.Location)
	default:
		sites, err := m.client.Locations.InArea(ctx, *r.Area)
		if err != nil {
			return nil, err
		}
		for _, s := range sites {
			if s.Availability == nil || s.Availability.Available != 0 {
				at(s.ID)
			}
		}
	}
	return lists, nil
}

// best returns the lockers that will do, the best first. Among equals each delivery begins
// elsewhere, so that many at once do not ask for the same locker.
func (r *Request) best(lockers []harbor.Locker) []Locker {
	byRank := make([][]Locker, max(len(r.Types), 1))
	for _, l := range lockers {
		if rank, ok := r.rank(&l); ok {
			byRank[rank] = append(byRank[rank], Locker{Ref: l.Ref(), Name: l.Name, Type: l.Type.Name, Low: l.IsLow})
		}
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(r.Reference)) // never fails
	var out []Locker
	for _, equals := range byRank {
		if n := len(equals); n > 0 {
			begin := int(h.Sum32()>>1) % n
			out = append(append(out, equals[begin:]...), equals[:begin]...)
		}
	}
	return out
}
