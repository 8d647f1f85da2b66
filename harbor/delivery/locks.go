package delivery

import (
	"context"
	"sync"

	"github.com/lockerline/lockerline-go/harbor"
)

// locks lets one thing at a time be done about a delivery in this process. What two
// processes do at once is sorted out by Delivery.Version.
type locks struct {
	missed func(harbor.LockerRef) // called after a turn with what try could not do

	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	turn   chan struct{} // one element: free
	users  int           // holders and waiters
	missed map[harbor.LockerRef]struct{}
}

// lock waits for a delivery's turn.
func (l *locks) lock(ctx context.Context, reference string) (unlock func(), err error) {
	one := l.enter(reference)
	select {
	case <-one.turn:
		return func() { l.leave(reference, one, true) }, nil
	case <-ctx.Done():
		l.leave(reference, one, false)
		return nil, context.Cause(ctx)
	}
}

// try does not wait. When it is not the delivery's turn, the locker of d is looked at again
// after the turn that is under way. A turn ends under l.mu, so none ends unseen between the
// two.
func (l *locks) try(d *record) (unlock func(), ok bool) {
	reference := d.Reference
	one := l.enter(reference)
	l.mu.Lock()
	select {
	case <-one.turn:
		l.mu.Unlock()
		return func() { l.leave(reference, one, true) }, true
	default:
	}
	if ref, there := d.Ref(); there {
		if one.missed == nil {
			one.missed = map[harbor.LockerRef]struct{}{}
		}
		one.missed[ref] = struct{}{}
	}
	l.mu.Unlock()
	l.leave(reference, one, false)
	return nil, false
}

func (l *locks) enter(reference string) *lock {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.held[reference]
	if one == nil {
		if l.held == nil {
			l.held = map[string]*lock{}
		}
		one = &lock{turn: make(chan struct{}, 1)}
		one.turn <- struct{}{}
		l.held[reference] = one
	}
	one.users++
	return one
}

func (l *locks) leave(reference string, one *lock, held bool) {
	l.mu.Lock()
	var missed map[harbor.LockerRef]struct{}
	if held {
		missed, one.missed = one.missed, nil
		one.turn <- struct{}{}
	}
	if one.users--; one.users == 0 {
		delete(l.held, reference)
	}
	l.mu.Unlock()
	for ref := range missed {
		l.missed(ref)
	}
}
