package callbackstest_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
)

func TestFaults_SlowBodyTrickles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rec := new(recorder)
		report, err := send(t, t.Context(), rec, texts("g", strings.Repeat("x", 95)),
			callbackstest.WithFaults(callbackstest.Faults{SlowBody: 1, SlowFor: time.Second}))
		a := rec.seen()[0]
		if err != nil || report.Slow != 1 || report.Acknowledged() != 1 || len(a.body) != 95 {
			t.Errorf("%v, %v", report, err)
		}
		if took := a.ended.Sub(a.begun); took < 900*time.Millisecond || took > time.Second {
			t.Errorf("the body came within %v", took)
		}
	})
}

func TestFaults_CutBodyBreaksOffAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rec := new(recorder)
		report, err := send(t, t.Context(), rec, texts("g", "0123456789"), callbackstest.WithFaults(callbackstest.Faults{CutBody: 1}))
		seen := rec.seen()
		if err != nil || report.Cut != 1 || report.Unanswered != 1 || report.Requests != 2 || report.Acknowledged() != 1 {
			t.Errorf("%v, %v", report, err)
		}
		if len(seen) != 2 || seen[0].body != "01234" || !errors.Is(seen[0].err, io.ErrUnexpectedEOF) || seen[1].body != "0123456789" || seen[1].err != nil {
			t.Errorf("%+v", seen)
		}
	})
}

func TestFaults_HangingUpSendsAllAndTriesAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rec := new(recorder)
		report, err := send(t, t.Context(), rec, texts("g", "0123456789"), callbackstest.WithFaults(callbackstest.Faults{HangUp: 1}))
		seen := rec.seen()
		if err != nil || report.HungUp != 1 || report.Unanswered != 1 || report.Requests != 2 || report.Acknowledged() != 1 {
			t.Errorf("%v, %v", report, err)
		}
		if len(seen) != 2 || seen[0].body != "0123456789" || seen[0].err != nil || seen[1].body != "0123456789" {
			t.Errorf("%+v", seen)
		}
	})
}

func TestFaults_DuplicateComesAfterAndAtOnce(t *testing.T) {
	t.Parallel()
	for want, faults := range map[string]callbackstest.Faults{
		"aabb":   {Duplicate: 1},
		"aabb ":  {Twice: 1},
		"aaabbb": {Duplicate: 1, Twice: 1},
		"ab":     {},
	} {
		synctest.Test(t, func(t *testing.T) {
			rec := new(recorder)
			report, err := send(t, t.Context(), rec, texts("g", "a", "b"), callbackstest.WithFaults(faults))
			if got := strings.Join(rec.bodies(), ""); err != nil || got != strings.TrimSpace(want) || report.Acknowledged() != 2 || report.Requests != len(got) || report.Resent != len(got)-2 {
				t.Errorf("%+v: %s, %v, %v", faults, got, report, err)
			}
		})
	}
}

func TestFaults_OrderIsKeptWithinAGroupUnlessAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var messages []callbackstest.Message
		for i := range 40 {
			messages = append(messages, texts(fmt.Sprint(i%4), fmt.Sprintf("%d:%02d", i%4, i))...)
		}
		for _, share := range []float64{0, 1} {
			rec := &recorder{answer: func(n int, _ arrival) int { return []int{200, 200, 503}[n%3] }}
			report, err := send(t, t.Context(), rec, messages, callbackstest.WithFaults(callbackstest.Faults{Reorder: share}),
				callbackstest.WithSchedule(slices.Repeat([]time.Duration{time.Second}, 20)...))
			if err != nil || report.Acknowledged() != 40 {
				t.Fatalf("%v, %v", report, err)
			}
			for group := range 4 {
				var order []string
				for _, b := range rec.bodies() {
					if strings.HasPrefix(b, fmt.Sprint(group)) && !slices.Contains(order, b) {
						order = append(order, b)
					}
				}
				want := slices.Sorted(slices.Values(order))
				if share == 1 {
					for i := 0; i+1 < len(want); i += 2 {
						want[i], want[i+1] = want[i+1], want[i]
					}
				}
				if !slices.Equal(order, want) {
					t.Errorf("reordering %v: %v", share, order)
				}
			}
			if report.Reordered != int(share)*20 {
				t.Errorf("%d reordered", report.Reordered)
			}
		}
	})
}

func TestFaults_SeedDecidesTheFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		faults := callbackstest.Faults{Reorder: 0.3, Duplicate: 0.3, Twice: 0.3, SlowBody: 0.2, CutBody: 0.2, HangUp: 0.2}
		run := func(seed uint64) string {
			report, err := send(t, t.Context(), new(recorder), callbackstest.ReservationMessages(1, 30),
				callbackstest.WithFaults(faults), callbackstest.WithSeed(seed), callbackstest.WithConnections(3))
			if err != nil || report.Refused() != 0 || report.Cut == 0 || report.HungUp == 0 || report.Slow == 0 || report.Resent == 0 || report.Reordered == 0 {
				t.Fatalf("%v, %v", report, err)
			}
			var perMessage []int
			for _, r := range report.Results {
				perMessage = append(perMessage, r.Requests)
			}
			return fmt.Sprint(report, perMessage)
		}
		first := run(1)
		if again := run(1); again != first {
			t.Errorf("one seed, two outcomes:\n%s\n%s", first, again)
		}
		if run(2) == first {
			t.Error("the seed decides nothing")
		}
	})
}

func TestFaults_HappenOverTLSToo(t *testing.T) {
	t.Parallel()
	rec := new(recorder)
	server := httptest.NewTLSServer(rec)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	s, err := callbackstest.NewSender(server.URL, callbackstest.WithTLS(&tls.Config{RootCAs: roots}),
		callbackstest.WithFaults(callbackstest.Faults{SlowBody: 1, SlowFor: 10 * time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	report, err := s.Send(t.Context(), texts("g", "0123456789")...)
	if err != nil || report.Statuses[http.StatusOK] != 1 || report.Slow != 1 || rec.seen()[0].body != "0123456789" {
		t.Errorf("%v, %v", report, err)
	}
}
