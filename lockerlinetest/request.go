package lockerlinetest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/redact"
)

// Request is one request that came in, without credentials: the headers that carry them,
// and secrets in a form, are replaced by "[REDACTED]".
type Request struct {
	Op       string // name of the operation; empty when the path is none
	Method   string
	Path     string // escaped, without the query
	Template string // of the operation's path, such as "/api/v1/towers/{tower}/lockers"
	Query    url.Values
	Header   http.Header
	Body     []byte
	Status   int       // of the answer; 0 when the connection ended before it
	Fault    string    // what was made to go wrong; empty when nothing was
	At       time.Time // by the server's clock, when it was answered
}

func newRequest(r *http.Request) Request {
	h := r.Header.Clone()
	for _, name := range [...]string{"Authorization", "Proxy-Authorization", "Cookie"} {
		if h.Get(name) != "" {
			h.Set(name, redact.Text)
		}
	}
	return Request{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Header: h}
}

// redactBody replaces the secrets of a token request.
func redactBody(r *http.Request, body []byte) []byte {
	if !strings.Contains(r.Header.Get("Content-Type"), "x-www-form-urlencoded") {
		return body
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return []byte(redact.Text)
	}
	for _, name := range [...]string{"client_secret", "password", "refresh_token", "assertion", "client_assertion"} {
		if form.Has(name) {
			form.Set(name, redact.Text)
		}
	}
	return []byte(form.Encode())
}

// maxRequests is how many requests are remembered.
const maxRequests = 10_000

// record adds a request to the log and returns the id of its answer. Of very many the
// oldest are forgotten.
func (s *Server) record(r Request) (id string) {
	r.At = s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) == maxRequests {
		s.requests = slices.Delete(s.requests, 0, maxRequests/2)
	}
	s.requests = append(s.requests, r)
	s.recorded++
	return fmt.Sprintf("req-%06d", s.recorded)
}

// Requests returns the requests that came in, in the order of their answers: of some
// operations, or all when none is named. Of very many the oldest are forgotten; the last
// 5,000 are always there.
func (s *Server) Requests(ops ...string) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(ops) == 0 {
		return slices.Clone(s.requests)
	}
	var out []Request
	for _, r := range s.requests {
		if slices.Contains(ops, r.Op) {
			out = append(out, r)
		}
	}
	return out
}

// ResetRequests forgets the requests that came in.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}
