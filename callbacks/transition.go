package callbacks

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lockerline/lockerline-go/internal/machine"
)

// Calls says whether a transition sends a callback.
type Calls uint8

// What is known about the callbacks of a transition.
const (
	CallsUnknown Calls = iota // no source says
	CallsBack                 // the partner gets a callback
	CallsSilent               // silent: the partner did it, or only the block changed
)

var callsTexts = map[Calls]string{CallsBack: "calls back", CallsSilent: "silent"}

// String returns the mark in the diagram.
func (c Calls) String() string { return cmp.Or(callsTexts[c], "callback unknown") }

// ReservationTransition is one step in the life of a reservation. The empty From is the
// beginning: no reservation yet, or one that the partner does not know. The empty Flow is
// both flows.
type ReservationTransition struct {
	From    Status
	To      Status
	Flow    FlowType
	Trigger string
	Calls   Calls
}

// String returns the step on one line.
func (t ReservationTransition) String() string {
	return fmt.Sprintf("%s -> %s: %s (%s)", cmp.Or(t.From, "(none)"), t.To, t.Trigger, t.Calls)
}

const (
	made     = "partner reserves"
	moved    = "partner moves the times"
	filled   = "courier put it in"
	unfit    = "does not fit, or only in part"
	retried  = "courier tries again"
	ranOut   = "time runs out"
	cancels  = "partner cancels"
	lateStep = "late extension or pick-up"
	staff    = "vendor's staff or system cancels"
)

// transitions are gathered from the vendor's pages, its diagram and its client code. The
// vendor publishes no normative list.
var transitions = []ReservationTransition{
	{"", StatusReserved, FlowTypeOutlet, made, CallsSilent},
	{"", StatusPrereserved, FlowTypeOutlet, "partner prereserves, no compartment free", CallsSilent},
	{StatusPrereserved, StatusReserved, FlowTypeOutlet, "a compartment frees up", CallsBack},
	{StatusPrereserved, StatusExpired, FlowTypeOutlet, "prereservation time runs out", CallsBack},
	{StatusPrereserved, StatusPrereserved, FlowTypeOutlet, "moves on to the next reservation time", CallsUnknown},
	{StatusReserved, StatusStocking, FlowTypeOutlet, "courier starts filling", CallsUnknown},
	{StatusReserved, StatusStocked, FlowTypeOutlet, filled, CallsBack},
	{StatusStocking, StatusStocked, FlowTypeOutlet, filled, CallsBack},
	{StatusReserved, StatusStockedLocked, FlowTypeOutlet, "courier put in a blocked parcel", CallsBack},
	{StatusStocking, StatusStockedLocked, FlowTypeOutlet, "courier put in a blocked parcel", CallsBack},
	{StatusReserved, StatusIncomplete, FlowTypeOutlet, unfit, CallsBack},
	{StatusStocking, StatusIncomplete, FlowTypeOutlet, unfit, CallsBack},
	{StatusIncomplete, StatusStocked, FlowTypeOutlet, retried, CallsUnknown},
	{StatusIncomplete, StatusReturning, FlowTypeOutlet, ranOut, CallsUnknown},
	{StatusIncomplete, StatusExpired, FlowTypeOutlet, ranOut, CallsUnknown},
	{StatusIncomplete, StatusCanceled, FlowTypeOutlet, "reservation ends", CallsUnknown},
	{StatusReserved, StatusExpired, FlowTypeOutlet, "expires, never stocked", CallsBack},
	{StatusReserved, StatusReserved, FlowTypeOutlet, moved, CallsSilent},
	{StatusReserved, StatusCanceled, FlowTypeOutlet, cancels, CallsSilent},
	{StatusNew, StatusCanceled, "", staff, CallsUnknown},
	{StatusPrereserved, StatusCanceled, "", staff, CallsUnknown},
	{StatusReserved, StatusCanceled, "", staff, CallsUnknown},
	{StatusStocking, StatusCanceled, "", staff, CallsUnknown},
	{StatusStocked, StatusCanceled, "", staff, CallsUnknown},
	{StatusStockedLocked, StatusCanceled, "", staff, CallsUnknown},
	{StatusIncomplete, StatusCanceled, "", staff, CallsUnknown},
	{StatusReturning, StatusCanceled, "", staff, CallsUnknown},
	{StatusStocked, StatusStockedLocked, FlowTypeOutlet, "partner locks", CallsSilent},
	{StatusStockedLocked, StatusStocked, FlowTypeOutlet, "partner unlocks", CallsSilent},
	{StatusStocked, StatusStocked, FlowTypeOutlet, moved, CallsSilent},
	{StatusStocked, StatusPickedUp, FlowTypeOutlet, "customer picks up", CallsBack},
	{StatusStocked, StatusReturning, FlowTypeOutlet, "expires in the box", CallsBack},
	{StatusStockedLocked, StatusReturning, FlowTypeOutlet, "expires in the box", CallsBack},
	{StatusStocked, StatusCanceled, FlowTypeOutlet, cancels, CallsUnknown},
	{StatusStocked, StatusReturning, FlowTypeOutlet, cancels, CallsUnknown},
	{StatusReturning, StatusReturned, FlowTypeOutlet, "courier takes it out", CallsBack},
	{StatusReturning, StatusStocked, FlowTypeOutlet, lateStep, CallsUnknown},
	{StatusReturning, StatusPickedUp, FlowTypeOutlet, lateStep, CallsUnknown},
	{"", StatusNew, FlowTypeInlet, "scan accepted or stored remotely", CallsUnknown},
	{"", StatusReserved, FlowTypeInlet, "scan accepted or stored remotely", CallsUnknown},
	{"", StatusReturning, FlowTypeInlet, "parcel put in", CallsBack},
	{StatusReturning, StatusReturned, FlowTypeInlet, "courier takes it out", CallsBack},
	{"", StatusIncomplete, FlowTypeInlet, "parcel could not be put in", CallsBack},
}

// ReservationTransitions returns the steps that the sources show, and which of them call
// back. They are hints for tests, simulators and people, never a reason to refuse a callback:
// locks and the partner's own changes leave gaps, lost callbacks too, and the redirect flow
// is not described at all.
func ReservationTransitions() []ReservationTransition { return slices.Clone(transitions) }

// ReservationDiagram returns the life of a reservation as a Mermaid state diagram.
func ReservationDiagram() string {
	table := machine.Table[ReservationTransition, Status, string]{Rows: transitions, Step: drawnStep}
	var ends []Status
	for _, s := range statuses {
		if s.terminal {
			ends = append(ends, s.status)
		}
	}
	return table.Diagram("", ends...)
}

func drawnStep(t *ReservationTransition) (Status, string, Status) {
	return t.From, fmt.Sprintf("%s %s (%s)", cmp.Or(t.Flow, "any flow"), t.Trigger, t.Calls), t.To
}
