package callbacks

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Observer follows a handler: for each request it calls Accepted or Refused, once. A nil
// function costs nothing. The functions run in the request's goroutine, after the answer is
// settled; they must be quick and safe for concurrent use. They see no secret, no header and
// no body. A panic in one is caught and changes no answer.
type Observer struct {
	// Accepted is called for a request that was acknowledged.
	Accepted func(context.Context, Accepted)
	// Refused is called for a request that was not.
	Refused func(context.Context, Refused)
}

// Accepted is a callback that was acknowledged with 200.
type Accepted struct {
	Feed       string
	Credential string // name of the one that matched; empty without authentication
	Outcome    Outcome
	Key        Key
	Group      string
	Time       time.Time     // when the change happened; zero when unknown
	Size       int           // of the body, in bytes
	Repaired   bool          // the body had to be mended to be read
	Problem    string        // why the body could not be read; empty when it could
	Store      time.Duration // how long the sink took
	Total      time.Duration // from the first look to the answer
}

// Refused is a request that was not acknowledged.
type Refused struct {
	Feed       string
	Credential string // name of the one that matched, an expired one too; else empty
	Reason     Reason
	Status     int           // what the sender was told
	Err        error         // from the sink or the body, where there is one
	Total      time.Duration // from the first look to the answer
}

// join returns an observer that calls both, o first.
func (o Observer) join(next Observer) Observer {
	return Observer{
		Accepted: joinHooks(o.Accepted, next.Accepted),
		Refused:  joinHooks(o.Refused, next.Refused),
	}
}

func joinHooks[E any](first, second func(context.Context, E)) func(context.Context, E) {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(ctx context.Context, e E) {
		first(ctx, e)
		second(ctx, e)
	}
}

// LogObserver returns an observer that writes one record for each request: a stored change at
// Info, a duplicate at Debug, an amended, quarantined, repaired or refused one at Warn, and a
// failure of this side (5xx) at Error. Records hold the feed, the name of the credential, the
// group and the key; never a secret, a header or the body. With a nil logger the observer has
// no functions.
func LogObserver(logger *slog.Logger) Observer {
	if logger == nil {
		return Observer{}
	}
	return Observer{
		Accepted: func(ctx context.Context, e Accepted) {
			level := slog.LevelInfo
			switch {
			case e.Outcome == OutcomeDuplicate:
				level = slog.LevelDebug
			case e.Outcome != OutcomeStored || e.Repaired:
				level = slog.LevelWarn
			}
			if !logger.Enabled(ctx, level) {
				return
			}
			attrs := []slog.Attr{
				slog.String("feed", e.Feed), slog.String("outcome", e.Outcome.String()),
				slog.String("credential", e.Credential), slog.String("key", e.Key.String()),
				slog.Int("size", e.Size), slog.Duration("store", e.Store), slog.Duration("total", e.Total),
			}
			if e.Problem != "" {
				attrs = append(attrs, slog.String("problem", e.Problem))
			} else {
				attrs = append(attrs, slog.String("group", e.Group), slog.Time("time", e.Time))
			}
			if e.Repaired {
				attrs = append(attrs, slog.Bool("repaired", true))
			}
			logger.LogAttrs(ctx, level, "callback acknowledged", attrs...)
		},
		Refused: func(ctx context.Context, e Refused) {
			level := slog.LevelWarn
			if e.Status >= 500 {
				level = slog.LevelError
			}
			attrs := []slog.Attr{
				slog.String("feed", e.Feed), slog.String("reason", string(e.Reason)), slog.Int("status", e.Status),
				slog.String("credential", e.Credential), slog.Duration("total", e.Total),
			}
			if e.Err != nil {
				attrs = append(attrs, slog.String("error", e.Err.Error()))
			}
			if fault, ok := errors.AsType[*PanicError](e.Err); ok {
				attrs = append(attrs, slog.String("stack", string(fault.Stack)))
			}
			logger.LogAttrs(ctx, level, "callback refused", attrs...)
		},
	}
}
