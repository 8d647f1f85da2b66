package foxtrot_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lockerline/lockerline-go/foxtrot"
)

func TestDC_ZoneFallsBackToUTC(t *testing.T) {
	t.Parallel()
	loc, ok := foxtrot.DC{TimeZone: "America/Bogota"}.Zone()
	assert.True(t, ok)
	assert.Equal(t, "America/Bogota", loc.String())
	loc, ok = foxtrot.DC{TimeZone: "Local"}.Zone()
	assert.False(t, ok)
	assert.Equal(t, time.UTC, loc)
}
