package foxtrottest

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/lockerline/lockerline-go/foxtrot"
)

// maxBody bounds what is read of a request.
const maxBody = 1 << 20

// ServeHTTP answers one request as Foxtrot does, or as a fault demands.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op, args := route(r.Method, r.URL.EscapedPath())
	if !s.enter() {
		s.record(r, op, nil, 0)
		reset(w)
		return
	}
	defer s.leave()
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return
	}
	if op == "webhooks.enable" && bytes.Contains(body, []byte("false")) {
		op = "webhooks.disable" // the same route, told apart by the body
	}
	s.mu.Lock()
	fault := s.takeFault(op)
	s.mu.Unlock()
	if !s.pause(r, s.cfg.latency+fault.latency) {
		reset(w)
		return
	}
	answer := fault.answer
	if fault.cut != cutBefore && answer == nil {
		answer = s.answer(r, op, args, body)
	}
	if fault.half {
		answer.body = answer.body[:len(answer.body)/2]
	}
	if fault.cut == cutBefore || fault.cut == cutAfter {
		s.record(r, op, body, 0)
		reset(w)
		return
	}
	id := s.record(r, op, body, answer.status)
	h := w.Header()
	for k, v := range answer.header {
		h[k] = v
	}
	h.Set("X-Request-Id", id)
	h.Set("Content-Length", strconv.Itoa(len(answer.body)))
	w.WriteHeader(answer.status)
	if fault.cut == cutWithin {
		_, _ = w.Write(answer.body[:len(answer.body)/2])
		_ = http.NewResponseController(w).Flush()
		reset(w)
		return
	}
	_, _ = w.Write(answer.body)
}

// answer is what Foxtrot itself says.
func (s *Server) answer(r *http.Request, op string, args []string, body []byte) *rawAnswer {
	want, got := "Bearer "+s.APIKey, r.Header.Get("Authorization")
	if subtle.ConstantTimeCompare([]byte(want), []byte(got)) != 1 {
		return fail(http.StatusUnauthorized, 0, "API key is invalid").render()
	}
	h, ok := handlers[op]
	if !ok {
		return fail(http.StatusNotFound, 0, "no such endpoint").render()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return h(s, request{args: args, body: body, now: s.clock.now()}).render()
}

// reply is an answer before it is written.
type reply struct {
	status int
	data   any
	bare   bool
	failed bool
}

func ok(key string, value any) reply {
	return reply{status: http.StatusOK, data: map[string]any{key: value}}
}

func fail(status int, code foxtrot.Code, message string) reply {
	data := map[string]any{"message": message}
	if code != 0 {
		data["code"] = code
	}
	return reply{status: status, data: data, failed: true}
}

func (r reply) render() *rawAnswer {
	var v any = map[string]any{"status": "success", "data": r.data}
	switch {
	case r.failed:
		v = map[string]any{"status": "error", "data": r.data}
	case r.bare:
		v = r.data
	}
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("foxtrottest: %v", err)) // of our own types
	}
	return &rawAnswer{r.status, http.Header{"Content-Type": {jsonType}}, body}
}

// enter counts a request in, or reports that there are too many.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cfg.maxParallel > 0 && s.inFlight >= s.cfg.maxParallel {
		s.resets++
		return false
	}
	s.inFlight++
	s.peak = max(s.peak, s.inFlight)
	return true
}

func (s *Server) leave() {
	s.mu.Lock()
	s.inFlight--
	s.mu.Unlock()
}

// pause waits, and reports false when the client or the server is gone.
func (s *Server) pause(r *http.Request, d time.Duration) bool {
	if d == 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
	case <-s.closing:
	}
	return false
}

func (s *Server) record(r *http.Request, op string, body []byte, status int) (id string) {
	h := r.Header.Clone()
	if h.Get("Authorization") != "" {
		h.Set("Authorization", "[REDACTED]")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, Request{op, r.Method, r.URL.RequestURI(), h, body, status, s.clock.now()})
	return fmt.Sprintf("req-%06d", len(s.requests))
}

// reset ends the connection without an answer.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
