package otel_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
	"github.com/lockerline/lockerline-go/otel"
)

var locker = harbor.LockerRef{Tower: "0100000000000175", Locker: 950}

func harborClient(t *testing.T, r *rig) (*harbortest.Server, *harbor.Client) {
	t.Helper()
	srv := harbortest.NewServer(t)
	c, err := srv.Client(lockerline.WithHooks(otel.ClientHooks(r.opts...)),
		lockerline.WithRetry(lockerline.RetryPolicy{MaxAttempts: 3, MinWait: time.Millisecond, MaxWait: time.Millisecond, MaxRetryAfter: time.Second}))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return srv, c
}

func TestClientHooks_CallIsASpanAndItsAttemptsAreEvents(t *testing.T) {
	t.Parallel()
	r := newRig()
	srv, c := harborClient(t, r)
	srv.Fail("lockers.assigned", lockerlinetest.Status(503), lockerlinetest.Status(502))
	_, err := c.Lockers.Assigned(t.Context())
	require.NoError(t, err)

	spans := r.spans.GetSpans()
	require.Len(t, spans, 1)
	s := spans[0]
	assert.Equal(t, "lockers.assigned", s.Name)
	assert.Equal(t, trace.SpanKindClient, s.SpanKind)
	assert.Equal(t, codes.Unset, s.Status.Code)
	assert.Subset(t, s.Attributes, []attribute.KeyValue{
		attribute.String("lockerline.service", "harbor"), attribute.String("http.request.method", "GET"),
		attribute.Int("http.response.status_code", 200), attribute.Int("http.request.resend_count", 2),
	})
	var events []string
	for _, e := range s.Events {
		events = append(events, e.Name)
	}
	assert.Equal(t, []string{"attempt", "retry", "attempt", "retry", "attempt"}, events)
	assert.Contains(t, s.Events[0].Attributes, attribute.String("error.type", "503"))

	m := r.collect(t)
	assert.Len(t, points(t, m["http.client.request.duration"]), 3, "each attempt ended in another way")
	assert.Len(t, points(t, m["lockerline.client.call.duration"]), 1)
	assert.Len(t, points(t, m["lockerline.client.retries"]), 2)
}

func TestClientHooks_ErrorIsToldByItsTypeAndText(t *testing.T) {
	t.Parallel()
	r := newRig()
	srv, c := harborClient(t, r)
	_, err := c.Lockers.Reserve(t.Context(), locker, 5*time.Minute)
	require.NoError(t, err)
	for _, fault := range []struct {
		with   func() error
		reason string
	}{
		{func() error { _, err := c.Lockers.Reserve(t.Context(), locker, 5*time.Minute); return err }, "409"},
		{func() error {
			srv.Fail("lockers.reserve", lockerlinetest.Disconnect(lockerlinetest.After))
			_, err := c.Lockers.Reserve(t.Context(), locker, 5*time.Minute)
			return err
		}, "outcome_unknown"},
		{func() error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := c.Lockers.Assigned(ctx)
			return err
		}, "canceled"},
	} {
		r.spans.Reset()
		err := fault.with()
		require.Error(t, err, fault.reason)
		spans := r.spans.GetSpans()
		require.Len(t, spans, 1, fault.reason)
		assert.Equal(t, codes.Error, spans[0].Status.Code)
		assert.Equal(t, err.Error(), spans[0].Status.Description)
		assert.Contains(t, spans[0].Attributes, attribute.String("error.type", fault.reason))
	}
}

// A caller's span is the parent of the call's, so that one trace shows both.
func TestClientHooks_CallIsAChildOfTheCallersSpan(t *testing.T) {
	t.Parallel()
	r := newRig()
	_, c := harborClient(t, r)
	parent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
	_, err := c.Lockers.Assigned(trace.ContextWithSpanContext(t.Context(), parent))
	require.NoError(t, err)
	require.Len(t, r.spans.GetSpans(), 1)
	assert.Equal(t, parent.TraceID(), r.spans.GetSpans()[0].SpanContext.TraceID())
	assert.Equal(t, parent.SpanID(), r.spans.GetSpans()[0].Parent.SpanID())
}

func TestClientHooks_TellNoIdentifierAndNoSecret(t *testing.T) {
	t.Parallel()
	r := newRig()
	srv, c := harborClient(t, r)
	_, err := c.Lockers.Reserve(t.Context(), locker, 5*time.Minute)
	require.NoError(t, err)
	token, err := c.Lockers.DropoffToken(t.Context(), locker, harbor.TokenRequest{Duration: time.Minute, ClientInfo: "ORDER-REFERENCE"})
	require.NoError(t, err)
	_, err = c.Lockers.Reserve(t.Context(), locker, 5*time.Minute)
	require.Error(t, err)
	text := fmt.Sprintf("%+v %+v", r.spans.GetSpans(), r.collect(t))
	assert.Contains(t, text, "lockers.dropoff_token")
	for _, never := range []string{string(locker.Tower), srv.URL, "ORDER-REFERENCE", token.Payload, srv.Credentials().ClientSecret} {
		assert.NotContains(t, text, never)
	}
}
