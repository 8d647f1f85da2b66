package callbacks_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestReason_HasItsStatus(t *testing.T) {
	t.Parallel()
	for reason, want := range map[callbacks.Reason]int{
		callbacks.ReasonMethod: 405, callbacks.ReasonCredential: 401, callbacks.ReasonExpired: 401, callbacks.ReasonContentType: 415,
		callbacks.ReasonTooLarge: 413, callbacks.ReasonSlow: 408, callbacks.ReasonCut: 400, callbacks.ReasonEmpty: 400,
		callbacks.ReasonUnreadable: 400, callbacks.ReasonShutdown: 503, callbacks.ReasonFull: 503, callbacks.ReasonTimeout: 503,
		callbacks.ReasonStore: 503, callbacks.ReasonPanic: 500, "new": 500,
	} {
		if got := reason.Status(); got != want {
			t.Errorf("%s is answered with %d, wanted %d", reason, got, want)
		}
	}
}

func TestPanicError_UnwrapsToItsError(t *testing.T) {
	t.Parallel()
	e := new(events)
	sink := callbacks.Direct(func(context.Context, change) error { panic(errTest) })
	post(mustHandler(t, sink, callbacks.WithObserver(e.observer())), basicSample)
	if !errors.Is(e.refused[0].Err, errTest) || strings.Contains(e.refused[0].Err.Error(), errTest.Error()) {
		t.Errorf("%v", e.refused[0].Err)
	}
}
