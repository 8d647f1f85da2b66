package lockerline_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lockerline/lockerline-go"
)

func TestLatLng_CanBeChecked(t *testing.T) {
	t.Parallel()
	assert.True(t, lockerline.LatLng{}.IsZero())
	assert.False(t, lockerline.LatLng{Lng: 1}.IsZero())
	assert.True(t, lockerline.LatLng{Lat: -90, Lng: 180}.Valid())
	for _, p := range []lockerline.LatLng{{Lat: 91}, {Lng: -181}, {Lat: math.NaN()}, {Lng: math.Inf(1)}} {
		assert.False(t, p.Valid(), "%v", p)
	}
}
