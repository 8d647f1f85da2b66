package delivery

import (
	"context"
	"sync"

	"github.com/lockerline/lockerline-go/harbor"
)

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
