package transport

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/leaktest"
	"github.com/lockerline/lockerline-go/internal/memnet"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

var (
	opRead  = &lockerline.Operation{Name: "things.get", Method: "GET", Path: "/v1/things/{thing}", Scope: "all", Idempotent: true}
	opWrite = &lockerline.Operation{Name: "things.create", Method: "POST", Path: "/v1/things", Scope: "all"}
	opPut   = &lockerline.Operation{Name: "things.replace", Method: "PUT", Path: "/v1/things", Scope: "all", Idempotent: true}
)

const writeBody = `{"reserve":"it"}`

// read and write are the two calls most guarantees are about.
func read() Call  { return Call{Op: opRead, Args: []string{"1"}} }
func write() Call { return Call{Op: opWrite, Body: []byte(writeBody)} }

// handler answers the n-th request, counted from 1. The body has been read.
type handler func(w http.ResponseWriter, r *http.Request, n int)

// request is what a server saw.
type request struct{ method, uri, host, auth, body string }

// rig is a client before a server that keeps count.
type rig struct {
	*Client
	base  *http.Transport
	conns func() int
	mu    sync.Mutex
	seen  []request
}

func (g *rig) serve(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		g.mu.Lock()
		g.seen = append(g.seen, request{r.Method, r.RequestURI, r.Host, r.Header.Get("Authorization"), string(body)})
		n := len(g.seen)
		g.mu.Unlock()
		h(w, r, n)
	})
}

// requests returns what the server saw so far.
func (g *rig) requests() []request {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]request(nil), g.seen...)
}

func (g *rig) hits() int { return len(g.requests()) }

// call makes a call and returns how it failed.
func (g *rig) call(t *testing.T, in Call) *lockerline.Error {
	t.Helper()
	_, err := g.Do(t.Context(), in)
	return failureOf(t, err)
}

func failureOf(t *testing.T, err error) *lockerline.Error {
	t.Helper()
	require.Error(t, err)
	f, ok := errors.AsType[*lockerline.Error](err)
	require.True(t, ok, "%T is not a *lockerline.Error", err)
	return f
}

// onLoopback is a rig with a real server on a real socket, and waits too short to notice.
func onLoopback(t testing.TB, h handler, opts ...func(*setup)) *rig {
	t.Helper()
	g := new(rig)
	var conns atomic.Int32
	srv := httptest.NewUnstartedServer(g.serve(h))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	srv.Config.ErrorLog = quiet
	srv.Start()
	g.base = &http.Transport{MaxIdleConnsPerHost: 64}
	g.conns = func() int { return int(conns.Load()) }
	t.Cleanup(func() {
		g.base.CloseIdleConnections()
		srv.Close()
	})
	short := withRetry(lockerline.RetryPolicy{MaxAttempts: 4, MinWait: time.Millisecond, MaxWait: 2 * time.Millisecond, MaxRetryAfter: 3 * time.Second})
	g.Client = newTestClient(t, srv.URL, g.base, append([]func(*setup){short}, opts...))
	return g
}

// virtual is a rig in a synctest bubble: real net/http on both sides, no real time.
func virtual(t testing.TB, h handler, opts ...func(*setup)) *rig {
	t.Helper()
	g := new(rig)
	var l *memnet.Listener
	g.base, l = memnet.Serve(t, g.serve(h))
	g.conns = l.Dialed
	g.Client = newTestClient(t, "http://localhost", g.base, opts)
	return g
}

// mocked is a client before canned answers: no network, no trace.
func mocked(t testing.TB, opts ...func(*setup)) (*Client, *httpmock.MockTransport) {
	t.Helper()
	m := httpmock.NewMockTransport()
	return newTestClient(t, "https://api.example", m, opts), m
}

// setup is what a client under test is made of.
type setup struct {
	lockerline.Config
	url  string
	auth Authorizer
}

// newClient makes the client of a setup.
func newTestClient(t testing.TB, base string, rt http.RoundTripper, opts []func(*setup)) *Client {
	t.Helper()
	s := setup{Config: lockerline.DefaultConfig(), url: base, auth: staticKey{NewCredential("Authorization", "Bearer key-SECRET")}}
	s.UserAgent = "lockerline-test"
	s.HTTPClient = &http.Client{Transport: rt}
	for _, o := range opts {
		o(&s)
	}
	service := &Service{
		Name: "things", BaseURL: s.url, BaseURLFrom: "the URL", Operations: []lockerline.Operation{*opRead, *opWrite, *opPut},
		Auth: func(http.RoundTripper, string) Authorizer { return s.auth },
	}
	c, err := New(service, []lockerline.Option{func(c *lockerline.Config) error { *c = s.Config; return nil }})
	require.NoError(t, err)
	return c
}

// add applies an option to a setup.
func add(s *setup, o lockerline.Option) { _ = o(&s.Config) }

func withMiddleware(mw ...middleware) func(*setup) {
	return func(c *setup) { c.Middleware = append(c.Middleware, mw...) }
}

func withRetry(p lockerline.RetryPolicy) func(*setup) { return func(c *setup) { c.Retry = p } }

func withAuth(a Authorizer) func(*setup) { return func(c *setup) { c.auth = a } }

func withAttemptTimeout(d time.Duration) func(*setup) {
	return func(c *setup) { c.AttemptTimeout = d }
}

// middleware wraps a transport.
type middleware = func(http.RoundTripper) http.RoundTripper

// roundTrip is a RoundTripper made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// around is a middleware made of a function.
func around(f func(next http.RoundTripper, r *http.Request) (*http.Response, error)) middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) { return f(next, r) })
	}
}

// keys is an Authorizer that hands out key-1, key-2, …: the next one after a rejection.
type keys struct {
	mu       sync.Mutex
	n        int
	current  *Credential
	rejected int
	err      error // from the second key on
}

func (k *keys) Credential(context.Context, string) (*Credential, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current == nil {
		if k.n > 0 && k.err != nil {
			return nil, k.err
		}
		k.n++
		k.current = NewCredential("Authorization", "Bearer key-"+string(rune('0'+k.n)))
	}
	return k.current, nil
}

func (k *keys) Reject(_ string, c *Credential) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.rejected++
	if k.current == c {
		k.current = nil
	}
	return true
}

// answer writes a status and a body.
func answer(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// statuses answers with one status after the other, the last one for ever.
func statuses(codes ...int) handler {
	return func(w http.ResponseWriter, _ *http.Request, n int) {
		answer(w, codes[min(n, len(codes))-1], `{}`)
	}
}

// cut hangs up without an answer, half without the rest of one.
func cut(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) }

func half(status int) handler {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Length", "100")
		answer(w, status, `{"half":`)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// hang answers nothing until the client is gone.
func hang(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }

// html is what a proxy answers.
var html = "<html><body>" + strings.Repeat("Bad Gateway ", 20) + "</body></html>"

// quiet swallows what net/http's server says about clients that hang up.
var quiet = log.New(io.Discard, "", 0)

// traceOf is what a transport would report connections to.
func traceOf(r *http.Request) *httptrace.ClientTrace {
	return httptrace.ContextClientTrace(r.Context())
}

var connInfo = httptrace.GotConnInfo{}
