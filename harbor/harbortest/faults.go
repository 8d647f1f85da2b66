package harbortest

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Fault is something that goes wrong. Make one with the functions below, or by hand.
type Fault struct {
	// Times is how many requests it harms; zero is one, below zero is all.
	Times int
	// Latency comes before anything else. A client that does not wait is hung up on,
	// and nothing happens.
	Latency time.Duration
	// Status, when not zero, replaces the answer, with Header and Body.
	Status int
	Header http.Header
	Body   string
	// AfterEffect lets the operation take effect before Status replaces the answer.
	AfterEffect bool
	// Cut ends the connection.
	Cut Cut
	// Truncate drops the last half of the body, in a message that is whole otherwise.
	Truncate bool
}

// Cut is when a connection ends.
type Cut int

// The moments at which a connection may end.
const (
	CutNever  Cut = iota
	CutBefore     // before the operation: nothing happened
	CutAfter      // after it took effect, before a byte of the answer
	CutWithin     // after it took effect, in the middle of the answer
)

// Latency lets the next request wait.
func Latency(d time.Duration) Fault { return Fault{Latency: d} }

// Unauthorized answers 401, as after a token was revoked. The token stays good: see
// [Server.RevokeTokens].
func Unauthorized() Fault {
	f := ServerError(http.StatusUnauthorized)
	f.Body = `{"detail":"Could not validate credentials"}`
	f.Header.Set("WWW-Authenticate", "Bearer")
	return f
}

// RateLimited answers 429 with a Retry-After, rounded up to whole seconds; zero or less
// leaves it out.
func RateLimited(after time.Duration) Fault {
	f := ServerError(http.StatusTooManyRequests)
	f.Body = `{"detail":"Too Many Requests"}`
	if after > 0 {
		f.Header.Set("Retry-After", strconv.Itoa(int(math.Ceil(after.Seconds()))))
	}
	return f
}

// ServerError answers a status in the form of Harbor's framework.
func ServerError(status int) Fault {
	return Fault{
		Status: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: `{"detail":"` + http.StatusText(status) + `"}`,
	}
}

// HTMLError answers a status with a page, as a proxy before Harbor does.
func HTMLError(status int) Fault {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return Fault{
		Status: status, Header: http.Header{"Content-Type": {"text/html"}},
		Body: "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
			"</h1></center>\r\n</body>\r\n</html>\r\n",
	}
}

// Disconnect ends the connection at a moment.
func Disconnect(at Cut) Fault { return Fault{Cut: at} }

// Truncated answers half of the JSON.
func Truncated() Fault { return Fault{Truncate: true} }

// For lets the fault harm the next n requests; below zero all.
func (f Fault) For(n int) Fault {
	f.Times = n
	return f
}

// AfterTheEffect lets the operation take effect before its answer is replaced.
func (f Fault) AfterTheEffect() Fault {
	f.AfterEffect = true
	return f
}

func (f Fault) before() bool { return f.Cut == CutBefore || (f.Status != 0 && !f.AfterEffect) }
func (f Fault) after() bool  { return f.Status != 0 && f.AfterEffect }

func (f Fault) reply() encoded {
	if f.Status == 0 {
		return encoded{status: http.StatusInternalServerError}
	}
	header := f.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	return encoded{status: f.Status, header: header, body: []byte(f.Body)}
}

func (f Fault) name() string {
	switch {
	case f.Cut == CutBefore:
		return "cut before"
	case f.Cut == CutAfter:
		return "cut after"
	case f.Cut == CutWithin:
		return "cut within"
	case f.after():
		return "answered after the effect"
	case f.Status != 0:
		return "answered"
	case f.Truncate:
		return "truncated"
	case f.Latency > 0:
		return "latency"
	}
	return ""
}

func (e *encoded) truncate() {
	e.header = e.header.Clone()
	e.body = e.body[:len(e.body)/2]
	e.header.Set("Content-Length", strconv.Itoa(len(e.body)))
}

// faults are what is still to go wrong, in order, by operation.
type faults struct {
	mu      sync.Mutex
	pending map[string][]Fault
}

// AnyOperation stands for every operation in [Server.Fail].
const AnyOperation = "*"

// Fail lets faults happen to the next requests of an operation, one after the other. The
// names are those of [Operations]; AnyOperation is taken when nothing is left for the
// operation itself. A name nobody knows is a mistake in the test, and panics.
func (s *Server) Fail(op string, fs ...Fault) {
	if op != AnyOperation && !knownOperation(op) {
		panic("harbortest: no operation " + strconv.Quote(op))
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	if s.faults.pending == nil {
		s.faults.pending = make(map[string][]Fault)
	}
	s.faults.pending[op] = append(s.faults.pending[op], fs...)
}

// ClearFaults forgets what has not gone wrong yet.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	clear(s.faults.pending)
}

func (fs *faults) take(op string) Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, name := range [...]string{op, AnyOperation} {
		queue := fs.pending[name]
		if len(queue) == 0 {
			continue
		}
		f := queue[0]
		switch {
		case f.Times < 0:
		case f.Times <= 1:
			fs.pending[name] = queue[1:]
		default:
			queue[0].Times--
		}
		return f
	}
	return Fault{}
}

// wait lets time pass, unless the client or the server ends first.
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
