package delivery

import (
	"context"
	"time"
)

// Hooks are how an application is told what became of its deliveries. Each is called by
// Run, at least once for each notice and, for one delivery, one after the other in the
// order in which things happened. A hook that returns an error, panics or outlives its
// context is called again later, with longer and longer pauses up to 5 minutes, and the
// notices behind it wait. So a hook must bear being called twice: Notice.Reference and
// Notice.Seq tell. A nil hook acknowledges.
//
// Hooks of different deliveries run at once. They may call the manager.
type Hooks struct {
	Stored    func(ctx context.Context, n Notice) error
	Collected func(ctx context.Context, n Notice) error
	Expired   func(ctx context.Context, n Notice) error
	Cancelled func(ctx context.Context, n Notice) error
	InDoubt   func(ctx context.Context, n Notice) error
}

func (h *Hooks) of(k NoticeKind) func(context.Context, Notice) error {
	switch k {
	case NoticeStored:
		return h.Stored
	case NoticeCollected:
		return h.Collected
	case NoticeExpired:
		return h.Expired
	case NoticeCancelled:
		return h.Cancelled
	case NoticeInDoubt:
		return h.InDoubt
	}
	return nil
}

// Metrics are told what there is to measure. Every field may be nil. They hold phases and
// numbers, never a reference, and must not block.
type Metrics struct {
	// Open is how many deliveries are in each phase that is not an end, those with none
	// included. Told by Run once a sweep and once at its start: it is a question to
	// the store, not to Harbor.
	Open func(byPhase map[Phase]int)
	// Moved is a delivery that this manager moved from one phase to another, and how
	// long it was in the first.
	Moved func(from, to Phase, after time.Duration)
	// Looked is one look at due deliveries or one whole comparison: how many, how long
	// it took, and what it failed by.
	Looked func(deliveries int, took time.Duration, err error)
	// Told is a notice handed to its hook: when it happened until now, and what the
	// hook returned.
	Told func(kind NoticeKind, after time.Duration, err error)
	// Unknown is how many lockers of ours no delivery knows; told with each comparison.
	Unknown func(n int)
}
