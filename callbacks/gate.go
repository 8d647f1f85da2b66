package callbacks

import (
	"context"
	"sync"
)

// gate counts the deliveries inside the sink, bounds them, and lets Shutdown wait for the
// last one.
type gate struct {
	mu     sync.Mutex
	limit  int
	inside int
	closed bool
	empty  chan struct{}
}

func newGate(limit int) *gate { return &gate{limit: limit, empty: make(chan struct{})} }

// enter lets one in, or says why not.
func (g *gate) enter() (Reason, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return ReasonShutdown, false
	case g.inside >= g.limit:
		return ReasonFull, false
	}
	g.inside++
	return "", true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.closed && g.inside == 0 {
		close(g.empty)
	}
}

// close lets nobody in any more and waits until all are out.
func (g *gate) close(ctx context.Context) error {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		if g.inside == 0 {
			close(g.empty)
		}
	}
	g.mu.Unlock()
	select {
	case <-g.empty:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
