package foxtrottest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

// AnyOperation is for [Server.Fail]: whatever is asked next.
const AnyOperation = "*"

// Fault is one way for a request to go wrong. Make it by one of the functions below.
type Fault struct {
	latency time.Duration
	answer  *rawAnswer // in place of the real one; the request has no effect
	cut     cut
	half    bool // of the real answer, as if it were all
}

type cut uint8

const (
	cutNone   cut = iota
	cutBefore     // before the request has an effect
	cutAfter      // after it had, before the answer
	cutWithin     // within the answer's body
)

type rawAnswer struct {
	status int
	header http.Header
	body   []byte
}

// Fail makes the next requests for the named operation ("customers.get", or AnyOperation)
// meet the faults, one each, in order. Faults for an operation come before those for any.
// It panics when there is no such operation, as only a mistake in a test does.
func (s *Server) Fail(operation string, faults ...Fault) {
	known := slices.ContainsFunc(foxtrot.Operations(), func(o lockerline.Operation) bool { return o.Name == operation })
	if !known && operation != AnyOperation {
		panic(fmt.Sprintf("foxtrottest: there is no operation %q", operation))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[operation] = append(s.faults[operation], faults...)
}

// ClearFaults forgets what has not gone wrong yet.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
}

// takeFault removes the next fault for an operation. The caller holds s.mu.
func (s *Server) takeFault(operation string) Fault {
	for _, name := range [...]string{operation, AnyOperation} {
		if queue := s.faults[name]; len(queue) > 0 {
			s.faults[name] = queue[1:]
			return queue[0]
		}
	}
	return Fault{}
}

// Times is the same fault n times over, for [Server.Fail].
func Times(n int, f Fault) []Fault { return slices.Repeat([]Fault{f}, n) }

// Latency answers well, d later.
func Latency(d time.Duration) Fault { return Fault{latency: d} }

// CutBefore resets the connection before the request has an effect.
func CutBefore() Fault { return Fault{cut: cutBefore} }

// CutAfter lets the request have its effect and resets the connection before the answer.
func CutAfter() Fault { return Fault{cut: cutAfter} }

// CutWithin resets the connection in the middle of the answer.
func CutWithin() Fault { return Fault{cut: cutWithin} }

// Truncated answers with the first half of the body as if that were all.
func Truncated() Fault { return Fault{half: true} }

// Status answers with a status and an envelope that says error, without a code.
func Status(status int) Fault {
	return Answer(status, jsonType, `{"status":"error","data":{"message":"made to fail"}}`)
}

// Code answers with a status and an envelope that has one of Foxtrot's codes. With status
// 200 only the envelope says that it failed.
func Code(status int, code foxtrot.Code) Fault {
	return Answer(status, jsonType, fmt.Sprintf(`{"data":{"code":%d,"message":"made to fail"},"status":"error"}`, code))
}

// RateLimited answers 429 with Retry-After, in whole seconds.
func RateLimited(retryAfter time.Duration) Fault {
	f := Status(http.StatusTooManyRequests)
	f.answer.header.Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
	return f
}

// HTML answers with a status and a page, as a gateway does.
func HTML(status int) Fault {
	return Answer(status, "text/html", "<html><body><h1>"+http.StatusText(status)+"</h1></body></html>")
}

// Empty answers with a status and no body.
func Empty(status int) Fault { return Answer(status, "", "") }

// Pending answers 202 with an envelope that says pending.
func Pending() Fault {
	return Answer(http.StatusAccepted, jsonType, `{"status":"pending","data":{}}`)
}

// Redirect points elsewhere.
func Redirect(status int, location string) Fault {
	f := Answer(status, "", "")
	f.answer.header.Set("Location", location)
	return f
}

// Answer answers with the given status, type and body.
func Answer(status int, contentType, body string) Fault {
	h := http.Header{}
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	return Fault{answer: &rawAnswer{status, h, []byte(body)}}
}

const jsonType = "application/json"
