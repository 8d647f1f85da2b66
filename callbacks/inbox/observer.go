package inbox

import (
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// Observer is told what happens in a box, for metrics and logs. Each function may be nil
// and then costs nothing. They are called in the goroutine at work, possibly several at
// once, and should return quickly.
type Observer struct {
	// Accepted: a delivery was stored, or found to be stored already.
	Accepted func(AcceptInfo)
	// Refused: a delivery could not be stored; the sender will come again.
	Refused func(feed string, err error)
	// Handled: a handler returned. Err is nil when it succeeded.
	Handled func(HandleInfo)
	// Dead: a callback was put aside after its last try.
	Dead func(HandleInfo)
	// StoreFailed: the named operation of the store failed in the background. Nothing
	// is lost; it is tried again.
	StoreFailed func(operation string, err error)
}

// AcceptInfo describes a stored delivery.
type AcceptInfo struct {
	Feed    string
	Outcome callbacks.Outcome
	Took    time.Duration // from Accept's call until it was safe
}

// HandleInfo describes one try to handle a callback.
type HandleInfo struct {
	Feed    string
	ID      int64
	Attempt int           // 1 for the first
	Late    bool          // a newer change of the group was handled before
	Amended bool          // new content for a known slot
	Age     time.Duration // since it was received
	Took    time.Duration // in the handler
	Err     error         // why the try failed
}

func (b *Box) storeFailed(op string, err error) {
	if err != nil && b.cfg.observer.StoreFailed != nil {
		b.cfg.observer.StoreFailed(op, err)
	}
}
