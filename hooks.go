package lockerline

import (
	"context"
	"log/slog"
	"time"
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

// CallEvent is a call that begins (only the operation is set) or has ended.
type CallEvent struct {
	Service      string // such as "harbor"
	Operation    string // such as "lockers.reserve"
	Method, Path string // the path is the template
	StatusCode   int    // of the last answer; 0 when there was none
	Attempts     int
	Duration     time.Duration
	Err          error // what the call returned
}

// AttemptEvent is one finished attempt.
type AttemptEvent struct {
	Service      string
	Operation    string
	Method, Path string
	Attempt      int // from 1
	StatusCode   int // 0 when there was no answer
	Duration     time.Duration
	Err          error // nil when there was an answer
}

// RetryEvent is the decision to try again.
type RetryEvent struct {
	Service      string
	Operation    string
	Method, Path string
	Attempt      int           // the one that failed
	StatusCode   int           // its answer; 0 when there was none
	Wait         time.Duration // until the next
	Err          error         // nil when there was an answer
}

// UnknownEvent is a word from a service that this version does not know. It was kept and
// returned as it came.
type UnknownEvent struct {
	Service   string
	Operation string
	Field     string // such as "status"
	Value     string // at most 64 bytes
}

// add returns hooks that tell both h and more, in this order.
func (h Hooks) add(more Hooks) Hooks {
	return Hooks{
		CallStart: inTurnStart(h.CallStart, more.CallStart),
		CallEnd:   inTurn(h.CallEnd, more.CallEnd),
		Attempt:   inTurn(h.Attempt, more.Attempt),
		Retry:     inTurn(h.Retry, more.Retry),
		Unknown:   inTurn(h.Unknown, more.Unknown),
	}
}

func inTurn[E any](a, b func(context.Context, E)) func(context.Context, E) {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(ctx context.Context, e E) {
		a(ctx, e)
		b(ctx, e)
	}
}

func inTurnStart(a, b func(context.Context, CallEvent) context.Context) func(context.Context, CallEvent) context.Context {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(ctx context.Context, e CallEvent) context.Context {
		if derived := a(ctx, e); derived != nil {
			ctx = derived
		}
		return b(ctx, e)
	}
}

// logHooks writes what happens to l: an attempt as debug, a retry and an unknown word as
// warn. A failure is not logged, since the caller has the error.
func logHooks(l *slog.Logger) Hooks {
	log := func(ctx context.Context, level slog.Level, text string, err error, attrs ...slog.Attr) {
		if err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		l.LogAttrs(ctx, level, text, attrs...)
	}
	return Hooks{
		Attempt: func(ctx context.Context, e AttemptEvent) {
			if l.Enabled(ctx, slog.LevelDebug) {
				log(ctx, slog.LevelDebug, "attempt", e.Err, slog.String("service", e.Service), slog.String("operation", e.Operation),
					slog.Int("attempt", e.Attempt), slog.Int("status", e.StatusCode), slog.Duration("duration", e.Duration))
			}
		},
		Retry: func(ctx context.Context, e RetryEvent) {
			log(ctx, slog.LevelWarn, "retry", e.Err, slog.String("service", e.Service), slog.String("operation", e.Operation),
				slog.Int("attempt", e.Attempt), slog.Int("status", e.StatusCode), slog.Duration("wait", e.Wait))
		},
		Unknown: func(ctx context.Context, e UnknownEvent) {
			log(ctx, slog.LevelWarn, "unknown value", nil, slog.String("service", e.Service), slog.String("operation", e.Operation),
				slog.String("field", e.Field), slog.String("value", e.Value))
		},
	}
}
