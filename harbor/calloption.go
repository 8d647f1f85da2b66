package harbor

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

// CallMeta is what is known about a call apart from its result.
type CallMeta struct {
	Operation  string
	StatusCode int    // of the last answer; 0 when there was none
	RequestID  string // by which Harbor knows the last answer; empty when it named none
	Attempts   int
	Duration   time.Duration
}

// Idempotent says that repeating this call does no harm, so that it may be sent again
// after it may have arrived. Asking for a drop-off token of a locker one already has is
// such a call (Harbor allows it); reserving a locker and creating a drop-off link are not.
func Idempotent() CallOption { return func(s *callSettings) { s.idempotent = true } }

// NoRetry makes the call send exactly one request, not even another one after a 401.
func NoRetry() CallOption { return func(s *callSettings) { s.noRetry = true } }

// Meta fills m when the call ends, also when it fails.
func Meta(m *CallMeta) CallOption { return func(s *callSettings) { s.meta = m } }

func (s *callSettings) apply(opts []CallOption) {
	for _, o := range opts {
		if o != nil {
			o(s)
		}
	}
}

func (s *callSettings) fill(op string, r transport.Result) {
	if s.meta != nil {
		*s.meta = CallMeta{op, r.StatusCode, r.RequestID, r.Attempts, r.Duration}
	}
}
