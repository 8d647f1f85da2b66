package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Manager takes deliveries from door to door. It keeps nothing that is not in its store,
// so it may be killed at any moment: another over the same store goes on, by Reconcile, by
// Run, or by calling the same method again. Several managers, in one process or many, may
// share a store.
//
// Start, DropoffToken, PickupToken and Cancel work whether Run runs or not. Without Run only
// Reconcile finds out what phones did.
//
// All methods are safe for concurrent use. The lockers of one service provider should be
// taken by managers over one store only: what else takes some looks to Reconcile like a
// locker that no delivery knows. The clocks of machines that share a store should agree
// within a few seconds.
//
// Harbor's API leaves one case open: a phone without a connection puts a parcel in, the
// rental runs out before any phone brings the news, and Harbor gives the locker to the next
// one. If that is another delivery of ours, the parcel looks like its own, or it comes
// to be in doubt. Longer drop-off tokens make it rarer.
type Manager struct {
	client  *harbor.Client
	records records
	cfg     config
	id      string
	locks   locks
	run     runState
}

// New returns a manager. It sends nothing and starts nothing. All that is wrong with the
// arguments is in the one error.
func New(client *harbor.Client, store Store, opts ...Option) (*Manager, error) {
	var errs []error
	if client == nil {
		errs = append(errs, errors.New("the client is nil"))
	}
	if store == nil {
		errs = append(errs, errors.New("the store is nil"))
	}
	m := &Manager{client: client, records: records{store}, cfg: defaults(), id: rand.Text()}
	m.locks.missed = m.run.lookSoon
	for _, o := range opts {
		if o != nil {
			errs = append(errs, o(&m.cfg))
		}
	}
	if err := transport.OneLine("delivery: cannot make a manager", errs); err != nil {
		return nil, err
	}
	return m, nil
}

// Get returns a delivery as it is stored, or ErrNotFound. It asks Harbor nothing.
func (m *Manager) Get(ctx context.Context, reference string) (*Delivery, error) {
	d, err := m.records.Get(ctx, reference)
	if err != nil {
		return nil, failed("get", err)
	}
	return &d.Delivery, nil
}

// List returns a page of deliveries as they are stored. It asks Harbor nothing.
func (m *Manager) List(ctx context.Context, f Filter) ([]*Delivery, error) {
	found, err := m.records.List(ctx, f)
	if err != nil {
		return nil, failed("list", err)
	}
	ds := make([]*Delivery, len(found))
	for i, d := range found {
		ds[i] = &d.Delivery
	}
	return ds, nil
}

// Prune deletes deliveries that ended before a time and owe no notice. Their references
// can then be started anew, so keep them for as long as a Start may be repeated.
func (m *Manager) Prune(ctx context.Context, endedBefore time.Time) (int, error) {
	n, err := m.records.Prune(ctx, endedBefore)
	return n, failed("prune", err)
}

// Resolve ends a delivery that is in doubt as a person found it to be: collected, cancelled
// or expired. The locker is given up as it is: nothing is asked of Harbor. Safe
// to repeat.
func (m *Manager) Resolve(ctx context.Context, reference string, as Phase, why string) (*Delivery, error) {
	event, ok := map[Phase]Event{
		PhaseCollected: EventCollected, PhaseCancelled: EventCancelled, PhaseExpired: EventExpired,
	}[as]
	if !ok {
		return nil, fmt.Errorf("delivery: resolve: a delivery ends collected, cancelled or expired, not %q", string(as))
	}
	unlock, err := m.locks.lock(ctx, reference)
	if err != nil {
		return nil, failed("resolve", err)
	}
	defer unlock()
	d, err := m.change(ctx, "resolve", reference, func(d *record, now time.Time) error {
		if d.Phase == as {
			return errUnchanged
		}
		if d.Phase != PhaseInDoubt {
			return &PhaseError{Op: "resolve", Reference: reference, Phase: d.Phase, Why: d.Why, Allowed: []Phase{PhaseInDoubt}}
		}
		return d.apply(event, now, why)
	})
	return onlyIf(d, err)
}

// onlyIf is what a method returns: a delivery or an error.
func onlyIf(d *record, err error) (*Delivery, error) {
	if err != nil {
		return nil, err
	}
	return d.shown(), nil
}

// errUnchanged is what a change returns that has nothing to store.
var errUnchanged = errors.New("delivery: nothing to change")

// change loads a delivery, changes it and stores it, again and again while others are
// faster. The delivery is returned also when fn refuses.
func (m *Manager) change(ctx context.Context, op, reference string, fn func(d *record, now time.Time) error) (*record, error) {
	for {
		d, err := m.records.Get(ctx, reference)
		if err != nil {
			return nil, failed(op, err)
		}
		err = fn(d, utcNow())
		switch {
		case errors.Is(err, errUnchanged):
			return d, nil
		case err != nil:
			return d, failed(op, err)
		}
		err = m.put(ctx, d)
		if err == nil {
			return d, nil
		}
		if !errors.Is(err, ErrStale) {
			return nil, failed(op, err)
		}
	}
}

// put stores a changed delivery and tells the observer and the notices' queue.
func (m *Manager) put(ctx context.Context, d *record) error {
	now := utcNow()
	d.UpdatedAt = now
	running := m.run.running()
	if running {
		m.leaseNotice(d, now)
	}
	d.DueAt = d.due(&m.cfg, now)
	moves := d.moves
	d.moves = nil
	if err := m.records.Update(ctx, d); err != nil {
		return err
	}
	if m.cfg.observer.Moved != nil {
		for _, v := range moves {
			m.cfg.observer.Moved(v.from, v.to, v.after)
		}
	}
	if running && len(d.Outbox) > 0 {
		m.run.noticesOf(d.Reference)
	}
	return nil
}

// utcNow is now without the reading of the monotonic clock, as a store gives it back.
func utcNow() time.Time { return time.Now().UTC().Round(0) }

// detached outlives ctx for as long as it takes to write down what is known: the answer
// of Harbor must not be lost because a caller hung up.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
}

const writeTimeout = 10 * time.Second

// answer says what an error of a write means.
type answer int

const (
	done    answer = iota
	unknown        // it may have taken effect
	refused        // Harbor will not, for the state or the owner of the locker
	failing        // it had no effect, and says nothing about the locker
)

// answerOf reads an error of a write. A 403 is Harbor's word about the locker or about the
// account; today it counts as the first.
func answerOf(err error) answer {
	e, ok := errors.AsType[*lockerline.Error](err)
	switch {
	case err == nil:
		return done
	case errors.Is(err, lockerline.ErrOutcomeUnknown):
		return unknown
	case errors.Is(err, lockerline.ErrRefused):
		return refused
	case ok && e.Err == nil && len(e.Fields) == 0 && e.StatusCode >= 400 && e.StatusCode < 500 &&
		!lockerline.Retryable(err) && !errors.Is(err, lockerline.ErrUnauthorized):
		return refused // by a status that Harbor does not document
	}
	return failing
}

// call bounds a write, so that it is over when its intent says so.
func (m *Manager) call(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, m.cfg.callTimeout)
}
