package delivery

import (
	"slices"
	"strings"
)

// Transition is one row of the life of a delivery: what happens to it in a phase, and the
// phase it has then.
type Transition struct {
	From  Phase
	Event Event
	To    Phase
}

// Event is something that happens to a delivery.
type Event string

// The events of a delivery.
const (
	// EventChosen is a locker that is going to be asked for.
	EventChosen Event = "chosen"
	// EventRefused is a locker that was not to be had.
	EventRefused Event = "refused"
	// EventReserved is a reservation, confirmed or found.
	EventReserved Event = "reserved"
	// EventDropoffToken is a drop-off token handed out, or a rental found.
	EventDropoffToken Event = "dropoff_token"
	// EventStored is a parcel put in.
	EventStored Event = "stored"
	// EventPickupToken is a pick-up token handed out.
	EventPickupToken Event = "pickup_token"
	// EventCollected is a parcel taken out.
	EventCollected Event = "collected"
	// EventGiveUp is the decision to give the locker back: called off, or out of time.
	EventGiveUp Event = "give_up"
	// EventCancelled is the end of a delivery that was called off.
	EventCancelled Event = "cancelled"
	// EventExpired is the end of a delivery that ran out of time, or lost its locker
	// before anything was in it.
	EventExpired Event = "expired"
	// EventDoubted is something that does not fit.
	EventDoubted Event = "doubted"
)

var transitions = [...]Transition{
	{PhaseSearching, EventChosen, PhaseSearching},
	{PhaseSearching, EventRefused, PhaseSearching},
	{PhaseSearching, EventReserved, PhaseReserved},
	{PhaseSearching, EventGiveUp, PhaseReleasing},
	{PhaseSearching, EventCancelled, PhaseCancelled},
	{PhaseSearching, EventExpired, PhaseExpired},
	{PhaseSearching, EventDoubted, PhaseInDoubt},

	{PhaseReserved, EventDropoffToken, PhaseRented},
	{PhaseReserved, EventStored, PhaseStored},
	{PhaseReserved, EventGiveUp, PhaseReleasing},
	{PhaseReserved, EventExpired, PhaseExpired},
	{PhaseReserved, EventDoubted, PhaseInDoubt},

	{PhaseRented, EventDropoffToken, PhaseRented},
	{PhaseRented, EventStored, PhaseStored},
	{PhaseRented, EventGiveUp, PhaseReleasing},
	{PhaseRented, EventExpired, PhaseExpired},
	{PhaseRented, EventDoubted, PhaseInDoubt},

	{PhaseStored, EventDropoffToken, PhaseStored},
	{PhaseStored, EventPickupToken, PhaseStored},
	{PhaseStored, EventCollected, PhaseCollected},
	{PhaseStored, EventDoubted, PhaseInDoubt},

	{PhaseReleasing, EventStored, PhaseStored},
	{PhaseReleasing, EventCancelled, PhaseCancelled},
	{PhaseReleasing, EventExpired, PhaseExpired},
	{PhaseReleasing, EventDoubted, PhaseInDoubt},

	{PhaseInDoubt, EventStored, PhaseStored},
	{PhaseInDoubt, EventCollected, PhaseCollected},
	{PhaseInDoubt, EventGiveUp, PhaseReleasing},
	{PhaseInDoubt, EventCancelled, PhaseCancelled},
	{PhaseInDoubt, EventExpired, PhaseExpired},

	// The parcel came, and Harbor heard of it late.
	{PhaseCancelled, EventStored, PhaseStored},
	{PhaseExpired, EventStored, PhaseStored},
}

// Transitions returns the whole life of a delivery as a table, ordered by From. No event
// leads to two phases from one.
func Transitions() []Transition { return slices.Clone(transitions[:]) }

// Next is the phase after the event. An event that does not belong to p is a
// *TransitionError, which names those that do.
func (p Phase) Next(event Event) (Phase, error) {
	for i := range transitions {
		if t := &transitions[i]; t.From == p && t.Event == event {
			return t.To, nil
		}
	}
	return p, &TransitionError{From: p, Event: event, Allowed: p.Events()}
}

// Events returns what may happen to a delivery in phase p, in the order of the table.
func (p Phase) Events() []Event {
	var events []Event
	for i := range transitions {
		if transitions[i].From == p {
			events = append(events, transitions[i].Event)
		}
	}
	return events
}

// Diagram draws Transitions as a Mermaid state diagram. Events with the same two ends
// share an arrow. The text changes only with the table.
func Diagram() string {
	type arrow struct{ from, to Phase }
	var order []arrow
	labels := make(map[arrow][]string)
	for _, t := range transitions {
		a := arrow{t.From, t.To}
		if labels[a] == nil {
			order = append(order, a)
		}
		labels[a] = append(labels[a], string(t.Event))
	}
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> " + string(PhaseSearching) + "\n")
	for _, a := range order {
		b.WriteString("    " + string(a.from) + " --> " + string(a.to) + ": " + strings.Join(labels[a], ", ") + "\n")
	}
	for _, p := range phases {
		if p.Ended() {
			b.WriteString("    " + string(p) + " --> [*]\n")
		}
	}
	return b.String()
}
