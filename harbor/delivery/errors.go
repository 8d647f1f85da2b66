package delivery

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lockerline/lockerline-go/internal/machine"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Errors for errors.Is. Errors of Harbor are in the chain as package harbor made them.
var (
	// ErrNotFound: the store has no delivery of this reference.
	ErrNotFound = errors.New("delivery: no delivery has this reference")
	// ErrReferenceTaken: Store.Create met a reference that is in use. Start does not
	// return it: it returns the delivery.
	ErrReferenceTaken = errors.New("delivery: the reference is in use")
	// ErrDifferentRequest: Start was called again with the same reference for
	// something else.
	ErrDifferentRequest = errors.New("delivery: the reference belongs to a delivery that was started otherwise; choose another reference")
	// ErrStale: Store.Update met a newer version. The manager loads and tries again.
	ErrStale = errors.New("delivery: another change came first; load it again")
	// ErrLockerClaimed: Store.Update met another delivery with a claim on the locker.
	ErrLockerClaimed = errors.New("delivery: another delivery has the locker")
	// ErrPhase: the delivery is not in a phase in which this can be done. The error is
	// a *PhaseError.
	ErrPhase = errors.New("delivery: not possible in this phase")
	// ErrEnded: Start met a delivery that is over. The error is an *EndedError.
	ErrEnded = errors.New("delivery: the delivery is over; choose another reference")
	// ErrRunning: Run was called while it runs.
	ErrRunning = errors.New("delivery: the manager is running already")
)

// PhaseError says that a delivery is not in a phase in which something can be done. It
// matches ErrPhase.
type PhaseError struct {
	Op        string  // such as "pickup token"
	Reference string  // of the delivery; not part of the text
	Phase     Phase   // what it is in
	Why       string  // the delivery's own Why; not part of the text
	Allowed   []Phase // in which it can be done
}

// Error is one line without the reference.
func (e *PhaseError) Error() string {
	names := make([]string, len(e.Allowed))
	for i, p := range e.Allowed {
		names[i] = string(p)
	}
	return fmt.Sprintf("delivery: %s: not possible for a delivery that is %s; it must be %s", e.Op, e.Phase, strings.Join(names, " or "))
}

// not is the error of what cannot be done in the delivery's phase.
func (d *record) not(op string, allowed ...Phase) error {
	return &PhaseError{Op: op, Reference: d.Reference, Phase: d.Phase, Why: d.Why, Allowed: allowed}
}

// Unwrap returns ErrPhase.
func (e *PhaseError) Unwrap() error { return ErrPhase }

// EndedError says that the delivery of a reference is over. It matches ErrEnded.
type EndedError struct{ Delivery *Delivery }

// Error is one line without the reference.
func (e *EndedError) Error() string {
	return fmt.Sprintf("delivery: start: the delivery is %s already; choose another reference", e.Delivery.Phase)
}

// Unwrap returns ErrEnded.
func (e *EndedError) Unwrap() error { return ErrEnded }

// RequestError says what is wrong with a Request, all at once. Nothing was stored or sent.
type RequestError struct{ Problems []string }

// Error names the fields at fault, without their values.
func (e *RequestError) Error() string { return "delivery: start: " + strings.Join(e.Problems, "; ") }

// TransitionError is an event that does not belong to the phase of a delivery.
type TransitionError struct {
	From    Phase
	Event   Event
	Allowed []Event // what may happen instead
}

// Error names the phase, the event and what is allowed instead.
func (e *TransitionError) Error() string {
	return "delivery: " + machine.Refusal(e.Event, "a delivery", e.From, e.Allowed)
}

// failed names the operation in an error, unless it is named, and keeps it to one line.
func failed(op string, err error) error {
	if err == nil || strings.HasPrefix(err.Error(), "delivery: ") && !strings.Contains(err.Error(), "\n") {
		return err
	}
	return transport.OneLine("delivery: "+op, []error{err})
}
