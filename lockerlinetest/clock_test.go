package lockerlinetest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestClock_RunsOrStands(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		running, standing := lockerlinetest.NewClock(), lockerlinetest.NewManualClock(time.Time{})
		a, b := running.Now(), standing.Now()
		assert.Equal(t, time.Monday, b.Weekday())
		time.Sleep(time.Hour)
		running.Advance(time.Minute)
		standing.Advance(time.Minute)
		assert.Equal(t, 61*time.Minute, running.Now().Sub(a))
		assert.Equal(t, time.Minute, standing.Now().Sub(b))
		assert.Panics(t, func() { standing.Advance(-1) })
	})
}

func TestAdvance_TellsTheService(t *testing.T) {
	t.Parallel()
	var told []time.Time
	var s *shop
	s = newShop(func(service *lockerlinetest.Service) {
		service.Clock = lockerlinetest.NewManualClock(time.Unix(1000, 0))
		service.Advanced = func() { told = append(told, s.Now()) }
	})
	defer s.Close()
	s.Advance(time.Second)
	assert.Equal(t, []time.Time{time.Unix(1001, 0).UTC()}, told)
}
