package foxtrottest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

// Server is Foxtrot in memory. All methods are safe for concurrent use.
type Server struct {
	// URL is the base of the API, without a trailing slash.
	URL string
	// APIKey is the one key that is let in.
	APIKey string

	cfg     config
	http    *httptest.Server
	client  *http.Client
	closing chan struct{}
	once    sync.Once

	mu sync.Mutex // guards what follows
	world
	clock    clock
	faults   map[string][]Fault
	requests []Request
	inFlight int
	peak     int
	resets   int
}

// NewServer starts a server on a free loopback port. It panics when the options
// contradict themselves, as only a mistake in a test does; see [New]. Close it when done.
func NewServer(opts ...Option) *Server {
	s, err := New(opts...)
	if err != nil {
		panic(err)
	}
	s.http = httptest.NewServer(s)
	s.client = s.http.Client()
	s.URL = s.http.URL
	return s
}

// New makes a server that does not listen: mount it as an [http.Handler] in a server of
// your own, or reach it through [Server.HTTPClient], which then needs no network and may
// be used within testing/synctest. URL is "http://localhost"; change it to where you
// mounted the server. Close it when done.
func New(opts ...Option) (*Server, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL: "http://localhost", APIKey: cfg.apiKey, cfg: cfg,
		closing: make(chan struct{}), clock: clock{frozen: cfg.start}, faults: map[string][]Fault{},
	}
	s.client = &http.Client{Transport: inProcess{s}}
	s.world = newWorld()
	s.collected = s.clock.now()
	if !cfg.empty {
		s.demo()
	}
	return s, nil
}

// NewClient returns a client of this server.
func (s *Server) NewClient(opts ...lockerline.Option) (*foxtrot.Client, error) {
	own := []lockerline.Option{lockerline.WithBaseURL(s.URL), lockerline.WithHTTPClient(s.client)}
	return foxtrot.NewClient(s.APIKey, append(own, opts...)...)
}

// Close ends the server and its listener. Requests under way are cut. It may be called
// more than once.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.closing)
		s.client.CloseIdleConnections()
		if s.http != nil {
			s.http.CloseClientConnections()
			s.http.Close()
		}
	})
}

// HTTPClient is a client that reaches the server. Its idle connections are closed by
// Close.
func (s *Server) HTTPClient() *http.Client { return s.client }

// Handler is the server to mount elsewhere: the Server itself.
func (s *Server) Handler() http.Handler { return s }

// Now is the time of the server's own clock.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.now()
}

// Advance moves the server's clock forward: trucks drive on, stops are completed. Timers
// elsewhere in the program are not touched.
func (s *Server) Advance(d time.Duration) {
	if d < 0 {
		panic("foxtrottest: time does not run backwards")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.offset += d
}

// MaxInFlight is the largest number of requests that were under way at once.
func (s *Server) MaxInFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peak
}

// Resets is how many connections were reset for too many requests at once.
func (s *Server) Resets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resets
}

// Requests returns what was asked so far, in the order of the answers.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Request is one request as it came.
type Request struct {
	Operation string // of foxtrot.Operations; empty when the path is none of them
	Method    string
	Path      string      // escaped, with the query
	Header    http.Header // the key is replaced by "[REDACTED]"
	Body      []byte
	Status    int // of the answer; 0 when the connection was cut
	At        time.Time
}

// clock is the time of the server: real time, moved by offset, or standing still.
type clock struct {
	frozen time.Time // zero: real time
	offset time.Duration
}

func (c *clock) now() time.Time {
	base := c.frozen
	if base.IsZero() {
		base = time.Now()
	}
	return base.Add(c.offset).UTC().Truncate(time.Millisecond)
}
