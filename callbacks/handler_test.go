package callbacks_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// untouchable is a body that must not be read.
type untouchable struct{ t *testing.T }

func (u untouchable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func (untouchable) Close() error { return nil }

func TestHandler_RefusalsBeforeTheBodyReadNothing(t *testing.T) {
	t.Parallel()
	const right = "Bearer " + testToken
	for _, c := range []struct {
		name, method, contentType, authorization string
		length                                   int64
		reason                                   callbacks.Reason
	}{
		{"method", http.MethodPut, "application/json", right, 10, callbacks.ReasonMethod},
		{"probe by GET", http.MethodGet, "", right, -1, callbacks.ReasonMethod},
		{"method before credentials", http.MethodDelete, "", "", 10, callbacks.ReasonMethod},
		{"no secret", http.MethodPost, "application/json", "", 10, callbacks.ReasonCredential},
		{"wrong secret", http.MethodPost, "application/json", "Bearer x", -1, callbacks.ReasonCredential},
		{"credentials before the type", http.MethodPost, "text/plain", "Bearer x", 10, callbacks.ReasonCredential},
		{"type", http.MethodPost, "text/plain", right, 10, callbacks.ReasonContentType},
		{"form", http.MethodPost, "application/x-www-form-urlencoded", right, 10, callbacks.ReasonContentType},
		{"no type at all", http.MethodPost, "json", right, 10, callbacks.ReasonContentType},
		{"nearly JSON", http.MethodPost, "application/jsonp", right, 10, callbacks.ReasonContentType},
		{"says it is too large", http.MethodPatch, "application/json", right, 64<<10 + 1, callbacks.ReasonTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e, sink := new(events), newMemorySink()
			h := mustHandler(t, sink, callbacks.WithObserver(e.observer()))
			r, w := newRequest(""), newRecorder()
			r.Method, r.Body, r.ContentLength = c.method, untouchable{t}, c.length
			r.Header = http.Header{"Content-Type": {c.contentType}, "Authorization": {c.authorization}}
			h.ServeHTTP(w, r)
			if w.Code != c.reason.Status() || w.Body.Len() != 0 || w.Header().Get("Connection") != "close" {
				t.Errorf("%d %v %q", w.Code, w.Header(), w.Body)
			}
			if len(e.refused) != 1 || e.refused[0].Reason != c.reason || e.refused[0].Status != w.Code || e.refused[0].Feed != "reservations" {
				t.Errorf("observed %+v", e.refused)
			}
			if len(sink.stored()) != 0 {
				t.Error("something was stored")
			}
			if allow := w.Header().Get("Allow"); (allow == "POST, PATCH") != (c.reason == callbacks.ReasonMethod) {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

func TestWithMethods_NarrowsThem(t *testing.T) {
	t.Parallel()
	h := mustHandler(t, newMemorySink(), callbacks.WithMethods(http.MethodPatch))
	if w := post(h, body("")); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "PATCH" {
		t.Errorf("%d %q", w.Code, w.Header().Get("Allow"))
	}
	if w := send(h, http.MethodPatch, "", body("")); w.Code != http.StatusOK {
		t.Error(w.Code)
	}
}

func TestHandler_SinkGetsWhatWasReceived(t *testing.T) {
	t.Parallel()
	sink, e := newMemorySink(), new(events)
	h := mustHandler(t, sink, callbacks.WithObserver(e.observer()))
	before := time.Now()
	w := post(h, backFlowPrinted)
	if w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Fatalf("%d %q", w.Code, w.Body)
	}
	d, feed := sink.stored()[0], callbacks.Reservations()
	want, err := feed.Decode([]byte(backFlowPrinted))
	if err != nil {
		t.Fatal(err)
	}
	if d.Feed != "reservations" || d.Key != feed.Key(want) || d.Slot != feed.Slot(want) || d.Group != want.ReservationID ||
		!d.Time.Equal(want.ChangeTime) || string(d.Raw) != backFlowPrinted || d.Quarantined() || d.Value.Status != want.Status {
		t.Errorf("%+v", d)
	}
	if d.ReceivedAt.Before(before.Add(-time.Second)) || d.ReceivedAt.After(time.Now()) || d.ReceivedAt.Location() != time.UTC {
		t.Errorf("received at %v", d.ReceivedAt)
	}
	a := e.accepted[0]
	if a.Outcome != callbacks.OutcomeStored || a.Credential != "test" || a.Key != d.Key || a.Group != d.Group || a.Size != len(d.Raw) ||
		!a.Repaired || a.Problem != "" || !a.Time.Equal(d.Time) || a.Total < a.Store {
		t.Errorf("%+v", a)
	}
}

func TestHandler_DuplicateIsAcknowledgedToo(t *testing.T) {
	t.Parallel()
	sink, e := newMemorySink(), new(events)
	h := mustHandler(t, sink, callbacks.WithObserver(e.observer()))
	for range 3 {
		if w := post(h, basicSample); w.Code != http.StatusOK {
			t.Fatal(w.Code)
		}
	}
	if len(sink.stored()) != 1 || e.accepted[0].Outcome != callbacks.OutcomeStored || e.accepted[2].Outcome != callbacks.OutcomeDuplicate {
		t.Errorf("%d stored, %+v", len(sink.stored()), e.accepted)
	}
}

func TestHandler_UnreadableBodyIsKeptWholeAndAcknowledged(t *testing.T) {
	t.Parallel()
	sink, e := newMemorySink(), new(events)
	h := mustHandler(t, sink, callbacks.WithObserver(e.observer()))
	bodies := []string{"{", "null", "[]", `{"reservationId":"r1"}`, "\x1f\x8b\x08\x00gzip", strings.Repeat("x", 64<<10)}
	for _, text := range bodies {
		if w := post(h, text); w.Code != http.StatusOK {
			t.Errorf("%.20q: %d", text, w.Code)
		}
		d := sink.stored()[len(sink.stored())-1]
		if !d.Quarantined() || string(d.Raw) != text || d.Key != callbacks.RawKey([]byte(text)) || d.Group != "" || !d.Time.IsZero() || d.Value.ReservationID != "" {
			t.Errorf("%.20q: %+v", text, d.Record)
		}
		a := e.accepted[len(e.accepted)-1]
		if a.Outcome != callbacks.OutcomeQuarantined || a.Problem != d.Problem {
			t.Errorf("observed %+v", a)
		}
	}
	if len(sink.stored()) != len(bodies) {
		t.Errorf("%d of %d kept", len(sink.stored()), len(bodies))
	}
}

func TestHandler_FeedThatPanicsLosesNothing(t *testing.T) {
	t.Parallel()
	boom := func() { panic("s3cret of the body") }
	for name, broken := range map[string]func(*callbacks.Feed[change]){
		"Decode": func(f *callbacks.Feed[change]) {
			f.Decode = func([]byte) (change, error) { boom(); return change{}, nil }
		},
		"Key": func(f *callbacks.Feed[change]) { f.Key = func(change) callbacks.Key { boom(); return callbacks.Key{} } },
		"Slot": func(f *callbacks.Feed[change]) {
			f.Slot = func(change) callbacks.Key { boom(); return callbacks.Key{} }
		},
		"Group":    func(f *callbacks.Feed[change]) { f.Group = func(change) string { boom(); return "" } },
		"Time":     func(f *callbacks.Feed[change]) { f.Time = func(change) time.Time { boom(); return time.Time{} } },
		"Repaired": func(f *callbacks.Feed[change]) { f.Repaired = func(change) bool { boom(); return false } },
		"no text": func(f *callbacks.Feed[change]) {
			f.Decode = func([]byte) (change, error) { return change{}, errors.New("") }
		},
	} {
		feed, sink := callbacks.Reservations(), newMemorySink()
		broken(&feed)
		h, err := callbacks.NewHandler(feed, sink, callbacks.Unauthenticated())
		if err != nil {
			t.Fatal(err)
		}
		if w := post(h, basicSample); w.Code != http.StatusOK {
			t.Errorf("%s: %d", name, w.Code)
		}
		d := sink.stored()[0]
		if !d.Quarantined() || string(d.Raw) != basicSample || d.Group != "" || strings.Contains(d.Problem, "s3cret") {
			t.Errorf("%s: %+v", name, d.Record)
		}
	}
}

func TestFeed_SlotAndRepairedMayBeNil(t *testing.T) {
	t.Parallel()
	feed, sink := callbacks.Reservations(), newMemorySink()
	feed.Slot, feed.Repaired = nil, nil
	h, err := callbacks.NewHandler(feed, sink, callbacks.Unauthenticated())
	if err != nil {
		t.Fatal(err)
	}
	if w := post(h, backFlowPrinted); w.Code != http.StatusOK || !sink.stored()[0].Slot.IsZero() {
		t.Errorf("%d, %v", w.Code, sink.stored()[0].Slot)
	}
}

func TestHandler_RawBytesAreTheDeliverysOwn(t *testing.T) {
	t.Parallel()
	sink := newMemorySink()
	h := mustHandler(t, sink)
	texts := make([]string, 50)
	for i := range texts {
		texts[i] = body(`"docNumber":"` + strings.Repeat(string(rune('a'+i%26)), i+1) + `"`)
		post(h, texts[i])
	}
	for i, d := range sink.stored() {
		if string(d.Raw) != texts[i] || string(d.Value.Raw) != texts[i] {
			t.Fatalf("body %d was overwritten: %s", i, d.Raw)
		}
	}
}

func TestHandler_FailingSinkAcknowledgesNothing(t *testing.T) {
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

func TestHandler_SinkThatEndsItsGoroutineAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	e, w := new(events), make(chan int, 1)
	gone := callbacks.SinkFunc[change](func(context.Context, delivery) (callbacks.Outcome, error) {
		runtime.Goexit()
		return callbacks.OutcomeStored, nil
	})
	h := mustHandler(t, gone, callbacks.WithObserver(e.observer()))
	go func() {
		recorder := newRecorder()
		defer func() { w <- recorder.Code }()
		r := newRequest(basicSample)
		r.Header.Set("Authorization", "Bearer "+testToken)
		h.ServeHTTP(recorder, r)
	}()
	if code := <-w; code != http.StatusInternalServerError || e.refused[0].Reason != callbacks.ReasonPanic {
		t.Errorf("%d %+v", code, e.refused)
	}
	if err := h.Shutdown(t.Context()); err != nil {
		t.Error(err)
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

func TestHandler_SenderHangingUpDoesNotStopTheSink(t *testing.T) {
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

func TestHandlerShutdown_RefusesAndWaits(t *testing.T) {
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

func TestObserver_PanicChangesNoAnswer(t *testing.T) {
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

func TestHandler_PanicWhileReadingIsAnswered(t *testing.T) {
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
