package harbor

import (
	"context"
	"time"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// Hooks are told what a client does, for metrics and traces. Every field may be nil and
// then costs nothing. Events name operations and numbers, never a URL, an identifier, a
// body or a secret. Hooks run in the caller's goroutine and must not block.
type Hooks struct {
	// CallStart is told before a call; the context it returns is the call's.
	CallStart func(ctx context.Context, e CallEvent) context.Context
	// CallEnd is told after it.
	CallEnd func(ctx context.Context, e CallEvent)
	// Attempt is told after each attempt of a call.
	Attempt func(ctx context.Context, e AttemptEvent)
	// Retry is told before the wait that precedes another attempt.
	Retry func(ctx context.Context, e RetryEvent)
	// Unknown is told of a word this version does not know, such as a new locker status.
	Unknown func(ctx context.Context, e UnknownEvent)
}

// CallEvent is a call that begins (only the first three fields are set) or has ended.
type CallEvent struct {
	Operation    string // such as "lockers.reserve"
	Method, Path string // the path is the template
	StatusCode   int    // of the last answer; 0 when there was none
	Attempts     int
	Duration     time.Duration
	Err          error // what the call returned
}

// AttemptEvent is one finished attempt.
type AttemptEvent struct {
	Operation    string
	Method, Path string
	Attempt      int // from 1
	StatusCode   int // 0 when there was no answer
	Duration     time.Duration
	Err          error // nil when there was an answer
}

// RetryEvent is the decision to try again.
type RetryEvent struct {
	Operation    string
	Method, Path string
	Attempt      int           // the one that failed
	StatusCode   int           // its answer; 0 when there was none
	Wait         time.Duration // until the next
	Err          error         // nil when there was an answer
}

// UnknownEvent is a word from Harbor that this version does not know. It was kept and
// returned as it came.
type UnknownEvent struct {
	Operation string
	Field     string // such as "status"
	Value     string // at most 64 bytes
}

// WithHooks adds hooks to those the client has; all are told.
func WithHooks(h Hooks) Option {
	return func(s *settings) error {
		s.config.Hooks = transport.ChainHooks(s.config.Hooks, h.internal())
		return nil
	}
}

func (h Hooks) internal() transport.Hooks {
	var t transport.Hooks
	if h.CallStart != nil {
		t.CallStart = func(ctx context.Context, e transport.CallEvent) context.Context {
			return h.CallStart(ctx, CallEvent(e))
		}
	}
	if h.CallEnd != nil {
		t.CallEnd = func(ctx context.Context, e transport.CallEvent) {
			e.Err = newError(e.Err)
			h.CallEnd(ctx, CallEvent(e))
		}
	}
	if h.Attempt != nil {
		t.Attempt = func(ctx context.Context, e transport.AttemptEvent) { h.Attempt(ctx, AttemptEvent(e)) }
	}
	if h.Retry != nil {
		t.Retry = func(ctx context.Context, e transport.RetryEvent) { h.Retry(ctx, RetryEvent(e)) }
	}
	if h.Unknown != nil {
		t.Unknown = func(ctx context.Context, e transport.UnknownEvent) { h.Unknown(ctx, UnknownEvent(e)) }
	}
	return t
}

// OperationFromContext returns the operation that a request is made for, so that a
// middleware can label what it measures without looking at the URL.
func OperationFromContext(ctx context.Context) (Operation, bool) {
	o, ok := transport.OperationFromContext(ctx)
	if !ok {
		return Operation{}, false
	}
	for i := range operations {
		if operations[i].Name == o.Name {
			known := operations[i].exported()
			known.Path = o.Path
			return known, true
		}
	}
	return Operation{Name: o.Name, Method: o.Method, Path: o.Path, Scope: Scope(o.Scope), Idempotent: o.Idempotent}, true
}
