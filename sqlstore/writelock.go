package sqlstore

import (
	"context"
	"slices"
	"sync"
)

// writeLock lets the writers of a one-writer database in one by one, in order. Urgent
// writers go before patient ones, but at most maxStreak in a row.
type writeLock struct {
	mu      sync.Mutex
	busy    bool
	urgent  []chan struct{}
	patient []chan struct{}
	streak  int // urgent writers in a row while a patient one waited
}

const maxStreak = 4

// take waits for the lock, at most until ctx ends.
func (l *writeLock) take(ctx context.Context, urgent bool) error {
	l.mu.Lock()
	if !l.busy {
		l.busy = true
		l.mu.Unlock()
		return nil
	}
	mine := make(chan struct{}) // closed when this writer has the lock
	queue := &l.patient
	if urgent {
		queue = &l.urgent
	}
	*queue = append(*queue, mine)
	l.mu.Unlock()
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	at := slices.Index(*queue, mine)
	if at >= 0 {
		*queue = slices.Delete(*queue, at, at+1)
	}
	l.mu.Unlock()
	if at < 0 {
		l.release() // this writer had it already
	}
	return context.Cause(ctx)
}

// release hands the lock to the next writer.
func (l *writeLock) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := &l.urgent
	switch {
	case len(l.patient) == 0:
		l.streak = 0
	case len(l.urgent) == 0 || l.streak == maxStreak:
		l.streak = 0
		queue = &l.patient
	default:
		l.streak++
	}
	if len(*queue) == 0 {
		l.busy = false
		return
	}
	close((*queue)[0])
	*queue = slices.Delete(*queue, 0, 1)
}
