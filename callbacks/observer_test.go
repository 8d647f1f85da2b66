package callbacks_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestJoinedObserversAreAllToldInTheirOrder(t *testing.T) {
	t.Parallel()
	var calls []string
	naming := func(name string) callbacks.Observer {
		return callbacks.Observer{Accepted: func(context.Context, callbacks.Accepted) { calls = append(calls, name) }}
	}
	joined := callbacks.JoinObservers(naming("a"), callbacks.Observer{}, naming("b"))
	joined.Accepted(t.Context(), callbacks.Accepted{})
	if !slices.Equal(calls, []string{"a", "b"}) || joined.Refused != nil || joined.Overdue != nil {
		t.Errorf("%v %v", calls, joined)
	}
}

func TestHooksCostNothingWhenNil(t *testing.T) {
	count := func(h http.Handler) float64 {
		serve := serveOnce(t, h, basicSample, "", "")
		return testing.AllocsPerRun(100, serve)
	}
	none, err := callbacks.NewHandler(callbacks.Reservations(), bareSink(), callbacks.Unauthenticated())
	if err != nil {
		t.Fatal(err)
	}
	some, err := callbacks.NewHandler(callbacks.Reservations(), bareSink(), callbacks.Unauthenticated(),
		callbacks.WithObserver(callbacks.Observer{}), callbacks.WithObserver(callbacks.LogObserver(nil)))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := count(none), count(some); a != b {
		t.Errorf("%v allocations without, %v with nil hooks", a, b)
	}
}

// everyEvent makes a handler's observer see each kind of event once or more.
func everyEvent(t *testing.T, o callbacks.Observer) {
	t.Helper()
	sink := newMemorySink()
	h := mustHandler(t, sink, callbacks.WithObserver(o))
	post(h, backFlowPrinted)
	post(h, backFlowPrinted)
	post(h, "s3cret body")
	send(h, http.MethodPost, "application/json", basicSample, "Authorization", "Bearer s3cret")
	sink.fail(errTest)
	post(h, basicSample)
	panicking := callbacks.Direct(func(context.Context, change) error { panic("s3cret") })
	post(mustHandler(t, panicking, callbacks.WithObserver(o)), basicSample)
	o.Overdue(t.Context(), callbacks.Overdue{Feed: "reservations", Outcome: callbacks.OutcomeStored, Store: time.Second})
}

func TestLogTellsWhatHappenedAndNoSecret(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	everyEvent(t, callbacks.LogObserver(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range []string{
		`level=WARN msg="callback acknowledged" feed=reservations outcome=stored credential=test`,
		`level=DEBUG msg="callback acknowledged" feed=reservations outcome=duplicate`, // repaired too, but a WARN once is enough
		`level=WARN msg="callback acknowledged" feed=reservations outcome=quarantined`,
		`level=WARN msg="callback refused" feed=reservations reason=credential status=401 credential=""`,
		`level=ERROR msg="callback refused" feed=reservations reason=store_error status=503 credential=test`,
		`level=ERROR msg="callback refused" feed=reservations reason=panic status=500`,
		`level=WARN msg="callback stored after its request was answered 503" feed=reservations`,
	} {
		if i >= len(lines) || !strings.Contains(lines[i], want) {
			t.Errorf("line %d is not %q:\n%s", i, want, out.String())
		}
	}
	for _, want := range []string{"repaired=true", "group=hMg8VDP8oldBNVgAOBvH", "problem=", `error="test: the store is down"`, "stack="} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is missing:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "s3cret") || strings.Contains(out.String(), testToken) {
		t.Errorf("a secret or a body was logged:\n%s", out.String())
	}
}

func TestLogKeepsToItsLevel(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	o := callbacks.LogObserver(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelError})))
	everyEvent(t, o)
	if n := strings.Count(out.String(), "\n"); n != 2 {
		t.Errorf("%d lines:\n%s", n, out.String())
	}
}

func TestCountersCountEveryMetric(t *testing.T) {
	t.Parallel()
	var c callbacks.Counters
	everyEvent(t, c.Observer())
	got := map[string]float64{}
	for _, s := range c.Samples() {
		labels := []string{s.Labels["feed"], s.Labels["outcome"] + s.Labels["reason"], s.Labels["credential"]}
		got[s.Name+" "+strings.Join(labels, " ")] += s.Value
		got[s.Name] += s.Value
	}
	for name, want := range map[string]float64{
		callbacks.MetricAccepted + " reservations stored test":      1,
		callbacks.MetricAccepted + " reservations duplicate test":   1,
		callbacks.MetricAccepted + " reservations quarantined test": 1,
		callbacks.MetricRefused + " reservations credential ":       1,
		callbacks.MetricRefused + " reservations store_error test":  1,
		callbacks.MetricRefused + " reservations panic test":        1,
		callbacks.MetricRepaired:                                    2,
		callbacks.MetricOverdue:                                     1,
		callbacks.MetricBytes:                                       float64(2*len(backFlowPrinted) + len("s3cret body")),
	} {
		if got[name] != want {
			t.Errorf("%s is %v, wanted %v", name, got[name], want)
		}
	}
	for _, m := range callbacks.Metrics() {
		if got[m.Name] <= 0 {
			t.Errorf("%s is in the table and never counted", m.Name)
		}
		delete(got, m.Name)
	}
	for name := range got {
		if !strings.Contains(name, " ") {
			t.Errorf("%s is counted and not in the table", name)
		}
	}
}

func TestCountersSpeakPrometheus(t *testing.T) {
	t.Parallel()
	var c callbacks.Counters
	o := c.Observer()
	o.Refused(t.Context(), callbacks.Refused{Feed: "a\"\\\nb", Reason: callbacks.ReasonMethod})
	o.Refused(t.Context(), callbacks.Refused{Feed: "a", Reason: callbacks.ReasonStore, Credential: "n"})
	w := newRecorder()
	c.ServeHTTP(w, newRequest(""))
	want := "# TYPE lockerline_callbacks_refused_total counter\n" +
		"lockerline_callbacks_refused_total{feed=\"a\",reason=\"store_error\",credential=\"n\"} 1\n" +
		"lockerline_callbacks_refused_total{feed=\"a\\\"\\\\\\nb\",reason=\"method\",credential=\"\"} 1\n"
	if !strings.Contains(w.Body.String(), want) || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("%v\n%s", w.Header(), w.Body)
	}
}

func TestEveryReasonHasItsStatus(t *testing.T) {
	t.Parallel()
	var table []string
	for _, r := range callbacks.Reasons() {
		table = append(table, fmt.Sprintf("%s=%d", r, r.Status()))
	}
	want := "method=405 credential=401 expired_credential=401 content_type=415 too_large=413 slow_body=408 cut_body=400 empty_body=400 " +
		"unreadable=400 shutdown=503 full=503 store_timeout=503 store_error=503 panic=500"
	if got := strings.Join(table, " "); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if callbacks.Reason("new").Status() != http.StatusInternalServerError {
		t.Error("an unknown reason is not an error of ours")
	}
}
