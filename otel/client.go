package otel

import (
	"context"
	"errors"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/lockerline/lockerline-go"
)

const (
	serviceKey   = attribute.Key("lockerline.service")
	operationKey = attribute.Key("lockerline.operation")
)

// ClientHooks returns hooks that make a span of each call and measure calls and attempts,
// for lockerline.WithHooks. One value serves any number of clients.
func ClientHooks(opts ...Option) lockerline.Hooks {
	c := newConfig(opts)
	tracer, m := c.tracer(), c.instruments()
	calls := m.seconds("lockerline.client.call.duration", "Calls with their attempts and waits.", short...)
	attempts := m.seconds("http.client.request.duration", "Duration of HTTP client requests.", short...)
	retries := m.counter("lockerline.client.retries", "{retry}", "Attempts after the first one of a call.")
	unknown := m.counter("lockerline.client.unknown_values", "{value}", "Words of a service that this version does not know.")
	return lockerline.Hooks{
		CallStart: func(ctx context.Context, e lockerline.CallEvent) context.Context {
			ctx, _ = tracer.Start(ctx, e.Operation, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
				serviceKey.String(e.Service), operationKey.String(e.Operation),
				semconv.HTTPRequestMethodKey.String(e.Method), semconv.URLTemplate(e.Path)))
			return ctx
		},
		CallEnd: func(ctx context.Context, e lockerline.CallEvent) {
			calls.record(ctx, e.Duration, result(e.StatusCode, e.Err, serviceKey.String(e.Service), operationKey.String(e.Operation))...)
			span := trace.SpanFromContext(ctx)
			span.SetAttributes(result(e.StatusCode, e.Err)...)
			if e.Attempts > 1 {
				span.SetAttributes(semconv.HTTPRequestResendCount(e.Attempts - 1))
			}
			if e.Err != nil {
				span.SetStatus(codes.Error, e.Err.Error())
			}
			span.End()
		},
		Attempt: func(ctx context.Context, e lockerline.AttemptEvent) {
			attempts.record(ctx, e.Duration, result(e.StatusCode, e.Err, serviceKey.String(e.Service),
				semconv.HTTPRequestMethodKey.String(e.Method), semconv.URLTemplate(e.Path))...)
			trace.SpanFromContext(ctx).AddEvent("attempt", trace.WithAttributes(
				result(e.StatusCode, e.Err, attribute.Int("lockerline.attempt", e.Attempt),
					attribute.Float64("lockerline.duration", e.Duration.Seconds()))...))
		},
		Retry: func(ctx context.Context, e lockerline.RetryEvent) {
			retries.Add(ctx, 1, metric.WithAttributes(result(e.StatusCode, e.Err,
				serviceKey.String(e.Service), operationKey.String(e.Operation))...))
			trace.SpanFromContext(ctx).AddEvent("retry", trace.WithAttributes(
				attribute.Int("lockerline.attempt", e.Attempt), attribute.Float64("lockerline.wait", e.Wait.Seconds())))
		},
		Unknown: func(ctx context.Context, e lockerline.UnknownEvent) {
			unknown.Add(ctx, 1, metric.WithAttributes(serviceKey.String(e.Service), operationKey.String(e.Operation),
				attribute.String("lockerline.field", e.Field)))
		},
	}
}

// result adds what came of a request to attrs: its status, and the type of its error. The
// type is the status, or a word for what kept an answer away.
func result(status int, err error, attrs ...attribute.KeyValue) []attribute.KeyValue {
	if status != 0 {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(status))
	}
	switch {
	case status >= 400:
		attrs = append(attrs, semconv.ErrorTypeKey.String(strconv.Itoa(status)))
	case err != nil:
		attrs = append(attrs, semconv.ErrorTypeKey.String(errorType(err)))
	}
	return attrs
}

// errorTypes are the words for an error without an answer, the first that matches.
var errorTypes = []struct {
	err  error
	word string
}{
	{context.Canceled, "canceled"},
	{lockerline.ErrAttemptTimeout, "timeout"},
	{context.DeadlineExceeded, "timeout"},
	{lockerline.ErrOutcomeUnknown, "outcome_unknown"},
	{lockerline.ErrUnauthorized, "unauthorized"},
	{lockerline.ErrInvalid, "invalid"},
	{lockerline.ErrPending, "pending"},
	{lockerline.ErrClosed, "closed"},
}

func errorType(err error) string {
	for _, t := range errorTypes {
		if errors.Is(err, t.err) {
			return t.word
		}
	}
	return semconv.ErrorTypeOther.Value.AsString()
}
