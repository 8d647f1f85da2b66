package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
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
	turns   turns
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
	m.turns.missed = func(refs []harbor.LockerRef) { m.run.lookSoon(refs...) }
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
	return shown(d, failed("get", err))
}

// List returns a page of deliveries as they are stored. It asks Harbor nothing.
func (m *Manager) List(ctx context.Context, f Filter) ([]*Delivery, error) {
	found, err := m.records.List(ctx, f)
	ds := make([]*Delivery, len(found))
	for i, d := range found {
		ds[i] = &d.Delivery
	}
	return ds, failed("list", err)
}

// Prune deletes deliveries that ended before a time and owe no notice. Their references
// can then be started anew, so keep them for as long as a Start may be repeated.
func (m *Manager) Prune(ctx context.Context, endedBefore time.Time) (int, error) {
	n, err := m.records.Prune(ctx, endedBefore)
	return n, failed("prune", err)
}

var resolutions = map[Phase]Event{PhaseCollected: EventCollected, PhaseCancelled: EventCancelled, PhaseExpired: EventExpired}

// Resolve ends a delivery that is in doubt as a person found it to be: collected, cancelled
// or expired. The locker is given up as it is: nothing is asked of Harbor. Safe
// to repeat.
func (m *Manager) Resolve(ctx context.Context, reference string, as Phase, why string) (*Delivery, error) {
	event, ok := resolutions[as]
	if !ok {
		return nil, fmt.Errorf("delivery: resolve: a delivery ends collected, cancelled or expired, not %q", string(as))
	}
	return shown(inTurn(ctx, m, "resolve", reference, func() (*record, error) {
		return m.change(ctx, reference, func(d *record, now time.Time) (bool, error) {
			switch d.Phase {
			case as:
				return false, nil
			case PhaseInDoubt:
				return true, d.apply(event, now, why)
			}
			return false, d.not("resolve", PhaseInDoubt)
		})
	}))
}

// shown is what a method returns: a delivery or an error.
func shown(d *record, err error) (*Delivery, error) {
	if err != nil {
		return nil, err
	}
	return d.shown(), nil
}

// change loads a delivery, changes it and stores it, again and again while others are
// faster. The delivery is returned also when fn refuses.
func (m *Manager) change(ctx context.Context, reference string, fn func(d *record, now time.Time) (changed bool, err error)) (*record, error) {
	for {
		d, err := m.records.Get(ctx, reference)
		if err != nil {
			return nil, err
		}
		if changed, err := fn(d, utcNow()); err != nil || !changed {
			return d, err
		}
		if err := m.put(ctx, d); !errors.Is(err, ErrStale) {
			return d, err
		}
	}
}

// settle is change for what an answer of Harbor says: it must not be lost because the
// caller hung up.
func (m *Manager) settle(ctx context.Context, reference string, fn func(d *record, now time.Time) (changed bool, err error)) (*record, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	return m.change(ctx, reference, fn)
}

const writeTimeout = 10 * time.Second

// refresh looks at the locker that a delivery claims, stores what follows, and returns what
// was seen.
func (m *Manager) refresh(ctx context.Context, d *record) (*record, observation, error) {
	for d.Claimed {
		v, err := m.look(ctx, []*record{d}, true)
		if err != nil {
			return d, observedNothing, err
		}
		s, err := v.of(d)
		if err != nil || !d.conclude(s, utcNow(), &m.cfg) {
			return d, s, err
		}
		if err := m.put(ctx, d); !errors.Is(err, ErrStale) {
			return d, s, err
		}
		if d, err = m.records.Get(ctx, d.Reference); err != nil {
			return nil, observedNothing, err
		}
	}
	return d, observedNothing, nil
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

// call makes a write, bounded so that it is over when its intent says so.
func call[T any](ctx context.Context, m *Manager, fn func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, m.cfg.callTimeout)
	defer cancel()
	return fn(ctx)
}

// turns lets one thing at a time be done about a delivery in this process. What two
// processes do at once is sorted out by the version of the row.
type turns struct {
	missed func([]harbor.LockerRef) // called after a turn with the lockers that try could not look at

	mu   sync.Mutex
	held map[string]*turn
}

type turn struct {
	over   chan struct{}
	missed []harbor.LockerRef
}

// take waits for a delivery's turn.
func (t *turns) take(ctx context.Context, reference string) (end func(), err error) {
	for {
		end, over := t.try(reference)
		if end != nil {
			return end, nil
		}
		select {
		case <-over:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// try does not wait: without an end, the turn under way is over when the channel closes, and
// the lockers are reported to missed then. A turn ends under the mutex, so no end is unseen.
func (t *turns) try(reference string, lockers ...harbor.LockerRef) (end func(), over <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.held[reference]; now != nil {
		now.missed = append(now.missed, lockers...)
		return nil, now.over
	}
	if t.held == nil {
		t.held = map[string]*turn{}
	}
	mine := &turn{over: make(chan struct{})}
	t.held[reference] = mine
	return func() {
		t.mu.Lock()
		delete(t.held, reference)
		close(mine.over)
		t.mu.Unlock()
		t.missed(mine.missed)
	}, nil
}

// inTurn does something about a delivery when it has its turn, and names the operation in
// what fails.
func inTurn[T any](ctx context.Context, m *Manager, op, reference string, fn func() (T, error)) (got T, err error) {
	end, err := m.turns.take(ctx, reference)
	if err == nil {
		defer end()
		got, err = fn()
	}
	return got, failed(op, err)
}
