package inbox

import (
	"context"
	"slices"
	"sync"
)

// turns has writers of a database that takes one at a time wait in order. Urgent ones, for
// which a sender is waiting, go before the others, but never more than maxStreak in a row.
type turns struct {
	mu      sync.Mutex
	busy    bool
	urgent  []chan struct{}
	patient []chan struct{}
	streak  int // urgent ones in a row while a patient one waited
}

const maxStreak = 4

// take waits for a turn, at most until ctx ends.
func (t *turns) take(ctx context.Context, urgent bool) error {
	t.mu.Lock()
	if !t.busy {
		t.busy = true
		t.mu.Unlock()
		return nil
	}
	mine := make(chan struct{}) // closed when it is our turn
	queue := &t.patient
	if urgent {
		queue = &t.urgent
	}
	*queue = append(*queue, mine)
	t.mu.Unlock()
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	at := slices.Index(*queue, mine)
	if at >= 0 {
		*queue = slices.Delete(*queue, at, at+1)
	}
	t.mu.Unlock()
	if at < 0 {
		t.give() // it was ours already
	}
	return context.Cause(ctx)
}

// give ends a turn.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	queue := &t.urgent
	switch {
	case len(t.patient) == 0:
		t.streak = 0
	case len(t.urgent) == 0 || t.streak == maxStreak:
		t.streak = 0
		queue = &t.patient
	default:
		t.streak++
	}
	if len(*queue) == 0 {
		t.busy = false
		return
	}
	close((*queue)[0])
	*queue = slices.Delete(*queue, 0, 1)
}
