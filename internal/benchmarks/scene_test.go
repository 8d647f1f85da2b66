package main

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPayload_HasItsSize(t *testing.T) {
	t.Parallel()
	assert.InDelta(t, 600, len(onePayload), 5)
	assert.InDelta(t, 60_000, len(pagePayload), 1000)
}

// All contestants have to bring back the same, from the stub and from the server, or they
// would not be compared in the same work.
func TestContestants_DecodeTheSame(t *testing.T) {
	t.Parallel()
	srv, err := startServer()
	require.NoError(t, err)
	defer srv.stop()
	var one booking
	var page list
	require.NoError(t, json.Unmarshal(onePayload, &one))
	require.NoError(t, json.Unmarshal(pagePayload, &page))
	require.Len(t, page.Bookings, pageSize)
	tr := defaultTransport()
	defer tr.CloseIdleConnections()
	for _, c := range contestants {
		for _, fetch := range []func() (get, func(), error){
			func() (get, func(), error) { return c.dial("http://127.0.0.1", stub{}) },
			func() (get, func(), error) { return c.dial(srv.url, tr) },
		} {
			call, done, err := fetch()
			require.NoError(t, err, c.name)
			var gotOne booking
			require.NoError(t, call(t.Context(), oneBooking, &gotOne), c.name)
			assert.Equal(t, one, gotOne, c.name)
			var gotPage list
			require.NoError(t, call(t.Context(), aPage, &gotPage), c.name)
			assert.Equal(t, page, gotPage, c.name)
			done()
		}
	}
}

func TestContestants_FailingOneEndsTheRun(t *testing.T) {
	t.Parallel()
	s := scene{name: "broken", against: bareHTTP, callers: 2, runners: []runner{
		{bareHTTP, func(context.Context) error { return errors.New("refused") }},
	}}
	_, err := measureAll([]scene{s}, 1, 1, nil)
	require.EqualError(t, err, "broken, bare net/http: refused")
}
