package callbacks_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestDirect_AcknowledgesWhenTheFunctionReturns(t *testing.T) {
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

func TestDirect_WithoutAFunctionAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	if w := post(mustHandler(t, callbacks.Direct[change](nil)), basicSample); w.Code != http.StatusServiceUnavailable {
		t.Error(w.Code)
	}
}

func TestDirect_PanicIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	h := mustHandler(t, callbacks.Direct(func(context.Context, change) error { panic("x") }))
	if w := post(h, basicSample); w.Code != http.StatusInternalServerError {
		t.Error(w.Code)
	}
}

func TestDirect_LosesNoUnreadableBody(t *testing.T) {
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

func TestDirect_HangingFunctionIsAnsweredInTimeAndFinished(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, finished := new(events), false
		slow := callbacks.Direct(func(context.Context, change) error {
			time.Sleep(time.Minute)
			finished = true
			return nil
		})
		h := mustHandler(t, slow, callbacks.WithObserver(e.observer()))
		start := time.Now()
		w := post(h, basicSample)
		if took := time.Since(start); took != 2*time.Second || w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "5" {
			t.Errorf("%d after %v", w.Code, took)
		}
		r := e.refused[0]
		if r.Reason != callbacks.ReasonTimeout || !errors.Is(r.Err, callbacks.ErrSinkTimeout) || !errors.Is(r.Err, context.DeadlineExceeded) {
			t.Errorf("%+v", r)
		}
		if err := h.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != time.Minute || !finished {
			t.Errorf("shutdown did not wait for the function: %v", took)
		}
	})
}

func TestDirect_FunctionThatHeedsItsDeadlineIsATimeoutToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := new(events)
		heeding := callbacks.Direct(func(ctx context.Context, _ change) error {
			<-ctx.Done()
			return fmt.Errorf("insert: %w", ctx.Err())
		}, callbacks.WithCallTimeout(time.Second))
		h := mustHandler(t, heeding, callbacks.WithObserver(e.observer()))
		start := time.Now()
		if w := post(h, basicSample); w.Code != http.StatusServiceUnavailable || time.Since(start) != time.Second {
			t.Errorf("%d after %v", w.Code, time.Since(start))
		}
		synctest.Wait()
		if e.refused[0].Reason != callbacks.ReasonTimeout {
			t.Errorf("%+v", e.refused)
		}
	})
}

func TestDirect_CallsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, release := new(events), make(chan struct{})
		stuck := callbacks.Direct(func(context.Context, change) error {
			<-release
			return nil
		}, callbacks.WithMaxCalls(2))
		h := mustHandler(t, stuck, callbacks.WithObserver(e.observer()))
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { post(h, basicSample) })
		}
		wg.Wait()
		start := time.Now()
		if w := post(h, basicSample); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || time.Since(start) != 0 {
			t.Errorf("%d after %v", w.Code, time.Since(start))
		}
		if last := e.refused[len(e.refused)-1]; last.Reason != callbacks.ReasonFull {
			t.Errorf("%+v", last)
		}
		close(release)
		synctest.Wait()
		if w := post(h, basicSample); w.Code != http.StatusOK {
			t.Errorf("%d when there is room again", w.Code)
		}
	})
}

func TestDirect_MistakesAreFoundByNewHandler(t *testing.T) {
	t.Parallel()
	sink := callbacks.Direct(ignore, callbacks.WithCallTimeout(-1), callbacks.WithMaxCalls(0), nil)
	_, err := callbacks.NewHandler(callbacks.Reservations(), sink, callbacks.Unauthenticated())
	for _, part := range []string{"WithCallTimeout: -1ns", "WithMaxCalls: 0"} {
		if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q is missing from %v", part, err)
		}
	}
}

func TestOutcome_HasAName(t *testing.T) {
	t.Parallel()
	var names []string
	for o := range callbacks.OutcomeQuarantined + 2 {
		names = append(names, o.String())
	}
	if got := strings.Join(names, " "); got != "unknown stored duplicate amended quarantined unknown" {
		t.Error(got)
	}
}
