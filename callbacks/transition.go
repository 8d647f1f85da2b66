package callbacks

import (
	"fmt"
	"slices"
	"strings"
)

// Calls says whether a transition sends a callback.
type Calls uint8

// What is known about the callbacks of a transition.
const (
	CallsUnknown Calls = iota // no source says
	CallsBack                 // the partner gets a callback
	CallsNobody               // silent: the partner did it, or only the block changed
)

// String is how the diagram marks it.
func (c Calls) String() string {
	switch c {
	case CallsBack:
		return "calls back"
	case CallsNobody:
		return "silent"
	}
	return "callback unknown"
}

// AnyStatus stands for every status as the origin of a Transition; it is never on the wire.
const AnyStatus Status = "*"

// Transition is one step in the life of a reservation. The empty From is the beginning: no
// reservation yet, or none that the partner knows of. The empty Flow is both flows.
type Transition struct {
	From    Status
	To      Status
	Flow    FlowType
	Trigger string
	Calls   Calls
}

// String is the step on one line.
func (t Transition) String() string {
	from := t.From
	if from == "" {
		from = "(none)"
	}
	return fmt.Sprintf("%s -> %s: %s (%s)", from, t.To, t.Trigger, t.Calls)
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
)

// transitions are gathered from the vendor's pages, its diagram and its client code; none
// of these publishes a normative list.
var transitions = []Transition{
	{"", StatusReserved, FlowOutlet, made, CallsNobody},
	{"", StatusPrereserved, FlowOutlet, "partner prereserves, no compartment free", CallsNobody},
	{StatusPrereserved, StatusReserved, FlowOutlet, "a compartment frees up", CallsBack},
	{StatusPrereserved, StatusExpired, FlowOutlet, "prereservation time runs out", CallsBack},
	{StatusPrereserved, StatusPrereserved, FlowOutlet, "moves on to the next reservation time", CallsUnknown},
	{StatusReserved, StatusStocking, FlowOutlet, "courier starts filling", CallsUnknown},
	{StatusReserved, StatusStocked, FlowOutlet, filled, CallsBack},
	{StatusStocking, StatusStocked, FlowOutlet, filled, CallsBack},
	{StatusReserved, StatusStockedLocked, FlowOutlet, "courier put in a blocked parcel", CallsBack},
	{StatusStocking, StatusStockedLocked, FlowOutlet, "courier put in a blocked parcel", CallsBack},
	{StatusReserved, StatusIncomplete, FlowOutlet, unfit, CallsBack},
	{StatusStocking, StatusIncomplete, FlowOutlet, unfit, CallsBack},
	{StatusIncomplete, StatusStocked, FlowOutlet, retried, CallsUnknown},
	{StatusIncomplete, StatusReturning, FlowOutlet, ranOut, CallsUnknown},
	{StatusIncomplete, StatusExpired, FlowOutlet, ranOut, CallsUnknown},
	{StatusIncomplete, StatusCanceled, FlowOutlet, "reservation ends", CallsUnknown},
	{StatusReserved, StatusExpired, FlowOutlet, "expires, never stocked", CallsBack},
	{StatusReserved, StatusReserved, FlowOutlet, moved, CallsNobody},
	{StatusReserved, StatusCanceled, FlowOutlet, cancels, CallsNobody},
	{AnyStatus, StatusCanceled, "", "vendor's staff or system cancels", CallsUnknown},
	{StatusStocked, StatusStockedLocked, FlowOutlet, "partner locks", CallsNobody},
	{StatusStockedLocked, StatusStocked, FlowOutlet, "partner unlocks", CallsNobody},
	{StatusStocked, StatusStocked, FlowOutlet, moved, CallsNobody},
	{StatusStocked, StatusPickedUp, FlowOutlet, "customer picks up", CallsBack},
	{StatusStocked, StatusReturning, FlowOutlet, "expires in the box", CallsBack},
	{StatusStockedLocked, StatusReturning, FlowOutlet, "expires in the box", CallsBack},
	{StatusStocked, StatusCanceled, FlowOutlet, cancels, CallsUnknown},
	{StatusStocked, StatusReturning, FlowOutlet, cancels, CallsUnknown},
	{StatusReturning, StatusReturned, FlowOutlet, "courier takes it out", CallsBack},
	{StatusReturning, StatusStocked, FlowOutlet, lateStep, CallsUnknown},
	{StatusReturning, StatusPickedUp, FlowOutlet, lateStep, CallsUnknown},
	{"", StatusNew, FlowInlet, "scan accepted or stored remotely", CallsUnknown},
	{"", StatusReserved, FlowInlet, "scan accepted or stored remotely", CallsUnknown},
	{"", StatusReturning, FlowInlet, "parcel put in", CallsBack},
	{StatusReturning, StatusReturned, FlowInlet, "courier takes it out", CallsBack},
	{"", StatusIncomplete, FlowInlet, "parcel could not be put in", CallsBack},
}

// Transitions are the steps that the sources show, and which of them call back. They are
// hints for tests, simulators and people, never a reason to refuse a callback: locks and
// the partner's own changes leave gaps, lost callbacks too, and the redirect flow is not
// described at all.
func Transitions() []Transition { return slices.Clone(transitions) }

// FindTransition is the step from one status to another, where the sources show one; an
// unknown flow matches either. False means that the step is new or that callbacks between
// are missing, not that it is wrong.
func FindTransition(from, to Status, flow FlowType) (Transition, bool) {
	for _, t := range transitions {
		if t.To == to && (t.From == from || t.From == AnyStatus && from != "") &&
			(t.Flow == flow || t.Flow == "" || !flow.Known()) {
			return t, true
		}
	}
	return Transition{}, false
}

// Diagram is the life of a reservation as a Mermaid state diagram, made of Transitions and
// Statuses.
func Diagram() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	for _, t := range transitions {
		from := t.From
		switch from {
		case "":
			from = "[*]"
		case AnyStatus:
			from = "ANY"
		}
		flow := string(t.Flow)
		if flow == "" {
			flow = "any flow"
		}
		fmt.Fprintf(&b, "    %s --> %s: %s, %s (%s)\n", from, t.To, flow, t.Trigger, t.Calls)
	}
	for _, s := range statuses {
		if s.terminal {
			fmt.Fprintf(&b, "    %s --> [*]\n", s.status)
		}
	}
	return b.String()
}
