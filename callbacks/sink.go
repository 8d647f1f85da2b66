package callbacks

import (
	"context"
	"time"
)

// Sink is where a Handler puts what it received. Accept must return only when the
// delivery is safe: the sender is told 200 right after, and will not send it again.
//
// An error means that nothing was kept; the sender is told 503 and will come again.
// Accept may be called concurrently, and is called with a context that does not end
// when the sender hangs up.
type Sink[T any] interface {
	Accept(ctx context.Context, d Received[T]) (Outcome, error)
}

// Received is one received callback with its decoded value. When the body could not be
// read, Problem says why and Value is the zero value.
type Received[T any] struct {
	Record
	Value T
}

// Record is what a store keeps of a delivery: everything but the decoded value.
type Record struct {
	Feed       string    // Feed.Name
	Key        Key       // identity; of the raw bytes when the body could not be read
	Slot       Key       // identity without the content; zero when the feed has none
	Group      string    // order is kept within it; empty when the body could not be read
	Time       time.Time // when the change happened; zero when unknown
	ReceivedAt time.Time // when the receiver had read it
	Raw        []byte    // the body as it came
	Problem    string    // why the body could not be read; empty when it could
}

// Quarantined reports whether the body could not be read.
func (r Record) Quarantined() bool { return r.Problem != "" }

// Outcome says what a Sink did with a delivery. Every outcome is acknowledged.
type Outcome uint8

// The outcomes of Sink.Accept.
const (
	OutcomeStored      Outcome = iota + 1 // new, kept
	OutcomeDuplicate                      // known by its Key, nothing to do
	OutcomeAmended                        // new content for a known Slot, kept and flagged
	OutcomeQuarantined                    // could not be read, kept whole
)

// String is the outcome as it appears in logs and metrics.
func (o Outcome) String() string {
	switch o {
	case OutcomeStored:
		return "stored"
	case OutcomeDuplicate:
		return "duplicate"
	case OutcomeAmended:
		return "amended"
	case OutcomeQuarantined:
		return "quarantined"
	}
	return "unknown"
}
