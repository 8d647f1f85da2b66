package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Cancel ends a delivery and gives its locker back: a reservation is cancelled, a
// rental released. A delivery whose drop-off token is out comes back as releasing: until
// the tower has heard of it the token still opens the door, and if the parcel is put in
// after all the delivery becomes stored. Run and Reconcile see to the rest.
//
// Safe to repeat. A delivery that holds a parcel cannot be cancelled: the error is a
// *PhaseError, and the way out is a pick-up token. After another error the delivery may be
// releasing: what is left to do is done by Run, or by calling Cancel again.
func (m *Manager) Cancel(ctx context.Context, reference string) (*Delivery, error) {
	d, err := m.cancel(ctx, reference)
	return onlyIf(d, err)
}

func (m *Manager) cancel(ctx context.Context, reference string) (*record, error) {
	unlock, err := m.locks.lock(ctx, reference)
	if err != nil {
		return nil, failed("cancel", err)
	}
	defer unlock()
	fresh := false
	d, err := m.change(ctx, "cancel", reference, func(d *record, now time.Time) error {
		fresh = false
		switch d.Phase {
		case PhaseCancelled:
			return errUnchanged
		case PhaseReleasing:
			if d.Ending == PhaseCancelled {
				return errUnchanged
			}
			d.Ending, d.Why = PhaseCancelled, whyCalledOff
			return nil
		case PhaseSearching:
			if !d.Claimed {
				return d.apply(EventCancelled, now, whyCalledOff)
			}
		case PhaseReserved, PhaseRented:
		default:
			return &PhaseError{
				Op: "cancel", Reference: reference, Phase: d.Phase, Why: d.Why,
				Allowed: []Phase{PhaseSearching, PhaseReserved, PhaseRented},
			}
		}
		fresh = d.giveUp(now, PhaseCancelled, whyCalledOff)
		return nil
	})
	if err != nil || d.Phase != PhaseReleasing {
		return d, err
	}
	s := observedNothing
	if !fresh || utcNow().Before(d.QuietAt) {
		// What there is to give back is not known.
		if s, err = m.lookAt(ctx, d); err != nil {
			return d, failed("cancel", err)
		}
		if d, err = m.concludeAndPut(ctx, "cancel", d, s); err != nil || d.Phase != PhaseReleasing || !canGiveBack(s) {
			return d, err
		}
	}
	d, err = m.giveBack(ctx, d, s)
	if err == nil && d.Phase == PhaseStored {
		err = &PhaseError{
			Op: "cancel", Reference: reference, Phase: d.Phase, Why: d.Why,
			Allowed: []Phase{PhaseSearching, PhaseReserved, PhaseRented},
		}
	}
	return d, failed("cancel", err)
}

// canGiveBack reports whether a locker observed so can be given back.
func canGiveBack(s observation) bool { return s == observedReserved || s == observedRented }

// concludeAndPut stores what follows from an observation that is newer than d.
func (m *Manager) concludeAndPut(ctx context.Context, op string, d *record, s observation) (*record, error) {
	if !d.conclude(s, utcNow(), &m.cfg) {
		return d, nil
	}
	return d, failed(op, m.put(ctx, d))
}

// giveBack asks Harbor to take a locker back from a delivery that is releasing, or over. The
// observation says how; without one, what was asked for does. The lock is held.
func (m *Manager) giveBack(ctx context.Context, d *record, s observation) (*record, error) {
	op := opCancelReservation
	if s == observedRented || (s == observedNothing && d.Dropoff != nil) {
		op = opRelease
	}
	next := d.clone()
	next.intend(op, utcNow(), &m.cfg)
	if err := m.put(ctx, next); err != nil {
		return d, err
	}
	d = next
	call, cancel := m.call(ctx)
	free, err := m.release(call, d.lockerRef(), op)
	cancel()
	switch answerOf(err) {
	case unknown:
		return d, err // the intent stays, and its time runs
	case done:
		return m.recordGivenBack(ctx, d, free)
	}
	d, aside := m.recordGivenBack(ctx, d, false)
	if answerOf(err) != refused || aside != nil {
		return d, errors.Join(err, aside)
	}
	// It was something else by then.
	d, aside = m.refresh(ctx, "release", d)
	if aside != nil {
		return d, errors.Join(err, aside)
	}
	if d.Phase == PhaseReleasing && op == opCancelReservation && d.Dropoff == nil {
		return d, err // the reservation stands until its time is over
	}
	return d, nil
}

// release makes the call; free says that the locker is surely free now.
func (m *Manager) release(ctx context.Context, ref harbor.LockerRef, op operation) (free bool, err error) {
	if op == opCancelReservation {
		err = m.client.Lockers.CancelReservation(ctx, ref)
		return err == nil, err
	}
	l, err := m.client.Lockers.Release(ctx, ref)
	return err == nil && l != nil && l.Status == harbor.LockerStatusAvailable, err
}

// recordGivenBack writes down that the answer came.
func (m *Manager) recordGivenBack(ctx context.Context, mine *record, free bool) (*record, error) {
	ctx, cancel := detached(ctx)
	defer cancel()
	return m.change(ctx, "release", mine.Reference, func(d *record, now time.Time) error {
		if !d.answered(mine.Pending) {
			return errUnchanged
		}
		d.RestUntil = now.Add(m.cfg.recheck)
		if free {
			d.conclude(observedAvailable, now, &m.cfg)
		}
		return nil
	})
}
