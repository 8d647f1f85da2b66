package callbacks_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestDirectAcknowledgesWhenTheFunctionReturns(t *testing.T) {
	t.Parallel()
	var seen []change
	h := mustHandler(t, callbacks.Direct(func(_ context.Context, c change) error {
		seen = append(seen, c)
		if len(seen) == 1 {
			return errTest
		}
		return nil
	}))
	if w := post(h, basicSample); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d after an error", w.Code)
	}
	if w := post(h, basicSample); w.Code != http.StatusOK {
		t.Errorf("%d after the second try", w.Code)
	}
	if len(seen) != 2 || seen[1].Status != callbacks.StatusPickedUp {
		t.Errorf("%+v", seen)
	}
}

func TestDirectWithoutAFunctionAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	if w := post(mustHandler(t, callbacks.Direct[change](nil)), basicSample); w.Code != http.StatusServiceUnavailable {
		t.Error(w.Code)
	}
}

func TestDirectPanicIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	h := mustHandler(t, callbacks.Direct(func(context.Context, change) error { panic("x") }))
	if w := post(h, basicSample); w.Code != http.StatusInternalServerError {
		t.Error(w.Code)
	}
}

func TestDirectLosesNoUnreadableBody(t *testing.T) {
	t.Parallel()
	never := func(context.Context, change) error {
		t.Error("the function got a body that cannot be read")
		return nil
	}
	e := new(events)
	if w := post(mustHandler(t, callbacks.Direct(never), callbacks.WithObserver(e.observer())), "{"); w.Code != http.StatusBadRequest {
		t.Errorf("%d with no place to keep it", w.Code)
	}
	if e.refused[0].Reason != callbacks.ReasonUnreadable {
		t.Errorf("%+v", e.refused)
	}
	var kept []callbacks.Record
	keep := callbacks.OnQuarantine(func(_ context.Context, r callbacks.Record) error {
		kept = append(kept, r)
		return nil
	})
	if w := post(mustHandler(t, callbacks.Direct(never, keep)), "{"); w.Code != http.StatusOK || len(kept) != 1 || string(kept[0].Raw) != "{" {
		t.Errorf("%d, kept %+v", w.Code, kept)
	}
	failing := callbacks.OnQuarantine(func(context.Context, callbacks.Record) error { return errTest })
	if w := post(mustHandler(t, callbacks.Direct(never, failing)), "{"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d when keeping failed", w.Code)
	}
}

// routes is a dispatcher whose functions note their name.
func routes(t *testing.T, got *string, more ...callbacks.Route) *callbacks.Dispatcher {
	t.Helper()
	d, err := callbacks.NewDispatcher(append(more, callbacks.Default(named(got, "default")))...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func named(got *string, name string) func(context.Context, change) error {
	return func(context.Context, change) error {
		*got = name
		return nil
	}
}

func TestDispatcherRoutesByStatus(t *testing.T) {
	t.Parallel()
	var got string
	d := routes(t, &got, callbacks.On(callbacks.StatusPickedUp, named(&got, "picked up")),
		callbacks.On(callbacks.StatusStocked, named(&got, "stocked")), callbacks.On("Thawing", named(&got, "thawing")),
		callbacks.OnUnknown(named(&got, "unknown")))
	locked := routes(t, &got, callbacks.On(callbacks.StatusStockedLocked, named(&got, "locked")))
	for _, c := range []struct {
		d      *callbacks.Dispatcher
		change change
		want   string
	}{
		{d, change{Status: callbacks.StatusPickedUp}, "picked up"},
		{d, change{Status: callbacks.StatusReturned}, "default"},
		{d, change{Status: "Thawing"}, "thawing"},
		{d, change{Status: "Melting"}, "unknown"},
		{d, change{Status: callbacks.StatusStocked}, "stocked"},
		{d, change{Status: callbacks.StatusStocked, Blocked: callbacks.Some(false)}, "stocked"},
		{d, change{Status: callbacks.StatusStocked, Blocked: callbacks.Some(true)}, "default"},
		{locked, change{Status: callbacks.StatusStocked, Blocked: callbacks.Some(true)}, "locked"},
		{locked, change{Status: callbacks.StatusStockedLocked}, "locked"},
		{locked, change{Status: "Melting"}, "default"},
	} {
		got = ""
		if err := c.d.Handle(t.Context(), c.change); err != nil || got != c.want {
			t.Errorf("%+v went to %q, wanted %q (%v)", c.change, got, c.want, err)
		}
	}
}

func TestDispatcherReturnsTheErrorOfItsFunction(t *testing.T) {
	t.Parallel()
	d, err := callbacks.NewDispatcher(callbacks.Default(func(context.Context, change) error { return errTest }))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Handle(t.Context(), change{}); err != errTest {
		t.Error(err)
	}
}

func TestDispatcherMistakesAreConstructionErrors(t *testing.T) {
	t.Parallel()
	other := callbacks.Default(callbacks.Ignore)
	for want, list := range map[string][]callbacks.Route{
		"there is no Default":            {callbacks.On(callbacks.StatusNew, callbacks.Ignore)},
		"the zero Route":                 {{}, other},
		"has no function":                {callbacks.On(callbacks.StatusNew, nil), other},
		`"NEW" has a route already`:      {callbacks.On(callbacks.StatusNew, callbacks.Ignore), callbacks.On(callbacks.StatusNew, callbacks.Ignore), other},
		"OnUnknown is given already":     {callbacks.OnUnknown(callbacks.Ignore), callbacks.OnUnknown(callbacks.Ignore), other},
		"route 2: the Default is given":  {other, other},
		"route 1: has no function; rout": {callbacks.Default(nil), callbacks.OnUnknown(nil)},
	} {
		if _, err := callbacks.NewDispatcher(list...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
