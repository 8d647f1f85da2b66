package callbacks_test

import (
	"context"
	"net/http"
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
