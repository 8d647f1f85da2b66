package transport

import (
	"context"
	"log/slog"
)

// LogHooks writes what happens to l: an attempt as debug, a retry and an unknown word as
// warn. It names the operation and numbers: never a URL, an identifier, a body or a
// credential. A failure is not logged, since the caller has the error.
func LogHooks(l *slog.Logger) Hooks {
	return Hooks{
		Attempt: func(ctx context.Context, e AttemptEvent) {
			if l.Enabled(ctx, slog.LevelDebug) {
				l.LogAttrs(ctx, slog.LevelDebug, "attempt", withError(e.Err,
					slog.String("operation", e.Operation), slog.Int("attempt", e.Attempt),
					slog.Int("status", e.StatusCode), slog.Duration("duration", e.Duration))...)
			}
		},
		Retry: func(ctx context.Context, e RetryEvent) {
			l.LogAttrs(ctx, slog.LevelWarn, "retry", withError(e.Err,
				slog.String("operation", e.Operation), slog.Int("attempt", e.Attempt),
				slog.Int("status", e.StatusCode), slog.Duration("wait", e.Wait))...)
		},
		Unknown: func(ctx context.Context, e UnknownEvent) {
			l.LogAttrs(ctx, slog.LevelWarn, "unknown value",
				slog.String("operation", e.Operation), slog.String("field", e.Field), slog.String("value", e.Value))
		},
	}
}

func withError(err error, attrs ...slog.Attr) []slog.Attr {
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	return attrs
}
