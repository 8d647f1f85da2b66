package callbacks_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lockerline/lockerline-go/callbacks"
)

var update = flag.Bool("update", false, "write transitions.md anew")

func transitionsPage() string {
	var b strings.Builder
	b.WriteString(`# The life of a reservation

Made of ` + "`callbacks.ReservationTransitions()`" + `; ` + "`go test ./callbacks -run Page -update`" + ` writes this page anew.
Steps marked "calls back" reach the partner's endpoint. The table is a hint: no callback is refused for it.

` + "```mermaid\n" + callbacks.ReservationDiagram() + "```\n\n")
	b.WriteString("| from | to | flow | what happens | callback |\n| --- | --- | --- | --- | --- |\n")
	for _, t := range callbacks.ReservationTransitions() {
		from, flow := string(t.From), string(t.Flow)
		switch t.From {
		case "":
			from = "(none)"
		case callbacks.AnyStatus:
			from = "(any)"
		}
		if flow == "" {
			flow = "any"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", from, t.To, flow, t.Trigger, t.Calls)
	}
	return b.String()
}

func TestPageShowsTheTransitionTable(t *testing.T) {
	t.Parallel()
	want := transitionsPage()
	if *update {
		if err := os.WriteFile("transitions.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("transitions.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("transitions.md differs from the table; run go test ./callbacks -run Page -update")
	}
}

func TestTransitionsNameKnownStatusesOnly(t *testing.T) {
	t.Parallel()
	reached := map[callbacks.Status]bool{}
	for _, step := range callbacks.ReservationTransitions() {
		if step.From != "" && step.From != callbacks.AnyStatus && !step.From.Known() {
			t.Errorf("%v: unknown origin", step)
		}
		if !step.To.Known() || step.Trigger == "" {
			t.Errorf("%v: unknown target or no trigger", step)
		}
		reached[step.To] = true
	}
	for _, s := range callbacks.Statuses() {
		if !reached[s] {
			t.Errorf("no transition leads to %s", s)
		}
	}
}

func TestTerminalStatusesAreLeftByCancellationAlone(t *testing.T) {
	t.Parallel()
	for _, step := range callbacks.ReservationTransitions() {
		if step.From.Terminal() {
			t.Errorf("%v leaves a terminal status", step)
		}
	}
}

func TestLockAndUnlockDoNotCallBack(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]callbacks.Status{
		{callbacks.StatusStocked, callbacks.StatusStockedLocked},
		{callbacks.StatusStockedLocked, callbacks.StatusStocked},
	} {
		step, ok := callbacks.FindTransition(pair[0], pair[1], callbacks.FlowTypeOutlet)
		if !ok || step.Calls != callbacks.CallsSilent {
			t.Errorf("%v -> %v: %v, %v", pair[0], pair[1], step, ok)
		}
	}
}

func TestFindTransitionReadsFlowAndWildcard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to callbacks.Status
		flow     callbacks.FlowType
		found    bool
		calls    callbacks.Calls
	}{
		{callbacks.StatusStocked, callbacks.StatusPickedUp, callbacks.FlowTypeOutlet, true, callbacks.CallsBack},
		{callbacks.StatusStocked, callbacks.StatusPickedUp, callbacks.FlowTypeInlet, false, 0},
		{callbacks.StatusStocked, callbacks.StatusPickedUp, "", true, callbacks.CallsBack},
		{callbacks.StatusStocked, callbacks.StatusPickedUp, "SIDEWAYS", true, callbacks.CallsBack},
		{"", callbacks.StatusReturning, callbacks.FlowTypeInlet, true, callbacks.CallsBack},
		{"", callbacks.StatusReturning, callbacks.FlowTypeOutlet, false, 0},
		{callbacks.StatusNew, callbacks.StatusCanceled, callbacks.FlowTypeInlet, true, callbacks.CallsUnknown},
		{"", callbacks.StatusCanceled, callbacks.FlowTypeOutlet, false, 0},
		{callbacks.StatusPickedUp, callbacks.StatusStocked, callbacks.FlowTypeOutlet, false, 0},
	} {
		step, ok := callbacks.FindTransition(c.from, c.to, c.flow)
		if ok != c.found || step.Calls != c.calls {
			t.Errorf("%q -> %q (%q): %v, %v", c.from, c.to, c.flow, step, ok)
		}
	}
}

func TestTransitionTableCannotBeChangedByItsReader(t *testing.T) {
	t.Parallel()
	callbacks.ReservationTransitions()[0].To = "BROKEN"
	if callbacks.ReservationTransitions()[0].To == "BROKEN" {
		t.Error("the table is shared")
	}
}
