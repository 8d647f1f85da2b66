package callbacks_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// nullWriter is a ResponseWriter that costs nothing, so that only the handler is counted.
type nullWriter struct {
	header http.Header
	status int
}

func (w *nullWriter) Header() http.Header         { return w.header }
func (w *nullWriter) Write(b []byte) (int, error) { return len(b), nil }
func (w *nullWriter) WriteHeader(status int)      { w.status = status }

// SetReadDeadline is what net/http's own writer has.
func (w *nullWriter) SetReadDeadline(time.Time) error { return nil }

// bareSink keeps nothing.
func bareSink() callbacks.Sink[change] {
	return callbacks.SinkFunc[change](func(context.Context, delivery) (callbacks.Outcome, error) {
		return callbacks.OutcomeStored, nil
	})
}

// serveOnce is one request of a reused shape; all that it allocates is the handler's.
func serveOnce(tb testing.TB, h http.Handler, text, user, secret string) func() {
	r := httptest.NewRequest(http.MethodPost, "/callbacks", nil)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.SetBasicAuth(user, secret)
	r.ContentLength = int64(len(text))
	reader := strings.NewReader(text)
	r.Body = io.NopCloser(reader)
	w := &nullWriter{header: http.Header{}}
	return func() {
		reader.Reset(text)
		h.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			tb.Fatal(w.status)
		}
	}
}

func benchHandler(tb testing.TB) http.Handler {
	h, err := callbacks.NewHandler(callbacks.Reservations(), bareSink(), callbacks.WithCredentials(allFour()...))
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

func TestHandler_StaysWithinItsAllocations(t *testing.T) {
	const limit = 30
	h := benchHandler(t)
	for _, s := range samples {
		if got := testing.AllocsPerRun(200, serveOnce(t, h, s.valid, "user-name", password)); got > limit {
			t.Errorf("%s: %v allocations, at most %d wanted", s.name, got, limit)
		}
	}
}

func BenchmarkHandler(b *testing.B) {
	for _, s := range samples {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			serve := serveOnce(b, benchHandler(b), s.valid, "user-name", password)
			for b.Loop() {
				serve()
			}
		})
	}
}

// BenchmarkLoopback is the whole request on a connection that is kept: the handler, and as
// its baseline one that reads the body and does nothing.
func BenchmarkLoopback(b *testing.B) {
	for name, h := range map[string]http.Handler{
		"callbacks": benchHandler(b),
		"baseline-net-http": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
		}),
	} {
		b.Run(name, func(b *testing.B) {
			server := httptest.NewServer(h)
			defer server.Close()
			b.ReportAllocs()
			for b.Loop() {
				r, err := http.NewRequest(http.MethodPost, server.URL, strings.NewReader(prereservationSample))
				if err != nil {
					b.Fatal(err)
				}
				r.SetBasicAuth("user-name", password)
				response, err := server.Client().Do(r)
				if err != nil || response.StatusCode != http.StatusOK {
					b.Fatal(response, err)
				}
				_ = response.Body.Close()
			}
		})
	}
}
