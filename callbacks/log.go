package callbacks

import (
	"context"
	"errors"
	"log/slog"
)

// LogObserver writes one record for each request: a stored change at Info, a duplicate at
// Debug, what somebody should look at (amended, quarantined, repaired, refused, overdue) at
// Warn, and what this side failed at (5xx) at Error. Records hold the feed, the name of the
// credential, the group and the key; never a secret, a header or the body. A nil logger
// makes an observer without hooks.
func LogObserver(logger *slog.Logger) Observer {
	if logger == nil {
		return Observer{}
	}
	return Observer{
		Accepted: func(ctx context.Context, e Accepted) { logAccepted(ctx, logger, e) },
		Refused:  func(ctx context.Context, e Refused) { logRefused(ctx, logger, e) },
		Overdue: func(ctx context.Context, e Overdue) {
			logger.LogAttrs(ctx, slog.LevelWarn, "callback stored after its request was answered 503",
				slog.String("feed", e.Feed), slog.String("outcome", e.Outcome.String()),
				slog.String("group", e.Group), slog.String("key", e.Key.String()), slog.Duration("store", e.Store))
		},
	}
}

func logAccepted(ctx context.Context, logger *slog.Logger, e Accepted) {
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
}

func logRefused(ctx context.Context, logger *slog.Logger, e Refused) {
	level := slog.LevelWarn
	if e.Status >= 500 {
		level = slog.LevelError
	}
	if !logger.Enabled(ctx, level) {
		return
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
}
