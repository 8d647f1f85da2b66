package delivery

import "slices"

// Phase is how far a delivery has come. The constants are all there are.
type Phase string

// The phases of a delivery, in the order in which one meets them. The last three are ends.
const (
	// PhaseSearching has no locker yet; it may have asked for one.
	PhaseSearching Phase = "searching"
	// PhaseReserved has a locker that nobody else gets a token for.
	PhaseReserved Phase = "reserved"
	// PhaseRented has a drop-off token out.
	PhaseRented Phase = "rented"
	// PhaseStored has its parcel in the locker.
	PhaseStored Phase = "stored"
	// PhaseReleasing gives its locker back. Until the tower has heard of it, a drop-off
	// token that is out still opens the door, so the parcel may yet come.
	PhaseReleasing Phase = "releasing"
	// PhaseInDoubt met something that a person must look at: Delivery.Why says what. It
	// keeps its locker, goes on by itself when Harbor makes sense again, and is ended by
	// Manager.Resolve.
	PhaseInDoubt Phase = "in_doubt"
	// PhaseCollected is over: the parcel was taken out.
	PhaseCollected Phase = "collected"
	// PhaseCancelled is over: it was called off and its locker is given back.
	PhaseCancelled Phase = "cancelled"
	// PhaseExpired is over: nothing was put in in time, or no locker was found.
	PhaseExpired Phase = "expired"
)

var phases = [...]Phase{
	PhaseSearching, PhaseReserved, PhaseRented, PhaseStored, PhaseReleasing, PhaseInDoubt,
	PhaseCollected, PhaseCancelled, PhaseExpired,
}

// Phases returns all phases, in the order in which a delivery meets them.
func Phases() []Phase { return slices.Clone(phases[:]) }

// Known reports whether p is one of the constants of this package.
func (p Phase) Known() bool { return slices.Contains(phases[:], p) }

// Ended reports whether a delivery in this phase is over. One that is cancelled or expired
// still becomes stored when it turns out that the parcel was put in after all: a phone
// without a connection had used the token, and Harbor heard of it late.
func (p Phase) Ended() bool {
	return p == PhaseCollected || p == PhaseCancelled || p == PhaseExpired
}
