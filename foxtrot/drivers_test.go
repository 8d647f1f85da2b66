package foxtrot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

func TestDriversLocation_NeverReportedIsErrNoLocation(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	c := clientOf(t, srv)
	_, err := c.Drivers.Location(t.Context(), demo, "d-2")
	require.ErrorIs(t, err, foxtrot.ErrNoLocation)
	_, err = c.Drivers.Location(t.Context(), demo, "d-3")
	require.ErrorIs(t, err, lockerline.ErrNotFound)
	for _, body := range []string{`{"data":{"driver_location":{"timestamp":1,"location":null}}}`, `{"data":{"driver_location":{"timestamp":1,"location":{"latitude":null,"longitude":null}}}}`} {
		_, err = over(t, answer(200, body)).Drivers.Location(t.Context(), "dc", "d")
		require.ErrorIs(t, err, foxtrot.ErrNoLocation, body)
	}
	at, err := over(t, answer(200, `{"data":{"driver_location":{"timestamp":"2025-10-09T08:53:20Z","location":{"latitude":"4.6","longitude":-74.1}}}}`)).Drivers.Location(t.Context(), "dc", "d")
	require.NoError(t, err)
	assert.Equal(t, foxtrot.DriverLocation{LatLng: lockerline.LatLng{Lat: 4.6, Lng: -74.1}, At: new(time.UnixMilli(1760000000000).UTC())}, *at)
}
