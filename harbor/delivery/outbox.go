package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Notice is something that the application is told of: see WithNotify. It is stored in the
// same write as what it is about, and stays stored until the application returns nil: it is
// given at least once, and the notices of a delivery one after the other.
type Notice struct {
	Reference string `json:"reference"`
	// Seq counts the notices of the delivery from 1. With Reference it names the notice:
	// one that comes again has the same.
	Seq  int64      `json:"seq"`
	Kind NoticeKind `json:"kind"`
	At   time.Time  `json:"at"` // when it was found out
	// Locker is where the parcel is or was; nil when there was no locker.
	Locker *Locker `json:"locker,omitempty"`
	Why    string  `json:"why,omitempty"` // as Delivery.Why

	// Attempt counts how often the notice was given, this time included.
	Attempt int `json:"attempt,omitempty"`
}

// NoticeKind says what a notice is about.
type NoticeKind string

// The kinds of notices.
const (
	NoticeStored    NoticeKind = "stored"    // the parcel is in the locker
	NoticeCollected NoticeKind = "collected" // the parcel was taken out
	NoticeExpired   NoticeKind = "expired"   // out of time, or the locker was lost before anything was in it
	NoticeCancelled NoticeKind = "cancelled" // called off, and the locker is given back
	NoticeInDoubt   NoticeKind = "in_doubt"  // a person must look at it: Why says what
)

// noticeOn is the table of the notices that entering a phase makes.
var noticeOn = map[Phase]NoticeKind{
	PhaseStored: NoticeStored, PhaseCollected: NoticeCollected, PhaseExpired: NoticeExpired,
	PhaseCancelled: NoticeCancelled, PhaseInDoubt: NoticeInDoubt,
}

// owed is a notice that was not acknowledged yet.
type owed struct {
	Notice
	// NotBefore is the end of a pause after a failure, or of the lease of the manager
	// that gives it.
	NotBefore time.Time `json:"notBefore,omitzero"`
	// LeasedBy is the manager that gives it; empty when none does.
	LeasedBy string `json:"leasedBy,omitempty"`
}

const (
	notifyTimeout  = 30 * time.Second // of one call of the application
	notifyAtOnce   = 8                // deliveries whose notices are given
	maxNotifyPause = 5 * time.Minute
)

// giveNotices is one worker: it gives the notices of deliveries in the queue.
func (m *Manager) giveNotices(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.run.notices:
		}
		for ctx.Err() == nil {
			reference, ok := m.run.nextNotice()
			if !ok {
				break
			}
			m.giveNoticesOf(ctx, reference)
			m.run.noticesGiven(reference)
		}
	}
}

// leaseNotice leases the first notice to this manager, so that no other gives it meanwhile.
func (m *Manager) leaseNotice(d *record, now time.Time) {
	if len(d.Outbox) == 0 {
		return
	}
	if n := &d.Outbox[0]; !n.NotBefore.After(now) {
		n.LeasedBy, n.NotBefore = m.id, now.Add(notifyTimeout+m.cfg.quiet)
	}
}

// giveNoticesOf gives the notices of a delivery, one after the other, until one
// fails or nothing is left.
func (m *Manager) giveNoticesOf(ctx context.Context, reference string) {
	for ctx.Err() == nil {
		d, err := m.records.Get(ctx, reference)
		if err != nil || len(d.Outbox) == 0 {
			return // if the store fails the delivery stays due
		}
		n := d.Outbox[0]
		if n.LeasedBy != m.id || !utcNow().Before(n.NotBefore) {
			if utcNow().Before(n.NotBefore) {
				return // another manager has it, or it rests after a failure
			}
			if err := m.put(ctx, d); err != nil && !errors.Is(err, ErrStale) {
				return
			}
			continue // put leased it to us, unless another manager was faster
		}
		n.Attempt++
		err = m.notify(ctx, n.Notice)
		if m.cfg.observer.Notified != nil {
			m.cfg.observer.Notified(n.Kind, time.Since(n.At), err)
		}
		if m.acknowledge(ctx, n.Notice, err) != nil || err != nil {
			return
		}
	}
}

// notify calls the application, which may panic.
func (m *Manager) notify(ctx context.Context, n Notice) (err error) {
	if m.cfg.notify == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, notifyTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the application panicked: %v", p)
		}
	}()
	return m.cfg.notify(ctx, n)
}

// acknowledge takes a notice out of the outbox, or lets it rest after a failure.
func (m *Manager) acknowledge(ctx context.Context, n Notice, failure error) error {
	_, err := m.settle(ctx, n.Reference, func(d *record, now time.Time) (bool, error) {
		if len(d.Outbox) == 0 || d.Outbox[0].Seq != n.Seq || d.Outbox[0].LeasedBy != m.id {
			return false, nil
		}
		if failure == nil {
			d.Outbox = d.Outbox[1:]
			return true, nil
		}
		head := &d.Outbox[0]
		head.Attempt, head.LeasedBy, head.NotBefore = n.Attempt, "", now.Add(notifyPause(n.Attempt))
		return true, nil
	})
	return err
}

// notifyPause is the rest after a number of failures: 1 s, doubled up to 5 minutes.
func notifyPause(failures int) time.Duration {
	return min(time.Second<<min(failures-1, 16), maxNotifyPause)
}
