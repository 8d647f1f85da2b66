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

Made of ` + "`callbacks.ReservationTransitions()`" + `; ` + "`go test ./callbacks -run Transitions -update`" + ` writes this page anew.
Steps marked "calls back" reach the partner's endpoint. The table is a hint: no callback is refused for it.

` + "```mermaid\n" + callbacks.ReservationDiagram() + "```\n\n")
	b.WriteString("| from | to | flow | what happens | callback |\n| --- | --- | --- | --- | --- |\n")
	for _, t := range callbacks.ReservationTransitions() {
		from, flow := string(t.From), string(t.Flow)
		if from == "" {
			from = "(none)"
		}
		if flow == "" {
			flow = "any"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", from, t.To, flow, t.Trigger, t.Calls)
	}
	return b.String()
}

func TestReservationTransitions_PageShowsTheTable(t *testing.T) {
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
		t.Error("transitions.md differs from the table; run go test ./callbacks -run Transitions -update")
	}
}

func TestReservationTransitions_NameKnownStatusesOnly(t *testing.T) {
	t.Parallel()
	reached := map[callbacks.Status]bool{}
	for _, step := range callbacks.ReservationTransitions() {
		if step.From != "" && !step.From.Known() {
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

func TestReservationTransitions_NoneLeavesATerminalStatus(t *testing.T) {
	t.Parallel()
	for _, step := range callbacks.ReservationTransitions() {
		if step.From.Terminal() {
			t.Errorf("%v leaves a terminal status", step)
		}
	}
}

func TestReservationTransitions_LockAndUnlockAreSilent(t *testing.T) {
	t.Parallel()
	found := 0
	for _, step := range callbacks.ReservationTransitions() {
		lock := step.From == callbacks.StatusStocked && step.To == callbacks.StatusStockedLocked
		unlock := step.From == callbacks.StatusStockedLocked && step.To == callbacks.StatusStocked
		if lock || unlock {
			found++
			if step.Calls != callbacks.CallsSilent {
				t.Errorf("%v", step)
			}
		}
	}
	if found != 2 {
		t.Errorf("%d steps lock or unlock", found)
	}
}

func TestReservationTransitions_StaffCancelEveryOpenStatus(t *testing.T) {
	t.Parallel()
	cancelled := map[callbacks.Status]bool{}
	for _, step := range callbacks.ReservationTransitions() {
		if step.To == callbacks.StatusCanceled && step.Flow == "" {
			cancelled[step.From] = true
		}
	}
	for _, s := range callbacks.Statuses() {
		if cancelled[s] == s.Terminal() {
			t.Errorf("%s: cancelled by the staff %v, terminal %v", s, cancelled[s], s.Terminal())
		}
	}
}

func TestReservationTransitions_AreACopy(t *testing.T) {
	t.Parallel()
	callbacks.ReservationTransitions()[0].To = "BROKEN"
	if callbacks.ReservationTransitions()[0].To == "BROKEN" {
		t.Error("the table is shared")
	}
}
