package harbortest

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Server is Harbor in memory. All methods are safe for concurrent use.
type Server struct {
	// URL is the base of the API, without a trailing slash.
	URL string
	// TokenURL is the address of the token endpoint.
	TokenURL string

	cfg    config
	http   *httptest.Server
	client *http.Client
	hooks  *webhooks
	faults faults
	log    requestLog

	closing   chan struct{}
	closeOnce sync.Once

	mu sync.Mutex // guards what follows
	world
}

// NewServer starts a simulator on a free loopback port. It panics when the options
// contradict themselves, as only a mistake in a test does; see [New]. Close it when done.
func NewServer(opts ...Option) *Server {
	s, err := New(opts...)
	if err != nil {
		panic(err)
	}
	s.http = httptest.NewServer(s)
	s.client = s.http.Client()
	s.setURL(s.http.URL)
	return s
}

// New makes a simulator that does not listen: mount it as an [http.Handler] in a server
// of your own, or reach it through [Server.HTTPClient], which then needs no network and
// may be used within testing/synctest. URL is "http://localhost"; change URL and TokenURL
// to where you mounted it. Close it when done.
func New(opts ...Option) (*Server, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, closing: make(chan struct{})}
	s.client = &http.Client{Transport: inProcess{s}}
	s.setURL("http://localhost")
	if s.world, err = newWorld(cfg); err != nil {
		return nil, err
	}
	if cfg.webhookURL != "" {
		s.hooks = startWebhooks(cfg.webhookURL, cfg.webhookHeader)
	}
	return s, nil
}

func (s *Server) setURL(base string) {
	s.URL = base
	s.TokenURL = base + tokenPath
}

const tokenPath = "/realms/harbor/protocol/openid-connect/token"

// Close ends the simulator, its listener and its web hooks, and waits for them. Requests
// under way are cut. It may be called more than once.
func (s *Server) Close() {
	s.closeOnce.Do(func() {
		close(s.closing)
		s.client.CloseIdleConnections()
		if s.http != nil {
			s.http.CloseClientConnections()
			s.http.Close()
		}
		if s.hooks != nil {
			s.hooks.stop()
		}
	})
}

// Environment is where this Harbor is, for harbor.NewClient.
func (s *Server) Environment() harbor.Environment {
	return harbor.Environment{APIURL: s.URL, TokenURL: s.TokenURL}
}

// Credentials are those of the first service provider: see [WithCredentials].
func (s *Server) Credentials() harbor.Credentials { return s.cfg.providers[0] }

// CredentialsOf returns the credentials of any service provider of this server.
func (s *Server) CredentialsOf(clientID string) (harbor.Credentials, bool) {
	for _, p := range s.cfg.providers {
		if p.ClientID == clientID {
			return p, true
		}
	}
	return harbor.Credentials{}, false
}

// HTTPClient is a client that reaches the simulator. Its idle connections are closed by
// Close.
func (s *Server) HTTPClient() *http.Client { return s.client }

// Handler is the simulator to mount elsewhere: the Server itself.
func (s *Server) Handler() http.Handler { return s }

// Now is the time of the simulator's own clock.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock.now()
}

// Advance moves the simulator's clock forward: access tokens, locker tokens, reservations
// and unused rentals run out. Timers elsewhere in the program are not touched.
func (s *Server) Advance(d time.Duration) {
	if d < 0 {
		panic("harbortest: time does not run backwards")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock.offset += d
	s.settle()
}

// clock is the time of the simulator: real time, moved by offset, or standing still.
type clock struct {
	frozen time.Time // zero: real time
	offset time.Duration
}

func (c *clock) now() time.Time {
	base := c.frozen
	if base.IsZero() {
		base = time.Now()
	}
	return base.Add(c.offset).UTC()
}

func randomKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key
}
