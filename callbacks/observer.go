package callbacks

import (
	"context"
	"time"
)

// Observer is told what a handler did with each request: Accepted or Refused once for
// each, Overdue besides. A nil hook costs nothing. Hooks run in the request's goroutine,
// after the answer is settled (Overdue in the sink's); they must be quick and safe for
// concurrent use. They see no secret, no header and no body. A panic in a hook is caught
// and changes no answer.
type Observer struct {
	// Accepted is a request that was acknowledged.
	Accepted func(context.Context, Accepted)
	// Refused is a request that was not.
	Refused func(context.Context, Refused)
	// Overdue is a delivery that the sink stored after the sender was told 503. It is
	// safe: the sender's next try is a duplicate.
	Overdue func(context.Context, Overdue)
}

// Accepted is a callback that was acknowledged with 200.
type Accepted struct {
	Feed       string
	Credential string // name of the one that matched; empty without authentication
	Outcome    Outcome
	Key        Key
	Group      string
	Time       time.Time     // when the change happened; zero when unknown
	Size       int           // of the body, in bytes
	Repaired   bool          // the body had to be mended to be read
	Problem    string        // why the body could not be read; empty when it could
	Store      time.Duration // how long the sink took
	Total      time.Duration // from the first look to the answer
}

// Refused is a request that was not acknowledged.
type Refused struct {
	Feed       string
	Credential string // name of the one that matched, an expired one too; else empty
	Reason     Reason
	Status     int           // what the sender was told
	Err        error         // from the sink or the body, where there is one
	Total      time.Duration // from the first look to the answer
}

// Overdue is a delivery that was stored after its request was answered with 503.
type Overdue struct {
	Feed    string
	Outcome Outcome
	Key     Key
	Group   string
	Store   time.Duration
}

// join returns an observer that tells both, o first.
func (o Observer) join(next Observer) Observer {
	return Observer{
		Accepted: joinHooks(o.Accepted, next.Accepted),
		Refused:  joinHooks(o.Refused, next.Refused),
		Overdue:  joinHooks(o.Overdue, next.Overdue),
	}
}

func joinHooks[E any](first, second func(context.Context, E)) func(context.Context, E) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(ctx context.Context, e E) {
		first(ctx, e)
		second(ctx, e)
	}
}
