package harbortest

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// Server is Harbor in memory. All methods are safe for concurrent use.
type Server struct {
	*lockerlinetest.Server

	cfg   config
	hooks *webhooks

	mu sync.Mutex // guards what follows
	world
}

// NewServer starts a server on a free loopback port. It ends with the test, which fails
// when the options contradict themselves.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	lockerlinetest.Start(t, s.Server)
	return s
}

// New returns a server that does not listen: its clients reach it without a network, also
// within testing/synctest. Listen makes it listen; it can be mounted elsewhere as an
// [http.Handler]. Close it when done.
func New(opts ...Option) (*Server, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, world: newWorld(&cfg)}
	s.Server = lockerlinetest.New(lockerlinetest.Service{
		Name: "harbortest", Routes: routes, Serve: s.serve, ErrorForm: errorForm, Clock: cfg.clock,
		Middleware: s.cors, Advanced: s.advanced, Closed: s.closed,
	})
	if cfg.webhookURL != "" {
		s.hooks = startWebhooks(cfg.webhookURL, cfg.webhookHeader)
	}
	return s, nil
}

// Client returns a client of the first service provider.
func (s *Server) Client(opts ...lockerline.Option) (*harbor.Client, error) {
	own := []lockerline.Option{lockerline.WithHTTPClient(s.HTTPClient())}
	return harbor.NewClient(s.Environment(), s.Credentials(), append(own, opts...)...)
}

// Environment returns the addresses of this server, for harbor.NewClient.
func (s *Server) Environment() lockerline.Environment {
	return lockerline.Environment{APIURL: s.URL, TokenURL: s.TokenURL()}
}

const tokenPath = "/realms/harbor/protocol/openid-connect/token"

// TokenURL returns the address of the token endpoint.
func (s *Server) TokenURL() string { return s.URL + tokenPath }

// Credentials returns those of the first service provider: see [WithCredentials].
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

// advanced ends the reservations and rentals that the clock has passed.
func (s *Server) advanced() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
}

func (s *Server) closed() {
	if s.hooks != nil {
		s.hooks.stop()
	}
}

// call is one request with its token.
type call struct {
	*lockerlinetest.Call
	input
	token *accessToken
}

// serve answers as Harbor does: the API, the calls of a phone, and the token endpoint.
func (s *Server) serve(r *lockerlinetest.Call) lockerlinetest.Response {
	if r.Op.Name == "" {
		return unrouted(r.Request).encode(s.quirks)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	c := &call{Call: r, input: input{path: r.Args, query: r.Request.URL.Query()}}
	if r.Op.Name == opToken {
		return s.issueToken(c).encode(s.quirks)
	}
	var no *reply
	if c.token, no = s.authenticate(c); no != nil {
		return no.encode(s.quirks)
	}
	// Encoded under the mutex, since the answer may point into the world.
	return handlers[r.Op.Name](s, c).encode(s.quirks)
}

// authenticate finds the bearer token and checks its scope.
func (s *Server) authenticate(c *call) (*accessToken, *reply) {
	kind, value, _ := strings.Cut(c.Request.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") || value == "" {
		return nil, challenge("Not authenticated")
	}
	token := s.access[value]
	if token == nil || !s.clock.Now().Before(token.expires) {
		return nil, challenge("Could not validate credentials")
	}
	if scope := scopeOf(c.Op); scope != "" && !token.may(scope) {
		return nil, challenge("Not enough permissions")
	}
	return token, nil
}

// cors answers preflight requests and lets pages of the origin read answers.
func (s *Server) cors(next http.Handler) http.Handler {
	if s.cfg.corsOrigin == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") == "" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Access-Control-Allow-Origin", s.cfg.corsOrigin)
		w.Header().Add("Vary", "Origin")
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
		w.Header().Set("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type")
		w.WriteHeader(http.StatusNoContent)
	})
}
