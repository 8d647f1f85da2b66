package callbacks_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestFailingSinkAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	sinkOf := func(o callbacks.Outcome, err error) callbacks.SinkFunc[change] {
		return func(context.Context, delivery) (callbacks.Outcome, error) { return o, err }
	}
	for name, c := range map[string]struct {
		sink   callbacks.Sink[change]
		reason callbacks.Reason
		err    string
	}{
		"error":             {sinkOf(0, errTest), callbacks.ReasonStore, errTest.Error()},
		"outcome and error": {sinkOf(callbacks.OutcomeStored, errTest), callbacks.ReasonStore, errTest.Error()},
		"neither":           {sinkOf(0, nil), callbacks.ReasonStore, "neither an outcome nor an error"},
		"unknown outcome":   {sinkOf(99, nil), callbacks.ReasonStore, "neither an outcome nor an error"},
		"deadline of its own": {
			sinkOf(0, context.DeadlineExceeded), callbacks.ReasonStore, "deadline",
		},
		"no quarantine for a body that can be read": {sinkOf(0, callbacks.ErrNoQuarantine), callbacks.ReasonStore, "unreadable bodies"},
		"panic": {
			callbacks.SinkFunc[change](func(context.Context, delivery) (callbacks.Outcome, error) { panic("s3cret") }),
			callbacks.ReasonPanic, "panic in the sink with a string",
		},
		"runtime panic": {
			callbacks.SinkFunc[change](func(context.Context, delivery) (callbacks.Outcome, error) {
				var list []int
				return callbacks.Outcome(list[0]), nil
			}),
			callbacks.ReasonPanic, "index out of range",
		},
		"panic with no quarantine": {
			callbacks.SinkFunc[change](func(context.Context, delivery) (callbacks.Outcome, error) { panic(callbacks.ErrNoQuarantine) }),
			callbacks.ReasonPanic, "panic in the sink",
		},
		"abort": {
			callbacks.SinkFunc[change](func(context.Context, delivery) (callbacks.Outcome, error) { panic(http.ErrAbortHandler) }),
			callbacks.ReasonPanic, "panic in the sink",
		},
		"full":   {sinkOf(0, fmt.Errorf("no room: %w", callbacks.ErrSinkFull)), callbacks.ReasonFull, "no room"},
		"late":   {sinkOf(0, fmt.Errorf("slow: %w", callbacks.ErrSinkTimeout)), callbacks.ReasonTimeout, "slow"},
		"closed": {sinkOf(0, callbacks.ErrSinkClosed), callbacks.ReasonShutdown, "shut down"},
		"goroutine ended": {
			callbacks.Direct(func(context.Context, change) error {
				runtime.Goexit()
				return nil
			}),
			callbacks.ReasonStore, "ended its goroutine",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := new(events)
			h := mustHandler(t, c.sink, callbacks.WithObserver(e.observer()), callbacks.WithRetryAfter(1500*time.Millisecond))
			w := post(h, basicSample)
			if w.Code != c.reason.Status() || w.Code < 500 || len(e.accepted) != 0 {
				t.Errorf("%d, %+v", w.Code, e.accepted)
			}
			if retry := w.Header().Get("Retry-After"); (retry == "2") != (w.Code == http.StatusServiceUnavailable) {
				t.Errorf("Retry-After %q", retry)
			}
			r := e.refused[0]
			if r.Reason != c.reason || r.Err == nil || !strings.Contains(r.Err.Error(), c.err) || strings.Contains(r.Err.Error(), "s3cret") {
				t.Errorf("%+v", r)
			}
			if err := h.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestHandler_SinkIsToldADeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := new(events)
		heeding := callbacks.SinkFunc[change](func(ctx context.Context, _ delivery) (callbacks.Outcome, error) {
			<-ctx.Done()
			return 0, fmt.Errorf("insert: %w", ctx.Err())
		})
		h := mustHandler(t, heeding, callbacks.WithObserver(e.observer()))
		start := time.Now()
		if w := post(h, basicSample); w.Code != http.StatusServiceUnavailable || time.Since(start) != 10*time.Second {
			t.Errorf("%d after %v", w.Code, time.Since(start))
		}
		if e.refused[0].Reason != callbacks.ReasonTimeout {
			t.Errorf("%+v", e.refused)
		}
	})
}

func TestSenderHangingUpDoesNotStopTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		var sinkErr error
		var value any
		sink := callbacks.SinkFunc[change](func(ctx context.Context, _ delivery) (callbacks.Outcome, error) {
			time.Sleep(time.Second)
			sinkErr, value = ctx.Err(), ctx.Value(key{})
			return callbacks.OutcomeStored, nil
		})
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "kept"))
		time.AfterFunc(time.Millisecond, cancel)
		r, w := newRequest(basicSample).WithContext(ctx), newRecorder()
		r.Header.Set("Authorization", "Bearer "+testToken)
		mustHandler(t, sink).ServeHTTP(w, r)
		if sinkErr != nil || value != "kept" || w.Code != http.StatusOK || ctx.Err() == nil {
			t.Errorf("sink saw %v and %v, answered %d", sinkErr, value, w.Code)
		}
	})
}

func TestShutdownRefusesAndWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, release := new(events), make(chan struct{})
		stuck := callbacks.SinkFunc[change](func(context.Context, delivery) (callbacks.Outcome, error) {
			<-release
			return callbacks.OutcomeStored, nil
		})
		h := mustHandler(t, stuck, callbacks.WithObserver(e.observer()))
		answer := make(chan int, 1)
		go func() { answer <- post(h, basicSample).Code }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := h.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with a delivery in the sink: %v", err)
		}
		if w := post(h, basicSample); w.Code != http.StatusServiceUnavailable || e.refused[0].Reason != callbacks.ReasonShutdown {
			t.Errorf("%d %+v", w.Code, e.refused)
		}
		close(release)
		if err := h.Shutdown(t.Context()); err != nil || <-answer != http.StatusOK {
			t.Errorf("%v", err)
		}
		if err := h.Shutdown(t.Context()); err != nil {
			t.Errorf("again: %v", err)
		}
	})
}

func TestHookThatPanicsChangesNoAnswer(t *testing.T) {
	t.Parallel()
	hooks := callbacks.Observer{
		Accepted: func(context.Context, callbacks.Accepted) { panic("hook") },
		Refused:  func(context.Context, callbacks.Refused) { panic("hook") },
	}
	sink := newMemorySink()
	h := mustHandler(t, sink, callbacks.WithObserver(hooks))
	if w := post(h, basicSample); w.Code != http.StatusOK {
		t.Error(w.Code)
	}
	if w := send(h, http.MethodGet, "", ""); w.Code != http.StatusMethodNotAllowed {
		t.Error(w.Code)
	}
	sink.fail(errTest)
	if w := post(h, basicSample); w.Code != http.StatusServiceUnavailable {
		t.Error(w.Code)
	}
}

// exploding is a body whose reading panics.
type exploding struct{}

func (exploding) Read([]byte) (int, error) { panic("s3cret") }
func (exploding) Close() error             { return nil }

func TestPanicWhileReadingIsAnswered(t *testing.T) {
	t.Parallel()
	e := new(events)
	h := mustHandler(t, newMemorySink(), callbacks.WithObserver(e.observer()))
	r, w := newRequest("x"), newRecorder()
	r.Body = exploding{}
	r.Header.Set("Authorization", "Bearer "+testToken)
	h.ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError || e.refused[0].Reason != callbacks.ReasonPanic || strings.Contains(e.refused[0].Err.Error(), "s3cret") {
		t.Errorf("%d %+v", w.Code, e.refused)
	}
	fault, ok := errors.AsType[*callbacks.PanicError](e.refused[0].Err)
	if !ok || fault.Value != "s3cret" || !strings.Contains(string(fault.Stack), "exploding") {
		t.Errorf("%+v", fault)
	}
}

func TestPanicWithAnErrorUnwrapsToIt(t *testing.T) {
	t.Parallel()
	e := new(events)
	sink := callbacks.Direct(func(context.Context, change) error { panic(errTest) })
	post(mustHandler(t, sink, callbacks.WithObserver(e.observer())), basicSample)
	if !errors.Is(e.refused[0].Err, errTest) || strings.Contains(e.refused[0].Err.Error(), errTest.Error()) {
		t.Errorf("%v", e.refused[0].Err)
	}
}

func TestOutcomesHaveNames(t *testing.T) {
	t.Parallel()
	var names []string
	for o := range callbacks.OutcomeQuarantined + 2 {
		names = append(names, o.String())
	}
	if got := strings.Join(names, " "); got != "unknown stored duplicate amended quarantined unknown" {
		t.Error(got)
	}
}
