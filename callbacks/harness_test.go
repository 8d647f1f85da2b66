package callbacks_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

const testToken = "s3cret-token-for-tests"

var errTest = errors.New("test: the store is down")

type (
	change   = callbacks.ReservationChange
	delivery = callbacks.Received[change]
)

// memorySink keeps what it gets, tells duplicates by their key and fails on demand.
type memorySink struct {
	mu   sync.Mutex
	seen map[callbacks.Key]bool
	list []delivery
	err  error
}

func newMemorySink() *memorySink { return &memorySink{seen: map[callbacks.Key]bool{}} }

func (s *memorySink) Accept(_ context.Context, d delivery) (callbacks.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return 0, s.err
	case s.seen[d.Key]:
		return callbacks.OutcomeDuplicate, nil
	}
	s.seen[d.Key] = true
	s.list = append(s.list, d)
	if d.Quarantined() {
		return callbacks.OutcomeQuarantined, nil
	}
	return callbacks.OutcomeStored, nil
}

func (s *memorySink) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *memorySink) stored() []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.list)
}

// events is an observer that remembers.
type events struct {
	mu       sync.Mutex
	accepted []callbacks.Accepted
	refused  []callbacks.Refused
}

func (e *events) observer() callbacks.Observer {
	return callbacks.Observer{
		Accepted: func(_ context.Context, a callbacks.Accepted) { note(e, &e.accepted, a) },
		Refused:  func(_ context.Context, r callbacks.Refused) { note(e, &e.refused, r) },
	}
}

func note[E any](e *events, list *[]E, event E) {
	e.mu.Lock()
	defer e.mu.Unlock()
	*list = append(*list, event)
}

// mustHandler takes the test token, so that every test passes the credentials.
func mustHandler(t testing.TB, sink callbacks.Sink[change], opts ...callbacks.Option) *callbacks.Handler[change] {
	t.Helper()
	opts = append(opts, callbacks.WithCredentials(callbacks.Bearer("test", testToken)))
	h, err := callbacks.NewHandler(callbacks.Reservations(), sink, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func post(h http.Handler, body string) *httptest.ResponseRecorder {
	return send(h, http.MethodPost, "application/json", body)
}

func send(h http.Handler, method, contentType, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/callbacks", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	r.Header.Set("Authorization", "Bearer "+testToken)
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// slowStoreAnswersIn returns the virtual time until a handler answers whose function hangs for
// an hour and ignores its context.
func slowStoreAnswersIn(t *testing.T) (took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		hang := callbacks.Direct(func(context.Context, change) error {
			time.Sleep(time.Hour)
			return nil
		})
		h := mustHandler(t, hang)
		start := time.Now()
		w := post(h, body(""))
		took = time.Since(start)
		defer func() {
			if err := h.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("answered %d with Retry-After %q", w.Code, w.Header().Get("Retry-After"))
		}
	})
	return took
}

func newRequest(body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/callbacks", strings.NewReader(body))
}

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

// samples are the vendor page's own examples: as printed there, two of them with a comma
// before the last brace, and as JSON.
var samples = []struct{ name, printed, valid string }{
	{"basic", basicSample, basicSample},
	{"back-flow", backFlowPrinted, backFlowSample},
	{"prereservation", prereservationPrinted, prereservationSample},
}

const basicSample = `{
"reservationId": "91fcb674-bfbc-4f88-9bef-9651874e8126",
"status": "PICKED_UP",
"changeTime": "2021-10-20T08:31:58.113Z"
}`

const backFlowMembers = `{
"reservationId": "hMg8VDP8oldBNVgAOBvH",
"status": "RETURNING",
"changeTime": "2022-12-30T13:00:32.42Z",
"flowType": "INLET",
"barcodes": ["7032102989999912"],
"docNumber": "hMg8VDP8oldBNVgAOBvH",
"blocked": false,
"errorState": null`

const prereservationMembers = backFlowMembers + `,
"startReservationDate": "2022-12-31T13:00:32.42Z",
"expirationDate": "2022-12-31T19:00:32.42Z"`

const (
	backFlowPrinted       = backFlowMembers + ",\n}"
	backFlowSample        = backFlowMembers + "\n}"
	prereservationPrinted = prereservationMembers + ",\n}"
	prereservationSample  = prereservationMembers + "\n}"
)
