package foxtrot

import (
	"time"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// CallOption changes one call. Every method takes them as its last arguments.
type CallOption func(*callSettings)

type callSettings struct {
	idempotent bool
	noRetry    bool
	meta       *CallMeta
}

// CallMeta is what is known about a call apart from its result. A method that makes
// several calls (BestLocation, GetMany) adds up Attempts and Duration; the rest is of the
// latest call.
type CallMeta struct {
	Operation  string
	StatusCode int    // of the last answer; 0 when there was none
	RequestID  string // by which Foxtrot knows the last answer; empty when it named none
	Attempts   int
	Duration   time.Duration
}

// Idempotent says that repeating this call does no harm, so that it may be sent again
// after it may have arrived. Of this package's operations only Webhooks.Create is not
// repeated without it: two equal web hooks would be delivered to twice.
func Idempotent() CallOption { return func(s *callSettings) { s.idempotent = true } }

// NoRetry makes the call one attempt. net/http itself may still repeat a read whose reused
// connection turned out to be closed; a write it does not.
func NoRetry() CallOption { return func(s *callSettings) { s.noRetry = true } }

// Meta fills m when the call ends, also when it fails.
func Meta(m *CallMeta) CallOption { return func(s *callSettings) { s.meta = m } }

func settingsOf(opts []CallOption) (s callSettings) {
	for _, o := range opts {
		if o != nil {
			o(&s)
		}
	}
	if s.meta != nil {
		*s.meta = CallMeta{}
	}
	return s
}

// fill adds one call to what the caller is told.
func (s *callSettings) fill(op string, r transport.Result) {
	if s.meta != nil {
		s.add(CallMeta{op, r.StatusCode, r.RequestID, r.Attempts, r.Duration})
	}
}

func (s *callSettings) add(m CallMeta) {
	if s.meta != nil {
		m.Attempts += s.meta.Attempts
		m.Duration += s.meta.Duration
		*s.meta = m
	}
}
