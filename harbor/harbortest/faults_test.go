package harbortest_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

const reserve300 = `{"duration":300}`

func TestFail_ErrorsHaveHarborsForm(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.srv.Fail("locker_types.list", lockerlinetest.RateLimited(1500*time.Millisecond), lockerlinetest.Status(401), lockerlinetest.Status(500))
	a := p.get("/api/v1/locker-types")
	assert.Equal(t, "2", a.header.Get("Retry-After"))
	assert.Equal(t, "Too Many Requests", a.detail(t))
	a = p.get("/api/v1/locker-types")
	assert.Equal(t, 401, a.code)
	assert.Equal(t, "Bearer", a.header.Get("WWW-Authenticate"))
	assert.Equal(t, "Could not validate credentials", a.detail(t))
	assert.Equal(t, "Internal Server Error", p.get("/api/v1/locker-types").detail(t))
	p.srv.Fail("token", lockerlinetest.Status(503))
	assert.Equal(t, 503, p.token(grant(p, "service_provider")).code)
	assert.Equal(t, 200, p.token(grant(p, "service_provider")).code)
}

func TestFail_ReservationTakesEffectOrNot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault lockerlinetest.Fault
		took  bool
	}{
		"answered":            {lockerlinetest.Status(500), false},
		"answered too late":   {lockerlinetest.HTML(502).AfterEffect(), true},
		"disconnected before": {lockerlinetest.Disconnect(lockerlinetest.Before), false},
		"disconnected after":  {lockerlinetest.Disconnect(lockerlinetest.After), true},
		"disconnected within": {lockerlinetest.Disconnect(lockerlinetest.Within), true},
		"half the JSON":       {lockerlinetest.Truncated(), true},
	} {
		p := start(t)
		p.srv.Fail("lockers.reserve", c.fault)
		_, _ = p.try(http.MethodPost, lockerPath(free, "reservations"), reserve300)
		want := harbor.LockerStatusAvailable
		if c.took {
			want = harbor.LockerStatusReserved
		}
		assert.Equal(t, want, p.status(freeRef), name)
	}
}

// Without a network time is virtual.
func TestNew_ReservationsExpireInVirtualTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, err := harbortest.New()
		require.NoError(t, err)
		defer srv.Close()
		p := partner{t, srv, srv.AccessToken("", harbor.ScopeServiceProvider)}
		srv.Fail("lockers.reserve", lockerlinetest.Latency(time.Minute), lockerlinetest.Disconnect(lockerlinetest.Within), lockerlinetest.Disconnect(lockerlinetest.Before))
		began := time.Now()
		assert.Equal(t, 200, p.post(lockerPath(free, "reservations"), reserve300).code)
		assert.Equal(t, time.Minute, time.Since(began))
		time.Sleep(5 * time.Minute)
		p.bearer = srv.AccessToken("", harbor.ScopeServiceProvider)
		_, err = p.try(http.MethodPost, lockerPath(free, "reservations"), reserve300)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Equal(t, harbor.LockerStatusReserved, p.status(freeRef))
		time.Sleep(time.Minute)
		assert.Equal(t, harbor.LockerStatusReserved, p.status(freeRef), "real time is the bubble's")
		time.Sleep(5 * time.Minute)
		assert.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))
		_, err = p.try(http.MethodPost, lockerPath(free, "reservations"), reserve300)
		require.Error(t, err)
		assert.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))

		srv.Fail("lockers.reserve", lockerlinetest.Latency(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+lockerPath(free, "reservations"), nil)
		require.NoError(t, err)
		_, err = p.send(req)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef), "a client that hangs up gets nothing")
	})
}
