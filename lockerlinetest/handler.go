package lockerlinetest

import (
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"
)

// maxBody bounds what is read of a request.
const maxBody = 1 << 20

// ServeHTTP answers one request, so that the server can be mounted elsewhere.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// serve is the handler behind the middleware.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	c := &Call{Request: r}
	c.Op, c.Args, _ = s.service.Routes.Find(r.Method, r.URL.EscapedPath())
	entry := newRequest(r)
	entry.Op, entry.Template = c.Op.Name, c.Op.Path
	if !s.enter() {
		s.record(entry)
		reset(w)
	}
	defer s.leave()
	var err error
	if c.Body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		out := s.service.ErrorForm(http.StatusRequestEntityTooLarge)
		entry.Status = out.Status
		write(w, out, s.record(entry))
		return
	}
	if s.service.Refine != nil {
		s.service.Refine(c)
	}
	entry.Op, entry.Template, entry.Body = c.Op.Name, c.Op.Path, redactBody(r, c.Body)
	s.mu.Lock()
	fault := s.faults.take(c.Op.Name)
	s.mu.Unlock()
	entry.Fault = fault.String()
	s.answer(w, c, entry, fault)
}

// answer lets the request take effect and the fault happen.
func (s *Server) answer(w http.ResponseWriter, c *Call, entry Request, fault Fault) {
	if !s.wait(c.Request, s.service.Latency+fault.latency) {
		s.record(entry)
		reset(w)
	}
	var out Response
	if fault.hasEffect() {
		out = s.service.Serve(c)
	}
	if fault.status != 0 {
		out = fault.response(s.service.ErrorForm)
	}
	if fault.moment == Before || fault.moment == After {
		s.record(entry)
		reset(w)
	}
	if fault.truncated {
		out.Body = out.Body[:len(out.Body)/2]
	}
	entry.Status = out.Status
	id := s.record(entry)
	if fault.moment != Within {
		write(w, out, id)
		return
	}
	whole := len(out.Body)
	out.Body = out.Body[:whole/2]
	w.Header().Set("Content-Length", strconv.Itoa(whole))
	write(w, out, id)
	_ = http.NewResponseController(w).Flush() // so that the half arrives
	panic(http.ErrAbortHandler)
}

// write writes an answer. A client that is gone needs none.
func write(w http.ResponseWriter, out Response, id string) {
	h := w.Header()
	maps.Copy(h, out.Header)
	h.Set("X-Request-Id", id)
	if h.Get("Content-Length") == "" && out.Status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(out.Body)))
	}
	w.WriteHeader(out.Status)
	_, _ = w.Write(out.Body)
}

// enter counts a request in, or reports that there are too many.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.service.MaxParallel > 0 && s.inFlight >= s.service.MaxParallel {
		s.resets++
		return false
	}
	s.inFlight++
	s.peak = max(s.peak, s.inFlight)
	return true
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
	s.ended.Broadcast()
}

// wait lets time pass. It reports false when the client or the server ends first.
func (s *Server) wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.closing:
	}
	return false
}

// reset ends the connection without an answer. It does not return.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}
