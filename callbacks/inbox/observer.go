package inbox

import (
	"context"
	"time"
)

// Observer follows the runs of a box, for metrics and logs. A nil function costs nothing.
// The functions run in the goroutine of the handler or of the run; they must be quick and
// safe for concurrent use. What a sink stores is told by callbacks.Observer.
type Observer struct {
	// Handled is called when a handler has returned; Err is nil when it succeeded.
	Handled func(context.Context, Handled)
	// Dead is called when a callback was put aside after its last try.
	Dead func(context.Context, Handled)
	// StoreFailed is called when the store failed in the background. Nothing is lost: the
	// operation is tried again.
	StoreFailed func(context.Context, StoreFailed)
}

// Handled is one try to handle a callback.
type Handled struct {
	Feed    string
	ID      int64
	Attempt int           // 1 for the first
	Late    bool          // a newer change of the group was handled before
	Amended bool          // new content for a known slot
	Age     time.Duration // since it was received
	Took    time.Duration // in the handler
	Err     error         // why the try failed
}

// StoreFailed is an operation of the store that failed in the background.
type StoreFailed struct {
	Op  string // such as "claim"
	Err error
}

func (b *Box) storeFailed(ctx context.Context, op string, err error) {
	if b.cfg.observer.StoreFailed != nil {
		b.cfg.observer.StoreFailed(ctx, StoreFailed{op, err})
	}
}
