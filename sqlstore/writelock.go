package sqlstore

import (
	"context"
	"slices"
	"sync"
)

// writeLock lets the writers of a one-writer database in one by one, in order. Urgent
// writers go before patient ones, but at most maxStreak in a row.
type writeLock struct {
	mu     sync.Mutex
	busy   bool
	queue  []*writer
	streak int // urgent writers in a row while a patient one waited
}

// writer waits for the lock.
type writer struct {
	urgent bool
	turn   chan struct{} // closed when the writer has the lock
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
	w := &writer{urgent: urgent, turn: make(chan struct{})}
	l.queue = append(l.queue, w)
	l.mu.Unlock()
	select {
	case <-w.turn:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	at := slices.Index(l.queue, w)
	if at >= 0 {
		l.queue = slices.Delete(l.queue, at, at+1)
	}
	l.mu.Unlock()
	if at < 0 {
		l.release() // w has the lock already
	}
	return context.Cause(ctx)
}

// release hands the lock to the next writer.
func (l *writeLock) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := slices.IndexFunc(l.queue, func(w *writer) bool { return w.urgent })
	patient := slices.IndexFunc(l.queue, func(w *writer) bool { return !w.urgent })
	l.streak++
	if patient < 0 {
		l.streak = 0
	} else if next < 0 || l.streak > maxStreak {
		next, l.streak = patient, 0
	}
	if l.busy = next >= 0; l.busy {
		close(l.queue[next].turn)
		l.queue = slices.Delete(l.queue, next, next+1)
	}
}
