package delivery

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// Run looks after all open deliveries until ctx ends, and then returns nil when all it
// started has ended. One Watcher sees what phones do, with one request a tick for all of
// them; Nudge makes it see at once. Deliveries go on, expire and are settled, and notices
// are given. It begins with what Reconcile does, and repeats that now and then.
//
// What passes does not end it: while Harbor or the store fails, it tries again, less and
// less often. It returns an error only when asking again is no use: lockerline.ErrUnauthorized
// or lockerline.ErrClosed. One at a time: another call is ErrRunning. Several processes may
// each have one over the same store.
func (m *Manager) Run(ctx context.Context) error {
	r := &m.run
	if !r.begin() {
		return ErrRunning
	}
	defer r.end()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := m.watch(ctx); err != nil {
			cancel(err)
		}
	})
	wg.Go(func() { m.keepTime(ctx) })
	for range notifyAtOnce {
		wg.Go(func() { m.giveNotices(ctx) })
	}
	wg.Wait()
	if err := context.Cause(ctx); permanent(err) {
		return failed("run", err)
	}
	return nil
}

// Nudge makes Run look at a locker at once, for instance because a webhook of Harbor named
// it. Nudges that come together share one look: of few lockers the towers are asked, and
// the whole list only when a tower's answer proves nothing. Nudge returns immediately.
// Without Run, and for a locker that no delivery knows, it does nothing.
func (m *Manager) Nudge(ref harbor.LockerRef) {
	ref.Tower = ref.Tower.Normalize()
	m.run.lookSoon(ref)
}

// permanent reports a failure that asking again does not change: of the account, or of a
// client that is closed.
func permanent(err error) bool {
	return errors.Is(err, lockerline.ErrUnauthorized) || errors.Is(err, lockerline.ErrClosed)
}

// watch follows the changes that the watcher sees.
func (m *Manager) watch(ctx context.Context) error {
	for pause := m.cfg.interval; ; pause = min(2*pause, time.Minute) {
		w := harbor.NewWatcher(m.client, harbor.WatcherConfig{Interval: m.cfg.interval})
		for c, err := range w.Changes(ctx) {
			if err != nil {
				if permanent(err) {
					return err
				}
				break
			}
			pause = m.cfg.interval
			m.run.lookSoon(c.Ref) // what the watcher saw is a hint, and no evidence
		}
		if !sleep(ctx, pause) {
			return nil
		}
	}
}

// keepTime does what is due: it compares everything now and then, looks at deliveries
// whose time has come, and has old notices given.
func (m *Manager) keepTime(ctx context.Context) {
	tick := time.NewTicker(m.cfg.interval)
	defer tick.Stop()
	var sweepAt time.Time
	failures := 0
	for {
		var err error
		if now := time.Now(); !now.Before(sweepAt) {
			if _, err = m.reconcile(ctx); err == nil {
				sweepAt = now.Add(m.cfg.sweep)
				m.countOpen(ctx)
			}
		}
		if err == nil {
			err = m.lookAtDue(ctx)
		}
		if err == nil {
			failures = 0
		} else if failures++; !sleep(ctx, m.cfg.interval<<min(failures, 5)) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-m.run.wake:
		case <-tick.C:
		}
	}
}

// lookAtDue looks at what is due, all of it with one list.
func (m *Manager) lookAtDue(ctx context.Context) (err error) {
	now := utcNow()
	due, err := m.records.Due(ctx, now, pageSize)
	if err != nil {
		return err
	}
	var look []*record
	for _, d := range due {
		if len(d.Outbox) > 0 && !d.Outbox[0].NotBefore.After(now) {
			m.run.noticesOf(d.Reference)
		}
		if d.dueToLook(&m.cfg, now) {
			look = append(look, d)
		}
	}
	soon := m.run.takeSoon()
	defer func() {
		if err != nil {
			m.run.lookSoon(soon...)
		}
	}()
	for _, ref := range soon {
		at, err := m.records.At(ctx, ref)
		if err != nil {
			return err
		}
		if len(at) > 0 && (at[0].Claimed || at[0].conclusionFor(observedOccupied) != nil) { // its parcel may have come late
			look = append(look, at[0])
		}
	}
	if len(look) == 0 {
		return nil
	}
	began := time.Now()
	defer func() { m.looked(len(look), began, err) }()
	v, err := m.look(ctx, look, false)
	if err != nil {
		return err
	}
	for i, f := range m.judgeAll(ctx, look, v) {
		if f.Err != nil && slices.Contains(soon, look[i].lockerRef()) { // the others are due again by themselves
			err = f.Err
		}
	}
	return err
}

// judgeAll stores what follows for each delivery from a look that was made after it was
// loaded, and gives back what is held for nothing.
func (m *Manager) judgeAll(ctx context.Context, ds []*record, v *view) []Finding {
	out := make([]Finding, len(ds))
	for i, d := range ds {
		out[i] = m.judge(ctx, d, v)
	}
	return out
}

func (m *Manager) judge(ctx context.Context, d *record, v *view) Finding {
	f := Finding{Reference: d.Reference, Outcome: OutcomeOpen, From: d.Phase, To: d.Phase, Why: d.Why}
	if d.Phase == PhaseInDoubt {
		f.Outcome = OutcomeInDoubt
	}
	end, _ := m.turns.try(d.Reference, d.lockerRef())
	if end == nil {
		return f // the look is made up for after the turn under way
	}
	defer end()
	s, err := v.of(d)
	before, now := d.clone(), utcNow()
	changed := err == nil && d.conclude(s, now, &m.cfg)
	if d.dueToLook(&m.cfg, now) {
		d.RestUntil = now.Add(m.cfg.recheck)
	}
	if changed || !d.RestUntil.Equal(before.RestUntil) {
		switch putErr := m.put(ctx, d); {
		case errors.Is(putErr, ErrLockerClaimed):
			return f
		case errors.Is(putErr, ErrStale):
			m.run.lookSoon(before.lockerRef()) // it changed while we looked
			return f
		case putErr != nil:
			f.Err = putErr
			return f
		}
	}
	if err == nil && (d.Phase == PhaseReleasing || d.Phase.Ended() && d.Claimed) && d.Pending == nil && s&canGiveBack != 0 {
		d, err = m.giveBack(ctx, d, s)
	}
	if f.Err = err; err == nil {
		f.Outcome, f.To, f.Why = outcomeOf(before, d), d.Phase, d.Why
	}
	return f
}

// dueToLook reports whether Harbor must be asked about the delivery now.
func (d *record) dueToLook(cfg *config, now time.Time) bool {
	quiet := *d
	quiet.Outbox = nil
	due := quiet.due(cfg, now)
	return !due.IsZero() && !due.After(now)
}

// due is when a manager must look at the delivery of its own accord.
func (d *record) due(cfg *config, now time.Time) time.Time {
	var due time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (due.IsZero() || t.Before(due)) {
			due = t
		}
	}
	if d.Pending != nil {
		sooner(d.Pending.Until)
	}
	switch d.Phase {
	case PhaseSearching:
		sooner(d.CreatedAt.Add(cfg.search))
	case PhaseReserved, PhaseRented:
		sooner(d.overdue(cfg.grace))
	case PhaseReleasing:
		sooner(now)
	}
	if d.Phase.Ended() && d.Claimed && d.Pending == nil {
		sooner(later(d.QuietAt, d.EndedAt))
	}
	if !due.IsZero() {
		due = later(due, d.RestUntil)
	}
	if len(d.Outbox) > 0 {
		sooner(later(d.Outbox[0].NotBefore, d.Outbox[0].At))
	}
	return due
}

// overdue is when a locker that is still ours is held for nothing; zero: never.
func (d *record) overdue(grace time.Duration) time.Time {
	switch {
	case d.Phase == PhaseReserved && !d.HeldUntil.IsZero():
		return later(d.HeldUntil, tokenEnd(d.Dropoff)).Add(grace)
	case d.Phase == PhaseRented && d.Dropoff != nil:
		return d.Dropoff.ExpiresAt.Add(grace)
	}
	return time.Time{}
}

func tokenEnd(t *DoorToken) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.ExpiresAt
}

func (m *Manager) countOpen(ctx context.Context) {
	if m.cfg.observer.Open == nil {
		return
	}
	n, err := m.records.Count(ctx)
	if err != nil {
		return
	}
	for _, p := range phases {
		if !p.Ended() {
			n[p] += 0
		}
	}
	m.cfg.observer.Open(n)
}

func (m *Manager) looked(n int, began time.Time, err error) {
	if m.cfg.observer.Looked != nil {
		m.cfg.observer.Looked(n, time.Since(began), err)
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
