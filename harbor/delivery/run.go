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
// them; Nudge makes it see at once. Deliveries go on, expire and are settled, and hooks are
// called. It begins with what Reconcile does, and repeats that now and then.
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
	if err := context.Cause(ctx); fatal(err) {
		return failed("run", err)
	}
	return nil
}

// fatal tells what asking again does not change.
func fatal(err error) bool {
	return errors.Is(err, lockerline.ErrUnauthorized) || errors.Is(err, lockerline.ErrClosed)
}

// watch follows the changes that the watcher sees.
func (m *Manager) watch(ctx context.Context) error {
	for pause := m.cfg.interval; ; pause = min(2*pause, time.Minute) {
		w := harbor.NewWatcher(m.client, harbor.WatcherConfig{Interval: m.cfg.interval})
		for c, err := range w.Changes(ctx) {
			if err != nil {
				if fatal(err) {
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

// Nudge makes Run look at a locker at once, for instance because a webhook of Harbor told
// of it. Nudges that come together share one look: of few lockers the towers are asked, and
// the whole list only when a tower's answer proves nothing. Nudge returns immediately.
// Without Run, and for a locker that no delivery knows, it does nothing.
func (m *Manager) Nudge(ref harbor.LockerRef) {
	ref.Tower = ref.Tower.Normalize()
	m.run.lookSoon(ref)
}

// keepTime does what is due: it compares everything now and then, looks at deliveries
// whose time has come, and has old notices told.
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
			err = m.doDue(ctx)
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

// doDue looks at what is due, all of it with one list.
func (m *Manager) doDue(ctx context.Context) (err error) {
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
	late, soon := map[harbor.LockerRef][]*record{}, m.run.takeSoon()
	for _, ref := range soon {
		at, err := m.records.At(ctx, ref)
		if err != nil {
			for _, ref := range soon {
				m.run.lookSoon(ref)
			}
			return err
		}
		switch {
		case len(at) == 0:
		case at[0].Claimed:
			look = append(look, at[0])
		case at[0].read(seenOccupied) != nil: // its parcel may have come late
			late[ref] = at
		}
	}
	if len(look) == 0 && len(late) == 0 {
		return nil
	}
	began := time.Now()
	defer func() { m.looked(len(look), began, err) }()
	v, err := m.look(ctx, look, len(late) > 0)
	if err != nil {
		for _, ref := range soon {
			m.run.lookSoon(ref)
		}
		return err
	}
	for i, f := range m.settle(ctx, look, v) {
		if ref := look[i].lockerRef(); f.Err != nil && slices.Contains(soon, ref) {
			m.run.lookSoon(ref) // the others are due again by themselves
			err = f.Err
		}
	}
	for _, l := range v.assigned {
		if at := late[l.Ref()]; at != nil {
			m.comeLate(ctx, at, l)
		}
	}
	return err
}
