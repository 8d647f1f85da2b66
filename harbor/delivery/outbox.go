package delivery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
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

// runState holds the hints and the queue of notices between Run and the other methods. The
// zero value is ready.
type runState struct {
	mu      sync.Mutex
	on      bool
	wake    chan struct{} // one element: something is to be looked at
	soon    map[harbor.LockerRef]struct{}
	queue   []string // deliveries with a notice to give
	queued  map[string]bool
	giving  map[string]bool // true: again when done
	notices chan struct{}   // one element: the queue is not empty
}

func (r *runState) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		return false
	}
	r.on = true
	r.wake, r.notices = make(chan struct{}, 1), make(chan struct{}, 1)
	r.soon = map[harbor.LockerRef]struct{}{}
	r.queue, r.queued, r.giving = nil, map[string]bool{}, map[string]bool{}
	return true
}

func (r *runState) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = false
}

func (r *runState) running() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.on
}

// lookSoon asks for a look at lockers with the next batch, now.
func (r *runState) lookSoon(refs ...harbor.LockerRef) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ref := range refs {
		if r.on && ref != (harbor.LockerRef{}) {
			r.soon[ref] = struct{}{}
			signal(r.wake)
		}
	}
}

func (r *runState) takeSoon() []harbor.LockerRef {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer clear(r.soon)
	return slices.Collect(maps.Keys(r.soon))
}

// noticesOf puts a delivery into the queue of those that have a notice to give.
func (r *runState) noticesOf(reference string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.on || r.queued[reference] {
		return
	}
	if _, busy := r.giving[reference]; busy {
		r.giving[reference] = true
		return
	}
	r.enqueue(reference)
}

func (r *runState) enqueue(reference string) {
	r.queued[reference] = true
	r.queue = append(r.queue, reference)
	signal(r.notices)
}

// nextNotice takes a delivery from the queue: no other worker gets it until noticesGiven.
func (r *runState) nextNotice() (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		return "", false
	}
	reference := r.queue[0]
	r.queue = r.queue[1:]
	delete(r.queued, reference)
	r.giving[reference] = false
	if len(r.queue) > 0 {
		signal(r.notices) // for the next worker
	}
	return reference, true
}

func (r *runState) noticesGiven(reference string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	again := r.giving[reference]
	delete(r.giving, reference)
	if again && r.on {
		r.enqueue(reference)
	}
}

// signal fills a channel of one element, unless it is full.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
