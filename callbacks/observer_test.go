package callbacks_test

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/internal/racetest"
)

func TestWithObserver_AllAreToldInTheirOrder(t *testing.T) {
	t.Parallel()
	var calls []string
	naming := func(name string) callbacks.Option {
		return callbacks.WithObserver(callbacks.Observer{
			Accepted: func(context.Context, callbacks.Accepted) { calls = append(calls, name) },
		})
	}
	h := mustHandler(t, newMemorySink(), naming("a"), callbacks.WithObserver(callbacks.Observer{}), naming("b"))
	post(h, basicSample)
	send(h, http.MethodGet, "", "")
	if !slices.Equal(calls, []string{"a", "b"}) {
		t.Errorf("%v", calls)
	}
}

func TestObserver_NilHooksCostNothing(t *testing.T) {
	if racetest.Enabled {
		t.Skip("the race detector allocates at random")
	}
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
}

func TestLogObserver_LogsWhatHappenedAndNoSecret(t *testing.T) {
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

func TestLogObserver_KeepsToItsLevel(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	o := callbacks.LogObserver(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelError})))
	everyEvent(t, o)
	if n := strings.Count(out.String(), "\n"); n != 2 {
		t.Errorf("%d lines:\n%s", n, out.String())
	}
}
