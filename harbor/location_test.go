package harbor_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

func TestLocation_AvailabilityIsReadWhereverItStands(t *testing.T) {
	t.Parallel()
	const counts = `{"availableLockers":4,"totalLockers":9}`
	for name, raw := range map[string]string{
		"nested":        `{"id":1,"availability":{"lockerAvailability":` + counts + `,"byType":[]}}`,
		"nested, flat":  `{"id":1,"availability":` + counts + `}`,
		"beside":        `{"id":1,"lockerAvailability":` + counts + `}`,
		"flat":          `{"id":1,"availableLockers":4,"totalLockers":9}`,
		"snake":         `{"id":1,"locker_availability":{"available_lockers":4,"total_lockers":9}}`,
		"split":         `{"location":{"id":1},"availability":{"lockerAvailability":` + counts + `}}`,
		"by type alone": `{"id":1,"availability":[{"lockerType":{"id":1,"name":"small"},"availableCount":4,"totalLockers":9}]}`,
	} {
		var l harbor.Location
		require.NoError(t, json.Unmarshal([]byte(raw), &l), name)
		require.NotNil(t, l.Availability, name)
		assert.Equal(t, 4, l.Availability.Available, name)
		assert.Equal(t, 9, l.Availability.Total, name)
		assert.Equal(t, harbor.LocationID(1), l.ID, name)
	}
}

func TestLocation_UnreadableAvailabilityIsNil(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`{"id":1,"name":"Dock"}`, `{"id":1,"name":"Dock","availability":null}`, `{"id":1,"name":"Dock","availability":"plenty"}`,
		`{"id":1,"name":"Dock","availability":{"small":3}}`, `{"id":1,"name":"Dock","availability":7}`,
	} {
		var l harbor.Location
		require.NoError(t, json.Unmarshal([]byte(raw), &l), raw)
		assert.Nil(t, l.Availability, raw)
		assert.Equal(t, "Dock", l.Name)
	}
}

func TestLocation_PositionIsReadAlsoAsText(t *testing.T) {
	t.Parallel()
	var l harbor.Location
	require.NoError(t, json.Unmarshal([]byte(`{"id":"7","lat":"34.05","lon":-118.2}`), &l))
	at, ok := l.Position()
	assert.True(t, ok)
	assert.Equal(t, lockerline.LatLng{Lat: 34.05, Lng: -118.2}, at)
	require.NoError(t, json.Unmarshal([]byte(`{"id":7,"lat":null,"lon":0}`), &l))
	_, ok = l.Position()
	assert.False(t, ok, "0 is a longitude, null is none")
}
