package alzaboxtest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

const (
	tokenPath = "/connect/token"
	tokenLife = time.Hour
	jsonType  = "application/json"
)

// Server is AlzaBox in memory. All methods are safe for concurrent use.
type Server struct {
	*lockerlinetest.Server
	// Credentials are the only valid ones.
	Credentials alzabox.Credentials

	mu     sync.Mutex // guards what follows
	tokens map[string]time.Time
	world
}

// NewServer starts a server with the boxes of Demo on a free loopback port, until the test
// ends. A nil clock runs with the program's.
func NewServer(t testing.TB, clock *lockerlinetest.Clock) *Server {
	t.Helper()
	s := New(clock)
	lockerlinetest.Start(t, s.Server)
	return s
}

// New returns a server with the boxes of Demo that does not listen: its clients reach it
// without a network, also within testing/synctest. Listen makes it listen. Close it when
// done.
func New(clock *lockerlinetest.Clock) *Server {
	s := &Server{
		Credentials: alzabox.Credentials{ClientID: "partner", ClientSecret: rand.Text(), Username: "user", Password: rand.Text()},
		tokens:      map[string]time.Time{}, world: newWorld(),
	}
	routes := append(lockerlinetest.Routes{{Name: "token", Method: "POST", Path: tokenPath}}, alzabox.Operations()...)
	s.Server = lockerlinetest.New(lockerlinetest.Service{
		Name: "alzaboxtest", Routes: routes, Serve: s.serve, ErrorForm: func(status int) lockerlinetest.Response {
			return fail(status, "", "", "made to fail")
		},
		Clock: clock, Advanced: s.Settle,
	})
	for _, b := range Demo() {
		s.AddBox(b)
	}
	return s
}

// Client returns a client of this server.
func (s *Server) Client(opts ...lockerline.Option) (*alzabox.Client, error) {
	env := lockerline.Environment{APIURL: s.URL, TokenURL: s.URL + tokenPath}
	return alzabox.NewClient(env, s.Credentials, append([]lockerline.Option{lockerline.WithHTTPClient(s.HTTPClient())}, opts...)...)
}

func (s *Server) serve(c *lockerlinetest.Call) lockerlinetest.Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	if c.Op.Name == "token" {
		return s.issueToken(c, now)
	}
	token := strings.TrimPrefix(c.Request.Header.Get("Authorization"), "Bearer ")
	if !now.Before(s.tokens[token]) {
		return lockerlinetest.Response{Status: http.StatusUnauthorized} // no body is documented
	}
	h, ok := handlers[c.Op.Name]
	if !ok {
		return fail(http.StatusNotFound, "", "", "no such endpoint")
	}
	s.settle(now)
	return h(s, request{c, c.Request.URL.Query(), now})
}

// issueToken is the token endpoint: a password, and the client in the form.
func (s *Server) issueToken(c *lockerlinetest.Call, now time.Time) lockerlinetest.Response {
	form, _ := url.ParseQuery(string(c.Body))
	for name, want := range map[string]string{
		"grant_type": "password", "scope": "konzole_access", "client_id": s.Credentials.ClientID,
		"client_secret": s.Credentials.ClientSecret, "username": s.Credentials.Username, "password": s.Credentials.Password,
	} {
		if form.Get(name) != want {
			return answer(http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		}
	}
	token := rand.Text()
	s.tokens[token] = now.Add(tokenLife)
	return answer(http.StatusOK, map[string]any{
		"access_token": token, "expires_in": int(tokenLife.Seconds()), "token_type": "Bearer", "scope": "konzole_access",
	})
}

func answer(status int, v any) lockerlinetest.Response {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("alzaboxtest: %v", err)) // of our own types
	}
	return lockerlinetest.Response{Status: status, Header: http.Header{"Content-Type": {jsonType}}, Body: body}
}

func ok(data any) lockerlinetest.Response {
	return answer(http.StatusOK, map[string]any{"data": data, "metadata": nil, "errors": nil})
}

func fail(status int, code alzabox.Code, extension, message string) lockerlinetest.Response {
	one := map[string]any{"message": message, "messageCode": nil, "locations": nil, "path": nil, "extensions": map[string]any{"code": extension, "translation": nil}}
	if code != "" {
		one["messageCode"] = code
	}
	return answer(status, map[string]any{"data": nil, "metadata": nil, "errors": []any{one}})
}

// Code answers a status and an envelope that has one of AlzaBox's codes. With status 200
// only the envelope says that the request failed.
func Code(status int, code alzabox.Code) lockerlinetest.Fault {
	return lockerlinetest.Answer(status, jsonType, string(fail(status, code, "", "made to fail").Body))
}
