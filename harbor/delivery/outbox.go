package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// tellAll is one worker: it has hooks called for deliveries of the queue.
func (m *Manager) tellAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.run.notices:
		}
		for ctx.Err() == nil {
			reference, ok := m.run.next()
			if !ok {
				break
			}
			m.tellNotices(ctx, reference)
			m.run.told(reference)
		}
	}
}

// hold gives the first notice to this manager, so that no other tells it meanwhile.
func (m *Manager) hold(d *Delivery, now time.Time) {
	if len(d.Outbox) == 0 {
		return
	}
	if n := &d.Outbox[0]; !n.NotBefore.After(now) {
		n.HeldBy, n.NotBefore = m.id, now.Add(m.cfg.hookTimeout+m.cfg.quiet)
	}
}

// tellNotices calls hooks for the notices of a delivery, one after the other, until one
// fails or nothing is left.
func (m *Manager) tellNotices(ctx context.Context, reference string) {
	for ctx.Err() == nil {
		d, err := m.store.Get(ctx, reference)
		if err != nil || len(d.Outbox) == 0 {
			return // if the store fails the delivery stays due
		}
		n := d.Outbox[0]
		if n.HeldBy != m.id || !utcNow().Before(n.NotBefore) {
			if utcNow().Before(n.NotBefore) {
				return // another manager has it, or it rests after a failure
			}
			if err := m.put(ctx, d); err != nil && !errors.Is(err, ErrStale) {
				return
			}
			continue // put gave it to us, unless somebody was faster
		}
		n.Attempt++
		err = m.callHook(ctx, n)
		if m.cfg.metrics.Told != nil {
			m.cfg.metrics.Told(n.Kind, time.Since(n.At), err)
		}
		if m.acknowledge(ctx, n, err) != nil || err != nil {
			return
		}
	}
}

func (m *Manager) callHook(ctx context.Context, n Notice) (err error) {
	hook := m.cfg.hooks.of(n.Kind)
	if hook == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, m.cfg.hookTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the hook panicked: %v", p)
		}
	}()
	return hook(ctx, n)
}

// acknowledge takes a notice out of the outbox, or lets it rest after a failure.
func (m *Manager) acknowledge(ctx context.Context, n Notice, failure error) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	_, err := m.change(ctx, "acknowledge", n.Reference, func(d *Delivery, now time.Time) error {
		if len(d.Outbox) == 0 || d.Outbox[0].Seq != n.Seq || d.Outbox[0].HeldBy != m.id {
			return errUnchanged
		}
		if failure == nil {
			d.Outbox = d.Outbox[1:]
			return nil
		}
		head := &d.Outbox[0]
		head.Attempt, head.HeldBy, head.NotBefore = n.Attempt, "", now.Add(hookPause(n.Attempt))
		return nil
	})
	return err
}

const maxHookPause = 5 * time.Minute

// hookPause is the rest after a number of failures: 1 s, doubled up to 5 minutes.
func hookPause(failures int) time.Duration {
	return min(time.Second<<min(failures-1, 16), maxHookPause)
}
