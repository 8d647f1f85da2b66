package delivery_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// A reference that was stored with it could not be used for the right area any more.
func TestRequest_SenselessAreaIsRefusedBeforeItIsStored(t *testing.T) {
	t.Parallel()
	srv := harbortest.NewServer(t)
	client, err := harbor.NewClient(srv.Environment(), srv.Credentials())
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	m, err := delivery.New(client, delivery.NewMemoryStore())
	require.NoError(t, err)
	good := harbor.Area{Start: lockerline.LatLng{Lat: 34, Lng: -118}, End: lockerline.LatLng{Lat: 35, Lng: -119}}
	for name, area := range map[string]harbor.Area{
		"inverted":     {Start: good.End, End: good.Start},
		"no extent":    {Start: good.Start, End: good.Start},
		"off the map":  {Start: lockerline.LatLng{Lat: -91}, End: good.End},
		"off the side": {Start: good.Start, End: lockerline.LatLng{Lat: 35, Lng: 181}},
		"no number":    {Start: good.Start, End: lockerline.LatLng{Lat: math.NaN()}},
	} {
		_, err := m.Start(t.Context(), delivery.Request{Reference: name, Area: &area})
		assert.ErrorAs(t, err, new(*delivery.RequestError), name)
		_, err = m.Get(t.Context(), name)
		assert.ErrorIs(t, err, delivery.ErrNotFound, name)
	}
	_, err = m.Start(t.Context(), delivery.Request{Reference: "inverted", Area: &good})
	require.NoError(t, err)
}
