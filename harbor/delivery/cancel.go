package delivery

import (
	"context"
	"errors"
	"slices"
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
	return shown(inTurn(ctx, m, "cancel", reference, func() (*record, error) {
		fresh := false
		d, err := m.change(ctx, reference, func(d *record, now time.Time) (bool, error) {
			fresh = false
			switch {
			case d.Phase == PhaseCancelled, d.Phase == PhaseReleasing && d.Ending == PhaseCancelled:
				return false, nil
			case d.Phase == PhaseReleasing:
				d.Ending, d.Why = PhaseCancelled, whyCalledOff
				return true, nil
			case d.Phase == PhaseSearching && !d.Claimed:
				return true, d.apply(EventCancelled, now, whyCalledOff)
			case !slices.Contains(cancellable, d.Phase):
				return false, d.not("cancel", cancellable...)
			}
			fresh = d.giveUp(now, PhaseCancelled, whyCalledOff)
			return true, nil
		})
		if err != nil || d.Phase != PhaseReleasing {
			return d, err
		}
		s := observedNothing
		if !fresh || utcNow().Before(d.QuietAt) { // what there is to give back is not known
			if d, s, err = m.refresh(ctx, d); err != nil || d.Phase != PhaseReleasing || s&canGiveBack == 0 {
				return d, err
			}
		}
		if d, err = m.giveBack(ctx, d, s); err == nil && d.Phase == PhaseStored {
			err = d.not("cancel", cancellable...)
		}
		return d, err
	}))
}

var cancellable = []Phase{PhaseSearching, PhaseReserved, PhaseRented}

// giveBack asks Harbor to take a locker back from a delivery that is releasing, or over. The
// observation says how; without one, what was asked for does. It has its turn.
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
	free, err := call(ctx, m, func(ctx context.Context) (free bool, err error) {
		if op == opCancelReservation {
			err = m.client.Lockers.CancelReservation(ctx, d.lockerRef())
			return err == nil, err
		}
		l, err := m.client.Lockers.Release(ctx, d.lockerRef())
		return err == nil && l.Status == harbor.LockerStatusAvailable, err
	})
	kind := answerOf(err)
	if kind == unknown {
		return next, err // the intent stays, and its time runs
	}
	d, aside := m.settle(ctx, next.Reference, func(d *record, now time.Time) (bool, error) {
		if !d.answered(next.Pending) {
			return false, nil
		}
		d.RestUntil = now.Add(m.cfg.recheck)
		if free {
			d.conclude(observedAvailable, now, &m.cfg)
		}
		return true, nil
	})
	if kind == refused && aside == nil { // it was something else by then
		if d, _, aside = m.refresh(ctx, d); aside == nil &&
			(d.Phase != PhaseReleasing || op != opCancelReservation || d.Dropoff != nil) {
			return d, nil
		} // else the reservation stands until its time is over
	}
	return d, errors.Join(err, aside)
}
