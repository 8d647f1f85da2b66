package delivery

import (
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Report is what Reconcile found.
type Report struct {
	At time.Time // when Harbor was asked
	// Findings has one element for each delivery that was looked at, in the order of
	// the references.
	Findings []Finding
	// Unknown are lockers that are reserved, rented or occupied in our name and that no
	// delivery knows. With WithReleaseUnknown, those that hold nothing are given back
	// by a delivery made for it, and are among the Findings of the next comparison.
	Unknown []harbor.Locker
}

// Finding is what became of one delivery.
type Finding struct {
	Reference string
	Outcome   Outcome
	From, To  Phase  // the same when nothing changed
	Why       string // as Delivery.Why
	// Err is why this one could not be settled, such as a tower that was not to be
	// reached; nil when it could. The outcome is then OutcomeOpen.
	Err error
}

// Outcome says how a delivery was settled.
type Outcome string

// The outcomes of a Finding.
const (
	// OutcomeAdopted had asked for a locker or a token without hearing, and has it.
	OutcomeAdopted Outcome = "adopted"
	// OutcomeReleased gave its locker back, or never got the one it had asked for.
	OutcomeReleased Outcome = "released"
	// OutcomeExpired ran out of time.
	OutcomeExpired Outcome = "expired"
	// OutcomeAdvanced is a parcel that was put in or taken out unseen.
	OutcomeAdvanced Outcome = "advanced"
	// OutcomeOpen is as it should be, or not known yet.
	OutcomeOpen Outcome = "open"
	// OutcomeInDoubt needs a person: Why says what for.
	OutcomeInDoubt Outcome = "in_doubt"
)

// outcomes are by the phase that a delivery came to.
var outcomes = map[Phase]Outcome{
	PhaseReserved: OutcomeAdopted, PhaseRented: OutcomeAdopted, PhaseStored: OutcomeAdvanced, PhaseCollected: OutcomeAdvanced,
	PhaseExpired: OutcomeExpired, PhaseCancelled: OutcomeReleased, PhaseReleasing: OutcomeOpen, PhaseSearching: OutcomeOpen,
}

// outcomeOf reads a delivery before and after.
func outcomeOf(before, after *record) Outcome {
	switch {
	case after.Phase == PhaseInDoubt:
		return OutcomeInDoubt
	case after.Phase != before.Phase:
		return outcomes[after.Phase]
	case before.Claimed && !after.Claimed:
		return OutcomeReleased
	}
	return OutcomeOpen
}

// Count returns how many findings have each outcome.
func (r *Report) Count() map[Outcome]int {
	n := map[Outcome]int{}
	for i := range r.Findings {
		n[r.Findings[i].Outcome]++
	}
	return n
}
