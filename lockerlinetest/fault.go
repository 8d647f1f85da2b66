package lockerlinetest

import (
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Fault is one way in which a request goes wrong. Make it with one of the functions below;
// its methods return a changed copy.
type Fault struct {
	latency     time.Duration
	moment      Moment
	status      int // 0: the answer of the service itself
	header      http.Header
	body        *string // nil: the service's own form of an error
	afterEffect bool
	truncated   bool
	count       int // of requests; 0 is 1, below 0 is all
}

// Moment is when a connection ends.
type Moment int

// The moments at which a connection ends.
const (
	never  Moment = iota
	Before        // before the request takes effect
	Within        // after it took effect, in the middle of the answer
	After         // after it took effect, before the answer
)

// Latency delays the request by d before it takes effect. A client that gives up in the
// meantime causes no effect.
func Latency(d time.Duration) Fault { return Fault{latency: d} }

// Disconnect ends the connection at a moment.
func Disconnect(at Moment) Fault { return Fault{moment: at} }

// Status answers a status with the body that the service itself gives its errors. The
// request takes no effect.
func Status(status int) Fault { return Fault{status: status} }

// RateLimited answers 429 with a Retry-After, rounded up to whole seconds; zero or less
// leaves it out. The request takes no effect.
func RateLimited(retryAfter time.Duration) Fault {
	f := Status(http.StatusTooManyRequests)
	if retryAfter > 0 {
		f = f.WithHeader("Retry-After", strconv.Itoa(int(math.Ceil(retryAfter.Seconds()))))
	}
	return f
}

// HTML answers a status with a page, as a gateway before the service does. The request
// takes no effect.
func HTML(status int) Fault {
	title := strconv.Itoa(status) + " " + http.StatusText(status)
	return Answer(status, "text/html", "<html>\r\n<head><title>"+title+"</title></head>\r\n<body>\r\n<center><h1>"+
		title+"</h1></center>\r\n</body>\r\n</html>\r\n")
}

// Answer answers a status, a content type (empty: none) and a body. The request takes no
// effect.
func Answer(status int, contentType, body string) Fault {
	f := Fault{status: status, body: &body}
	if contentType != "" {
		f = f.WithHeader("Content-Type", contentType)
	}
	return f
}

// Truncated answers the first half of the body as a whole message.
func Truncated() Fault { return Fault{truncated: true} }

// Times lets the fault harm the next n requests; below zero all until
// [Server.ClearFaults].
func (f Fault) Times(n int) Fault {
	f.count = n
	return f
}

// AfterEffect lets the request take effect before its answer is replaced by Status,
// RateLimited, HTML or Answer.
func (f Fault) AfterEffect() Fault {
	f.afterEffect = true
	return f
}

// WithHeader adds a header to the answer of Status, RateLimited, HTML or Answer.
func (f Fault) WithHeader(name, value string) Fault {
	f.header = f.header.Clone()
	if f.header == nil {
		f.header = http.Header{}
	}
	f.header.Set(name, value)
	return f
}

// And lets another fault happen to the same requests. Where both say the same thing the
// other one wins.
func (f Fault) And(other Fault) Fault {
	if other.latency != 0 {
		f.latency = other.latency
	}
	if other.moment != never {
		f.moment = other.moment
	}
	if other.status != 0 {
		f.status, f.header, f.body = other.status, other.header, other.body
	}
	if other.count != 0 {
		f.count = other.count
	}
	f.afterEffect = f.afterEffect || other.afterEffect
	f.truncated = f.truncated || other.truncated
	return f
}

// String names the fault, as [Request] has it; it is empty for a fault that does nothing.
func (f Fault) String() string {
	switch {
	case f.moment == Before:
		return "disconnected before the effect"
	case f.moment == Within:
		return "disconnected within the answer"
	case f.moment == After:
		return "disconnected after the effect"
	case f.status != 0 && f.afterEffect:
		return "answered " + strconv.Itoa(f.status) + " after the effect"
	case f.status != 0:
		return "answered " + strconv.Itoa(f.status)
	case f.truncated:
		return "truncated"
	case f.latency > 0:
		return "delayed"
	}
	return ""
}

// hasEffect reports whether the request reaches the service.
func (f Fault) hasEffect() bool {
	return f.moment != Before && (f.status == 0 || f.afterEffect)
}

// response is what takes the place of the service's own answer.
func (f Fault) response(form func(status int) Response) Response {
	r := Response{Status: f.status}
	if f.body != nil {
		r.Body = []byte(*f.body)
	} else {
		r = form(f.status)
	}
	h := http.Header{}
	maps.Copy(h, r.Header)
	maps.Copy(h, f.header)
	r.Header = h
	return r
}

// faults are what is to go wrong, by the name of the operation.
type faults map[string][]Fault

// take removes the next fault for an operation, or else for any. An unknown path, without a
// name, has none.
func (fs faults) take(op string) Fault {
	if op == "" {
		return Fault{}
	}
	for _, name := range [...]string{op, AnyOperation} {
		queue := fs[name]
		if len(queue) == 0 {
			continue
		}
		f := queue[0]
		switch {
		case f.count < 0:
		case f.count <= 1:
			fs[name] = queue[1:]
		default:
			queue[0].count--
		}
		return f
	}
	return Fault{}
}

// AnyOperation is every operation in [Server.Fail].
const AnyOperation = "*"

// Fail lets faults happen to the next requests of an operation, one after the other.
// AnyOperation is taken when nothing is left for the operation itself. A name that is not
// one of Operations fails the test; a server without one panics.
func (s *Server) Fail(op string, fs ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if op != AnyOperation && !s.service.Routes.named(op) {
		text := s.service.Name + ": Fail: there is no operation " + strconv.Quote(op)
		if s.t == nil {
			panic(text)
		}
		s.t.Helper()
		s.t.Error(text)
		return
	}
	s.faults[op] = append(s.faults[op], fs...)
}

// ClearFaults drops the faults that did not happen yet.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
}
