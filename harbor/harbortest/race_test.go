package harbortest_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestOfManyWhoReserveOneGetsTheLocker(t *testing.T) {
	t.Parallel()
	p := start(t, harbortest.WithProvider("rival", "x"))
	var won atomic.Int32
	var all sync.WaitGroup
	for i := range 20 {
		who := p
		if i%2 == 0 {
			who = p.as("rival")
		}
		all.Go(func() {
			a, err := who.try(http.MethodPost, lockerPath(free, "reservations"), reserve300)
			if assert.NoError(t, err) && a.code == 200 {
				won.Add(1)
			}
		})
	}
	all.Wait()
	assert.Equal(t, int32(1), won.Load())
}

// For the race detector: everything at once.
func TestServerIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	p := start(t)
	phone := p.srv.Phone(p.srv.AccessToken("", harbor.ScopeTowerAccess))
	var all sync.WaitGroup
	for _, act := range []func(){
		func() { p.srv.Advance(1) },
		func() { p.srv.Snapshot() },
		func() { p.srv.Requests() },
		func() { p.srv.Fail("locations.get", lockerlinetest.Status(500)) },
		func() { _, _ = p.try(http.MethodGet, "/api/v1/locations/", "") },
		func() { _, _ = p.try(http.MethodPost, lockerPath(free, "dropoff-locker-tokens"), reserve300) },
		func() { _, _ = p.try(http.MethodPost, lockerPath(free, "release-locker"), "{}") },
		func() { _, _ = p.try(http.MethodGet, "/api/v1/users/me/assigned-lockers", "") },
		func() { _ = phone.Connect(tower); _ = phone.Sync() },
		func() { _ = p.srv.SetStatus(freeRef, harbor.LockerStatusAvailable, "") },
		func() { _ = p.srv.ResetEvents(tower) },
	} {
		all.Go(func() {
			for range 20 {
				act()
			}
		})
	}
	all.Wait()
	assert.Len(t, p.srv.Snapshot(), 60)
}
