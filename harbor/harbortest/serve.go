package harbortest

import (
	"io"
	"net/http"
	"strings"

	"github.com/lockerline/lockerline-go/harbor"
)

// call is one request as an operation sees it.
type call struct {
	input
	http  *http.Request
	raw   []byte
	token *accessToken
}

const maxBody = 1 << 20

// ServeHTTP answers as Harbor does: the API, the calls of a phone, and the token endpoint.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.cors(w, r) {
		return
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(http.StatusRequestEntityTooLarge, "Request Entity Too Large").encode(s.cfg.quirks).write(w)
		return
	}
	m := find(r.Method, r.URL.Path)
	entry := Request{Method: r.Method}
	var fault Fault
	if m.route != nil {
		entry.Op, entry.Path = m.route.Name, m.route.Path
		fault = s.faults.take(m.route.Name)
	}
	entry.Fault = fault.name()
	if !s.wait(r, fault.Latency) {
		s.finish(entry)
		panic(http.ErrAbortHandler)
	}
	if fault.before() {
		s.answer(w, entry, fault, fault.reply())
		return
	}
	s.answer(w, entry, fault, s.perform(r, m, raw))
}

// perform does what was asked and says what there is to answer.
func (s *Server) perform(r *http.Request, m match, raw []byte) encoded {
	if m.route == nil {
		return elsewhere(r, m).encode(s.cfg.quirks)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	c := &call{http: r, raw: raw, input: input{path: m.params, query: r.URL.Query()}}
	if m.route.Name == "token" {
		return s.issueToken(c).encode(s.quirks)
	}
	var no *reply
	if c.token, no = s.authenticate(r, m.route.Scope); no != nil {
		return no.encode(s.quirks)
	}
	// Encoded here, since what is answered may point into the world.
	return m.route.serve(s, c).encode(s.quirks)
}

// answer writes what came out, or what the fault makes of it.
func (s *Server) answer(w http.ResponseWriter, entry Request, fault Fault, e encoded) {
	if fault.after() {
		e = fault.reply()
	}
	switch fault.Cut {
	case CutBefore, CutAfter:
		s.finish(entry)
		panic(http.ErrAbortHandler)
	case CutWithin:
		entry.Status = e.status
		s.finish(entry)
		e.body = e.body[:len(e.body)/2]
		e.write(w)
		_ = http.NewResponseController(w).Flush() // so that the half arrives
		panic(http.ErrAbortHandler)
	}
	if fault.Truncate {
		e.truncate()
	}
	entry.Status = e.status
	s.finish(entry)
	e.write(w)
}

func (s *Server) finish(entry Request) {
	entry.At = s.Now()
	s.log.add(entry)
}

// cors answers a browser's question whether it may call, and allows it to read answers.
func (s *Server) cors(w http.ResponseWriter, r *http.Request) (done bool) {
	if s.cfg.corsOrigin == "" || r.Header.Get("Origin") == "" {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", s.cfg.corsOrigin)
	w.Header().Add("Vary", "Origin")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	w.Header().Set("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// authenticate finds the bearer token and checks what it is for.
func (s *Server) authenticate(r *http.Request, scope harbor.Scope) (*accessToken, *reply) {
	challenge := func(detail string) *reply {
		no := refuse(http.StatusUnauthorized, detail)
		no.header = http.Header{"Www-Authenticate": {"Bearer"}}
		return &no
	}
	kind, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") || value == "" {
		return nil, challenge("Not authenticated")
	}
	token := s.access[value]
	if token == nil || !s.clock.now().Before(token.expires) {
		return nil, challenge("Could not validate credentials")
	}
	if scope != "" && !token.may(scope) {
		return nil, challenge("Not enough permissions")
	}
	return token, nil
}
