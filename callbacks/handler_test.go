package callbacks_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
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

func TestRefusalsBeforeTheBodyReadNothing(t *testing.T) {
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

func TestMethodsCanBeNarrowed(t *testing.T) {
	t.Parallel()
	h := mustHandler(t, newMemorySink(), callbacks.WithMethods(http.MethodPatch))
	if w := post(h, body("")); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "PATCH" {
		t.Errorf("%d %q", w.Code, w.Header().Get("Allow"))
	}
	if w := send(h, http.MethodPatch, "", body("")); w.Code != http.StatusOK {
		t.Error(w.Code)
	}
}

func TestDeliveryHoldsWhatWasReceived(t *testing.T) {
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

func TestDuplicateIsAcknowledgedOnce(t *testing.T) {
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

func TestUnreadableBodyIsKeptWholeAndAcknowledged(t *testing.T) {
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

func TestFeedThatPanicsLosesNothing(t *testing.T) {
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

func TestFeedWithoutSlotOrRepairs(t *testing.T) {
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

func TestRawBytesAreTheDeliverysOwn(t *testing.T) {
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
