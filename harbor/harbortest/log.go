package harbortest

import (
	"slices"
	"sync"
	"time"
)

// Request is one request that came in. It holds no path, header or body, and so no
// secret.
type Request struct {
	At     time.Time // by the simulator's clock, when it was answered
	Op     string    // name of the operation; empty when the path led nowhere
	Method string
	Path   string // template, such as /api/v1/locations/{location_id}/
	Status int    // 0 when the connection was cut before an answer
	Fault  string // what was made to go wrong; empty when nothing was
}

const maxLog = 10_000

type requestLog struct {
	mu      sync.Mutex
	entries []Request
}

func (l *requestLog) add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.entries) == maxLog {
		l.entries = slices.Delete(l.entries, 0, maxLog/2)
	}
	l.entries = append(l.entries, r)
}

// Requests returns the requests that came in, oldest first: of some operations, or all
// when none is named. Of very many the oldest are forgotten, a few thousand are always
// there.
func (s *Server) Requests(ops ...string) []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	if len(ops) == 0 {
		return slices.Clone(s.log.entries)
	}
	var out []Request
	for _, r := range s.log.entries {
		if slices.Contains(ops, r.Op) {
			out = append(out, r)
		}
	}
	return out
}

// ResetRequests forgets the requests that came in.
func (s *Server) ResetRequests() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.entries = nil
}
