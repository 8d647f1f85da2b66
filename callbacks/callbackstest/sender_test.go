package callbackstest_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
	"github.com/lockerline/lockerline-go/internal/memnet"
)

// arrival is one request as the receiver saw it.
type arrival struct {
	method, body string
	header       http.Header
	err          error
	begun, ended time.Time
}

// recorder answers by answer, and remembers what came.
type recorder struct {
	mu       sync.Mutex
	arrivals []arrival
	answer   func(n int, a arrival) int
}

func (rec *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := arrival{method: r.Method, header: r.Header.Clone(), begun: time.Now()}
	text, err := io.ReadAll(r.Body)
	a.body, a.err, a.ended = string(text), err, time.Now()
	rec.mu.Lock()
	rec.arrivals = append(rec.arrivals, a)
	n := len(rec.arrivals)
	rec.mu.Unlock()
	if rec.answer != nil {
		w.WriteHeader(rec.answer(n, a))
	}
}

func (rec *recorder) seen() []arrival {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return slices.Clone(rec.arrivals)
}

func (rec *recorder) bodies() (list []string) {
	for _, a := range rec.seen() {
		list = append(list, a.body)
	}
	return list
}

// send serves h in memory and sends the messages to it; call it within a bubble.
func send(t *testing.T, ctx context.Context, h http.Handler, messages []callbackstest.Message, opts ...callbackstest.Option) (callbackstest.SendReport, error) {
	t.Helper()
	l := memnet.Listen()
	server := &http.Server{Handler: h}
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(l) })
	defer wg.Wait()
	defer server.Close()
	s, err := callbackstest.NewSender("http://receiver.test/callbacks?x=1", append(opts, callbackstest.WithDial(l.Dial))...)
	if err != nil {
		t.Fatal(err)
	}
	report, err := s.Send(ctx, messages...)
	synctest.Wait()
	return report, err
}

func texts(group string, list ...string) (messages []callbackstest.Message) {
	for _, text := range list {
		messages = append(messages, callbackstest.Message{Group: group, Body: []byte(text)})
	}
	return messages
}

func TestSender_ShowsItsCredentials(t *testing.T) {
	t.Parallel()
	for want, opt := range map[string]callbackstest.Option{
		"Authorization: Basic dXNlcjpwOnc=": callbackstest.WithBasic("user", "p:w"),
		"Authorization: Bearer tok":         callbackstest.WithBearer("tok"),
		"X-Token: tok":                      callbackstest.WithXToken("tok"),
		"Ocp-Apim-Subscription-Key: key":    callbackstest.WithSubscriptionKey("key"),
		"X-Other: v":                        callbackstest.WithHeader("x-other", "v"),
	} {
		name, value, _ := strings.Cut(want, ": ")
		for fault, faults := range map[string]callbackstest.Faults{"plain": {}, "raw": {SlowBody: 1}} {
			synctest.Test(t, func(t *testing.T) {
				rec := new(recorder)
				report, err := send(t, t.Context(), rec, texts("g", "{}"), opt, callbackstest.WithFaults(faults), callbackstest.WithMethod(http.MethodPatch))
				if err != nil || report.Acknowledged() != 1 {
					t.Fatalf("%v, %v", report, err)
				}
				a := rec.seen()[0]
				if !slices.Equal(a.header.Values(name), []string{value}) || a.method != http.MethodPatch || a.body != "{}" ||
					a.header.Get("Content-Type") != "application/json; charset=utf-8" {
					t.Errorf("%s, %s: %+v", want, fault, a)
				}
			})
		}
	}
}

func TestSender_TriesByItsSchedule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		rec := &recorder{answer: func(n int, _ arrival) int { return []int{503, 401, 204, 200, 200}[n-1] }}
		report, err := send(t, t.Context(), rec, texts("g", "a", "b"),
			callbackstest.WithSchedule(time.Second, time.Minute, time.Hour, time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		var at []time.Duration
		for _, a := range rec.seen() {
			at = append(at, a.begun.Sub(start))
		}
		if want := []time.Duration{0, time.Second, 61 * time.Second, time.Hour + 61*time.Second, time.Hour + 61*time.Second}; !slices.Equal(at, want) {
			t.Errorf("tried at %v", at)
		}
		if got := strings.Join(rec.bodies(), ""); got != "aaaab" {
			t.Errorf("sent %s", got)
		}
		if report.Requests != 5 || report.Acknowledged() != 2 || report.Refused() != 0 ||
			!reflect.DeepEqual(report.Statuses, map[int]int{200: 2, 204: 1, 401: 1, 503: 1}) {
			t.Errorf("%v", report)
		}
	})
}

func TestSender_GivesUpAndGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rec := &recorder{answer: func(_ int, a arrival) int {
			if a.body == "bad" {
				return http.StatusBadRequest
			}
			return http.StatusOK
		}}
		report, err := send(t, t.Context(), rec, texts("g", "bad", "good"), callbackstest.WithSchedule(time.Second))
		if err != nil || report.Sent() != 2 || report.Acknowledged() != 1 || report.Refused() != 1 || report.Requests != 3 {
			t.Errorf("%v, %v", report, err)
		}
		if bad := report.Results[0]; bad.Acknowledged || bad.Requests != 2 || bad.Status != http.StatusBadRequest || string(bad.Message.Body) != "bad" {
			t.Errorf("%+v", bad)
		}
		want := "2 messages: 2 sent, 1 acknowledged, 1 refused; 3 requests: 1 x 200, 2 x 400, 0 unanswered; 0 re-sent, 0 reordered, 0 slow, 0 cut, 0 hung up"
		if report.String() != want {
			t.Error(report)
		}
	})
}

func TestSender_BoundsATry(t *testing.T) {
	t.Parallel()
	for _, faults := range []callbackstest.Faults{{}, {SlowBody: 1, SlowFor: time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			hang := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			})
			start := time.Now()
			report, err := send(t, t.Context(), hang, texts("g", "{}"), callbackstest.WithTimeout(3*time.Second),
				callbackstest.WithSchedule(), callbackstest.WithFaults(faults))
			if err != nil || time.Since(start) != 3*time.Second || report.Unanswered != 1 || report.Results[0].Err == nil {
				t.Errorf("after %v: %v, %v", time.Since(start), report, err)
			}
		})
	}
}

func TestSender_StopsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("test: enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		rec := &recorder{answer: func(int, arrival) int { return http.StatusServiceUnavailable }}
		time.AfterFunc(90*time.Second, func() { cancel(cause) })
		start := time.Now()
		report, err := send(t, ctx, rec, append(texts("a", "1", "2"), texts("b", "3")...), callbackstest.WithConnections(1),
			callbackstest.WithSchedule(time.Minute, time.Minute))
		if !errors.Is(err, cause) || time.Since(start) != 90*time.Second || report.Requests != 2 || report.Sent() != 1 || len(report.Results) != 3 {
			t.Errorf("after %v: %v, %v", time.Since(start), report, err)
		}
	})
}

func TestNewSender_MistakesAreErrors(t *testing.T) {
	t.Parallel()
	for want, build := range map[string]func() (*callbackstest.Sender, error){
		"target": func() (*callbackstest.Sender, error) { return callbackstest.NewSender("ftp://x") },
		"share": func() (*callbackstest.Sender, error) {
			return callbackstest.NewSender("http://x", callbackstest.WithFaults(callbackstest.Faults{CutBody: 1.1}))
		},
		"SlowFor": func() (*callbackstest.Sender, error) {
			return callbackstest.NewSender("http://x", callbackstest.WithFaults(callbackstest.Faults{SlowFor: -1}))
		},
		"method": func() (*callbackstest.Sender, error) {
			return callbackstest.NewSender("http://x", callbackstest.WithMethod("GET"))
		},
		"connections; the timeo": func() (*callbackstest.Sender, error) {
			return callbackstest.NewSender("http://x", callbackstest.WithConnections(0), callbackstest.WithTimeout(0))
		},
	} {
		if _, err := build(); err == nil || !strings.Contains(err.Error(), strings.Split(want, ";")[0]) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestSender_FollowsNoRedirect(t *testing.T) {
	t.Parallel()
	rec := &recorder{answer: func(int, arrival) int { return http.StatusOK }}
	target := httptest.NewServer(rec)
	t.Cleanup(target.Close)
	moved := httptest.NewServer(http.RedirectHandler(target.URL, http.StatusTemporaryRedirect))
	t.Cleanup(moved.Close)
	s, err := callbackstest.NewSender(moved.URL, callbackstest.WithSchedule())
	if err != nil {
		t.Fatal(err)
	}
	report, err := s.Send(t.Context(), texts("g", "{}")...)
	if err != nil || len(rec.seen()) != 0 || report.Statuses[http.StatusTemporaryRedirect] != 1 || report.Acknowledged() != 0 {
		t.Errorf("%v, %v", report, err)
	}
}

func TestSender_AbsentReceiverIsReportedWhateverTheFault(t *testing.T) {
	t.Parallel()
	gone := errors.New("test: no receiver there")
	for _, scheme := range []string{"http", "https"} {
		for _, faults := range []callbackstest.Faults{{}, {SlowBody: 1}, {CutBody: 1}, {HangUp: 1}, {Twice: 1}} {
			var addresses []string
			s, err := callbackstest.NewSender(scheme+"://receiver.test", callbackstest.WithSchedule(), callbackstest.WithFaults(faults),
				callbackstest.WithDial(func(_ context.Context, _, address string) (net.Conn, error) {
					if faults.Twice == 0 {
						addresses = append(addresses, address)
					}
					return nil, gone
				}))
			if err != nil {
				t.Fatal(err)
			}
			report, err := s.Send(t.Context(), texts("g", "{}")...)
			if err != nil || report.Refused() != 1 || report.Unanswered == 0 || !errors.Is(report.Results[0].Err, gone) {
				t.Errorf("%+v: %v, %v", faults, report, err)
			}
			want := map[string]string{"http": "receiver.test:80", "https": "receiver.test:443"}[scheme]
			if faults.Twice == 0 && !slices.Equal(addresses, []string{want}) {
				t.Errorf("%+v: dialled %v", faults, addresses)
			}
		}
	}
}

func TestSender_UntrustedReceiverGetsNothing(t *testing.T) {
	t.Parallel()
	rec := new(recorder)
	server := httptest.NewUnstartedServer(rec)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	for _, faults := range []callbackstest.Faults{{}, {HangUp: 1}} {
		s, err := callbackstest.NewSender(server.URL, callbackstest.WithSchedule(), callbackstest.WithFaults(faults))
		if err != nil {
			t.Fatal(err)
		}
		report, err := s.Send(t.Context(), texts("g", "{}")...)
		if err != nil || report.Acknowledged() != 0 || len(rec.seen()) != 0 || report.Results[0].Err == nil {
			t.Errorf("%+v: %v, %v", faults, report, err)
		}
	}
}

func TestSender_HeaderCanBeLeftOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rec := new(recorder)
		if _, err := send(t, t.Context(), rec, texts("g", "{}"), callbackstest.WithHeader("Content-Type", "")); err != nil {
			t.Fatal(err)
		}
		if got := rec.seen()[0].header.Values("Content-Type"); len(got) != 0 {
			t.Error(got)
		}
	})
}
