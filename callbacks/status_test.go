package callbacks_test

import (
	"strings"
	"testing"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestStatuses_AllTwelveAreKnown(t *testing.T) {
	t.Parallel()
	seen := map[callbacks.Status]bool{}
	for _, s := range callbacks.Statuses() {
		if !s.Known() || seen[s] {
			t.Errorf("%s: known %v, seen %v", s, s.Known(), seen[s])
		}
		seen[s] = true
		if (change{Status: s}).Meaning() == callbacks.MeaningUnknown {
			t.Errorf("%s has no meaning", s)
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d statuses", len(seen))
	}
	for _, s := range []callbacks.Status{"", "picked_up", "CANCELLED"} {
		if s.Known() || s.Terminal() {
			t.Errorf("%q is known or terminal", s)
		}
	}
}

func TestStatusTerminal_FourStatuses(t *testing.T) {
	t.Parallel()
	var terminal []string
	for _, s := range callbacks.Statuses() {
		if s.Terminal() {
			terminal = append(terminal, string(s))
		}
	}
	if got := strings.Join(terminal, " "); got != "PICKED_UP RETURNED EXPIRED CANCELED" {
		t.Error(got)
	}
}

func TestErrorStates_AreKnown(t *testing.T) {
	t.Parallel()
	for _, e := range callbacks.ErrorStates() {
		if !e.Known() {
			t.Errorf("%s is not known", e)
		}
	}
	if len(callbacks.ErrorStates()) != 4 || callbacks.ErrorState("null").Known() || callbacks.ErrorState("").Known() {
		t.Error("error states")
	}
	if !callbacks.FlowTypeInlet.Known() || !callbacks.FlowTypeOutlet.Known() || callbacks.FlowType("inlet").Known() {
		t.Error("flow types")
	}
}

func TestParseStatus_TakesWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]callbacks.Status{
		"Picked_Up": callbacks.StatusPickedUp, "picked up": callbacks.StatusPickedUp, "PICKED-UP": callbacks.StatusPickedUp,
		" stockedLocked ": callbacks.StatusStockedLocked, "cancelled": callbacks.StatusCanceled, "canceled": callbacks.StatusCanceled,
	} {
		if got, ok := callbacks.ParseStatus(text); !ok || got != want {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "Thawing soon", "picked.up"} {
		if got, ok := callbacks.ParseStatus(text); ok || string(got) != text {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
}

func FuzzParseStatus(f *testing.F) {
	for _, s := range callbacks.Statuses() {
		f.Add(string(s))
		f.Add(strings.ToLower(strings.ReplaceAll(string(s), "_", " ")))
	}
	f.Add("cancelled")
	f.Add("STOCKED\xff")
	f.Fuzz(func(t *testing.T, text string) {
		s, ok := callbacks.ParseStatus(text)
		if ok != s.Known() && !callbacks.Status(text).Known() {
			t.Errorf("%q: %q, %v", text, s, ok)
		}
		if !ok && string(s) != text {
			t.Errorf("%q became %q", text, s)
		}
		if again, _ := callbacks.ParseStatus(string(s)); again != s {
			t.Errorf("%q: %q, then %q", text, s, again)
		}
		if other, otherOK := callbacks.ParseStatus(" " + text + "-"); ok && (!otherOK || other != s) {
			t.Errorf("%q with blanks: %q, %v", text, other, otherOK)
		}
	})
}

func TestEffectiveStatus_BlockedParcelIsLocked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		change change
		want   callbacks.Status
	}{
		{change{Status: callbacks.StatusStocked}, callbacks.StatusStocked},
		{change{Status: callbacks.StatusStocked, Blocked: callbacks.Some(false)}, callbacks.StatusStocked},
		{change{Status: callbacks.StatusStocked, Blocked: callbacks.Some(true)}, callbacks.StatusStockedLocked},
		{change{Status: callbacks.StatusStockedLocked}, callbacks.StatusStockedLocked},
		{change{Status: callbacks.StatusReturning, Blocked: callbacks.Some(true)}, callbacks.StatusReturning},
		{change{Status: "Thawing", Blocked: callbacks.Some(true)}, "Thawing"},
	} {
		if got := c.change.EffectiveStatus(); got != c.want {
			t.Errorf("%+v is %s, wanted %s", c.change, got, c.want)
		}
	}
}
