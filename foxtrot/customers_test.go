package foxtrot_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestBestLocation_IsConfidentElseInferredElseImported(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	c := clientOf(t, srv)
	for _, tc := range []struct {
		id    foxtrot.CustomerID
		kind  foxtrot.LocationKind
		lat   float64
		calls int
	}{
		{"c-1001", foxtrot.LocationKindConfident, 4.6011, 1},
		{"c-1002", foxtrot.LocationKindInferred, 4.6055, 2},
		{"c-1003", foxtrot.LocationKindImported, 4.6150, 2},
	} {
		before := len(srv.Requests())
		var m lockerline.CallMeta
		best, err := c.Customers.BestLocation(t.Context(), demo, tc.id, lockerline.Meta(&m))
		require.NoError(t, err)
		assert.Equal(t, tc.kind, best.Kind)
		assert.InDelta(t, tc.lat, best.Lat, 1e-9)
		assert.Equal(t, tc.calls, len(srv.Requests())-before)
		assert.Equal(t, tc.calls, m.Attempts)
	}
	_, err := c.Customers.BestLocation(t.Context(), demo, "c-1004")
	require.ErrorIs(t, err, foxtrot.ErrNoLocation)
	assert.NotErrorIs(t, err, lockerline.ErrNotFound)
	assert.False(t, lockerline.Retryable(err))
	_, err = c.Customers.BestLocation(t.Context(), demo, "nobody")
	require.ErrorIs(t, err, lockerline.ErrNotFound)
}

// Code 7001 alone leads to the inferred or imported location; any other failure is an
// error.
func TestBestLocation_FailureIsNoReasonForAWorseOne(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]lockerlinetest.Fault{
		"400": lockerlinetest.Status(400), "another code": foxtrottest.Code(400, foxtrot.CodeDCNotConfigured), "500": lockerlinetest.Status(500),
		"cut off": lockerlinetest.Truncated(), "pending": foxtrottest.Pending(), "empty": lockerlinetest.Answer(200, "", ""),
		"no coordinates": lockerlinetest.Answer(200, "application/json", `{"status":"success","data":{"customer_id":"c-1001"}}`),
	} {
		srv := newServer(t)
		srv.Fail("customers.confident_location", f.Times(3))
		_, err := clientOf(t, srv).Customers.BestLocation(t.Context(), demo, "c-1001")
		require.Error(t, err, name)
		assert.NotErrorIs(t, err, foxtrot.ErrLocationNotConfident, name)
		for _, r := range srv.Requests() {
			assert.Equal(t, "customers.confident_location", r.Op, name)
		}
	}
}
