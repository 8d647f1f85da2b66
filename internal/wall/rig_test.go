package wall

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

const tower = harbor.TowerID("0100000000000175")

var start = time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)

// fake is a source whose lockers a test sets.
type fake struct {
	mu      sync.Mutex
	lockers []Locker
	err     error
}

func (f *fake) Lockers(context.Context) ([]Locker, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Locker(nil), f.lockers...), f.err
}

func (f *fake) set(locker harbor.LockerID, status harbor.LockerStatus) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.lockers {
		if f.lockers[i].Ref.Locker == locker {
			f.lockers[i].Status = status
		}
	}
}

func (f *fake) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

var errSource = errors.New("no answer")

func twoDoors() *fake {
	return &fake{lockers: []Locker{
		{Ref: harbor.LockerRef{Tower: tower, Locker: 948}, Status: harbor.LockerStatusAvailable, Name: "1", Size: "small", Place: "Grand Park Garage"},
		{Ref: harbor.LockerRef{Tower: tower, Locker: 949}, Status: harbor.LockerStatusReserved, Name: "2", Size: "large", Low: true, Owner: "somebody", Until: start.Add(time.Minute)},
	}}
}

// newWall is a wall that has looked once.
func newWall(t *testing.T, source Source, opts Options) *Wall {
	t.Helper()
	if opts.Now == nil {
		opts.Now = func() time.Time { return start }
	}
	w, err := New(source, opts)
	require.NoError(t, err)
	_ = w.Look(t.Context())
	return w
}

func get(t *testing.T, w *Wall, path string) *httptest.ResponseRecorder {
	t.Helper()
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec
}

// event is one event as a browser reads it.
type event struct{ id, name, data string }

// viewer is a live page.
type viewer struct{ in *bufio.Reader }

// watch opens the stream, as a browser that has read up to lastID.
func watch(t *testing.T, w *Wall, lastID string) *viewer {
	t.Helper()
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // an event that does not come is a failure
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/_wall/stream", nil)
	require.NoError(t, err)
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	res, err := srv.Client().Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { res.Body.Close() })
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
	return &viewer{bufio.NewReader(res.Body)}
}

func (v *viewer) next(t *testing.T) event {
	t.Helper()
	var e event
	for {
		line, err := v.in.ReadString('\n')
		require.NoError(t, err)
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch {
		case name == "id":
			e.id = value
		case name == "event":
			e.name = value
		case name == "data":
			e.data = value
		case line == "\n" && e.name != "":
			return e
		}
	}
}

// deaf is a ResponseWriter to a client that reads nothing: writing waits for the end.
type deaf struct {
	header http.Header
	end    <-chan struct{}
}

func (d deaf) Header() http.Header { return d.header }
func (d deaf) WriteHeader(int)     {}
func (d deaf) Write([]byte) (int, error) {
	<-d.end
	return 0, errors.New("the connection is gone")
}

// paper is a ResponseWriter that keeps what was written, for use within a bubble.
type paper struct {
	mu     sync.Mutex
	header http.Header
	text   bytes.Buffer
}

func (p *paper) Header() http.Header { return p.header }
func (p *paper) WriteHeader(int)     {}
func (p *paper) Flush()              {}
func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}
