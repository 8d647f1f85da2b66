package lockerlinetest

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go"
)

// Service describes a simulator.
type Service struct {
	// Name of the package, for texts, such as "harbortest".
	Name string
	// Routes are the operations that the service answers; Fail and Requests know them by
	// name.
	Routes Routes
	// Serve answers a request. It checks credentials itself.
	Serve func(*Call) Response
	// ErrorForm is the answer that the service gives with an error's status.
	ErrorForm func(status int) Response
	// Clock is the time of the service; nil: it runs with the program's.
	Clock *Clock

	// Refine, when not nil, may change the operation of a call whose body says more than
	// its path.
	Refine func(*Call)
	// Middleware, when not nil, wraps the handler, as for CORS.
	Middleware func(http.Handler) http.Handler
	// Latency is how long every request takes.
	Latency time.Duration
	// MaxParallel is how many requests may be under way; 0: no limit. The connection of
	// every further one is reset.
	MaxParallel int
	// Advanced, when not nil, is called after the clock was moved.
	Advanced func()
	// Closed, when not nil, is called once, at the end of Close.
	Closed func()
}

// Call is one request as a service sees it.
type Call struct {
	Op      lockerline.Operation // zero when the path is unknown
	Args    map[string]string    // values of the braces of Op.Path
	Body    []byte
	Request *http.Request
}

// Response is an answer before it is written.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Server answers as a service does, or as a fault demands. Simulators embed it. All methods
// are safe for concurrent use.
type Server struct {
	// URL is the base of the API, without a trailing slash: "http://localhost" for a server
	// that does not listen. Change it, before use, to where the server was mounted.
	URL string

	service Service
	handler http.Handler
	client  *http.Client
	http    *http.Server
	serving sync.WaitGroup
	closing chan struct{}
	once    sync.Once

	mu       sync.Mutex // guards what follows
	t        testing.TB // nil: no test
	ended    *sync.Cond // a request ended
	faults   faults
	requests []Request
	recorded int
	inFlight int
	peak     int
	resets   int
}

// New returns a server of the service. It does not listen: see [Server.Listen], [Start] and
// [Server.HTTPClient]. Close it when done.
func New(service Service) *Server {
	if service.Clock == nil {
		service.Clock = NewClock()
	}
	s := &Server{URL: "http://localhost", service: service, closing: make(chan struct{}), faults: faults{}}
	s.ended = sync.NewCond(&s.mu)
	s.handler = http.HandlerFunc(s.serve)
	if service.Middleware != nil {
		s.handler = service.Middleware(s.handler)
	}
	s.client = &http.Client{Transport: InProcess(s)}
	return s
}

// Start lets a server listen on a free loopback port until the test ends.
func Start(t testing.TB, s *Server) {
	t.Helper()
	t.Cleanup(s.Close)
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.t = t
}

// Listen lets the server listen on a TCP address, such as "127.0.0.1:0", until Close, and
// sets URL. Call it once, before the first request.
func (s *Server) Listen(addr string) error {
	if s.http != nil {
		return fmt.Errorf("%s: the server listens already, on %s", s.service.Name, s.URL)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%s: %w", s.service.Name, err)
	}
	s.URL = "http://" + l.Addr().String()
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	s.serving.Go(func() { _ = s.http.Serve(l) }) // until Close
	return nil
}

// Close ends the server and its listener, and waits until no request is under way; their
// connections are cut. It may be called more than once.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.closing)
		s.client.CloseIdleConnections()
		if s.http != nil {
			_ = s.http.Close()
			s.serving.Wait()
		}
		s.mu.Lock()
		for s.inFlight > 0 {
			s.ended.Wait()
		}
		s.mu.Unlock()
		if s.service.Closed != nil {
			s.service.Closed()
		}
	})
}

// HTTPClient returns a client that reaches the server: without a network when it does not
// listen, so that it may be used within testing/synctest. Close closes its idle
// connections.
func (s *Server) HTTPClient() *http.Client { return s.client }

// Now returns the time of the server's own clock.
func (s *Server) Now() time.Time { return s.service.Clock.Now() }

// Advance moves the server's clock forward, and what depends on it happens. Timers
// elsewhere in the program are not touched. It panics when d is negative.
func (s *Server) Advance(d time.Duration) {
	s.service.Clock.Advance(d)
	if s.service.Advanced != nil {
		s.service.Advanced()
	}
}

// Operations returns what the server answers, without repeated names.
func (s *Server) Operations() []lockerline.Operation {
	var out []lockerline.Operation
	for _, o := range s.service.Routes {
		if !slices.ContainsFunc(out, func(p lockerline.Operation) bool { return p.Name == o.Name }) {
			out = append(out, o)
		}
	}
	return out
}

// MaxInFlight returns the largest number of requests that were under way at once.
func (s *Server) MaxInFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peak
}

// Resets returns how many connections were reset for too many requests at once.
func (s *Server) Resets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resets
}
