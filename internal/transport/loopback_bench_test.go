package transport

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkLoopback compares one GET over a real connection on loopback, kept open, with
// bare net/http. Server and client share the process, as they do for both.
func BenchmarkLoopback(b *testing.B) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(oneLocker)
	}))
	defer srv.Close()
	base := NewBase()
	defer base.CloseIdleConnections()
	b.Run("bare", func(b *testing.B) {
		hc := &http.Client{Transport: base}
		b.ReportAllocs()
		for b.Loop() {
			if err := bareGet(hc, srv.URL+"/v1/lockers/1", new(locker)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pipeline", func(b *testing.B) {
		c := newTestClient(b, srv.URL, base, nil)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Do(b.Context(), Call{Op: opBench, Args: []string{"1"}, Out: new(locker)}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
