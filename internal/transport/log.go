package transport

import (
	"context"
	"log/slog"
)

// What is logged names the operation and numbers: never a URL, an identifier, a body or
// a credential. An attempt is Debug, a retry Warn; a failure is not logged, since the
// caller has the error.

func (c *Client) logAttempt(ctx context.Context, e AttemptEvent) {
	if !c.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", e.Operation),
		slog.Int("attempt", e.Attempt),
		slog.Int("status", e.StatusCode),
		slog.Duration("duration", e.Duration),
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "attempt", attrs...)
}

func (c *Client) logRetry(ctx context.Context, e RetryEvent) {
	attrs := []slog.Attr{
		slog.String("operation", e.Operation),
		slog.Int("attempt", e.Attempt),
		slog.Int("status", e.StatusCode),
		slog.Duration("wait", e.Wait),
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	c.logger.LogAttrs(ctx, slog.LevelWarn, "retry", attrs...)
}

func (c *Client) logUnknown(ctx context.Context, op *Operation, field, value string) {
	c.logger.LogAttrs(ctx, slog.LevelWarn, "unknown value",
		slog.String("operation", op.Name), slog.String("field", field), slog.String("value", value))
}
