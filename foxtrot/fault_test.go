package foxtrot_test

import (
	"net/http"
	"testing"

	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func write(op foxtrot.Operation) bool { return op.Method != "GET" }

// withHook is a server that has the web hook "wh-1", which the calls of the table need.
func withHook(t *testing.T) (*foxtrottest.Server, *foxtrot.Client) {
	t.Helper()
	srv := newServer(t)
	// On a connection that was used before, net/http itself repeats a GET that met its end.
	fresh := &http.Transport{DisableKeepAlives: true}
	c := clientOf(t, srv, foxtrot.WithHTTPClient(&http.Client{Transport: fresh}))
	_, err := c.Webhooks.Create(t.Context(), someSpec)
	require.NoError(t, err)
	return srv, c
}

func TestEveryOperationUnderEveryFault(t *testing.T) {
	t.Parallel()
	for _, op := range foxtrot.Operations() {
		for _, tc := range []struct {
			name    string
			fault   foxtrottest.Fault
			passing bool // a repeat cures it
			sent    bool // it may have had an effect
			is      error
		}{
			{"401", foxtrottest.Status(401), false, false, foxtrot.ErrUnauthorized},
			{"403", foxtrottest.Status(403), false, false, foxtrot.ErrForbidden},
			{"404", foxtrottest.Status(404), false, false, foxtrot.ErrNotFound},
			{"429", foxtrottest.RateLimited(0), true, false, foxtrot.ErrRateLimited},
			{"500", foxtrottest.Status(500), true, true, foxtrot.ErrServer},
			{"502 as HTML", foxtrottest.HTML(502), true, true, foxtrot.ErrServer},
			{"503 empty", foxtrottest.Empty(503), true, true, foxtrot.ErrServer},
			{"cut before", foxtrottest.CutBefore(), true, true, nil},
			{"cut after", foxtrottest.CutAfter(), true, true, nil},
			{"cut within", foxtrottest.CutWithin(), true, true, nil},
			{"truncated", foxtrottest.Truncated(), false, true, nil},
			{"200 as HTML", foxtrottest.HTML(200), false, true, nil},
			{"error with 200", foxtrottest.Code(200, foxtrot.CodeDCNotConfigured), false, false, foxtrot.ErrNotConfigured},
			{"pending", foxtrottest.Pending(), false, true, foxtrot.ErrPending},
		} {
			t.Run(op.Name+"/"+tc.name, func(t *testing.T) {
				t.Parallel()
				srv, c := withHook(t)
				before := len(srv.Requests())
				srv.Fail(op.Name, foxtrottest.Times(3, tc.fault)...)
				_, err := calls[op.Name](t.Context(), c)
				sent := len(srv.Requests()) - before
				if tc.name == "cut within" && op.Name == "webhooks.delete" {
					require.NoError(t, err, "the first took effect, and the status of the next is whole: it is gone")
					return
				}
				var e *foxtrot.Error
				require.ErrorAs(t, err, &e)
				if tc.is != nil {
					assert.ErrorIs(t, err, tc.is)
				}
				assert.Equal(t, op.Name, e.Op)
				assert.Equal(t, op.Path, e.Path)
				assert.NotContains(t, err.Error(), srv.APIKey)
				assert.NotContains(t, err.Error(), srv.URL)
				assert.NotContains(t, err.Error(), "c-1001")
				repeat := tc.passing && (op.Idempotent || !tc.sent)
				if want := map[bool]int{true: 3, false: 1}[repeat]; assert.Equal(t, want, sent, "requests") {
					assert.Equal(t, want, e.Attempts)
				}
				assert.Equal(t, write(op) && tc.sent, e.MaybeApplied)
				assert.Equal(t, e.MaybeApplied, isUnknown(err))
				if repeat && op.Method == "GET" {
					srv.Fail(op.Name, tc.fault)
					_, err = calls[op.Name](t.Context(), c)
					require.NoError(t, err, "a repeat cures it")
				}
			})
		}
	}
}

func TestDeleteAfterALostAnswerSucceeds(t *testing.T) {
	t.Parallel()
	for _, lost := range []foxtrottest.Fault{foxtrottest.CutAfter(), foxtrottest.CutWithin()} {
		srv, c := withHook(t)
		srv.Fail("webhooks.delete", lost)
		require.NoError(t, c.Webhooks.Delete(t.Context(), "wh-1"))
		left, err := c.Webhooks.List(t.Context())
		require.NoError(t, err)
		assert.Empty(t, left)
		require.ErrorIs(t, c.Webhooks.Delete(t.Context(), "wh-1"), foxtrot.ErrNotFound, "one that never was is not found")
		require.ErrorIs(t, c.Webhooks.Delete(t.Context(), "never"), foxtrot.ErrNotFound)
	}
}

func TestCreateThatMayHaveArrivedIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]foxtrottest.Fault{
		"500": foxtrottest.Status(500), "502": foxtrottest.HTML(502), "503": foxtrottest.Empty(503),
		"cut before": foxtrottest.CutBefore(), "cut after": foxtrottest.CutAfter(), "cut within": foxtrottest.CutWithin(), "truncated": foxtrottest.Truncated(),
	} {
		srv := newServer(t)
		c := clientOf(t, srv)
		srv.Fail("webhooks.create", fault)
		_, err := c.Webhooks.Create(t.Context(), someSpec)
		require.ErrorIs(t, err, foxtrot.ErrOutcomeUnknown, name)
		assert.False(t, foxtrot.Retryable(err), name)
		assert.Len(t, srv.Requests(), 1, name)
	}
	// The guard is what keeps it from being sent twice.
	srv := newServer(t)
	c := clientOf(t, srv)
	srv.Fail("webhooks.create", foxtrottest.CutAfter())
	_, err := c.Webhooks.Create(t.Context(), someSpec, foxtrot.Idempotent())
	require.NoError(t, err)
	hooks, err := c.Webhooks.List(t.Context())
	require.NoError(t, err)
	assert.Len(t, hooks, 2, "a caller who says that it does no harm gets two")
}
