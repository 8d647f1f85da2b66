package harbortest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

const reserve300 = `{"duration":300}`

func TestFaultHarmsTheNextNAndNoMore(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.srv.Fail("locations.list", harbortest.ServerError(503).For(2), harbortest.RateLimited(1500*time.Millisecond), harbortest.HTMLError(502))
	codes := []int{}
	for range 5 {
		codes = append(codes, p.get("/api/v1/locations/").code)
		assert.Equal(t, 200, p.get("/api/v1/locker-types").code, "another operation is not harmed")
	}
	assert.Equal(t, []int{503, 503, 429, 502, 200}, codes)
	p.srv.Fail("locations.list", harbortest.ServerError(500).For(-1))
	for range 3 {
		assert.Equal(t, 500, p.get("/api/v1/locations/").code)
	}
	p.srv.ClearFaults()
	assert.Equal(t, 200, p.get("/api/v1/locations/").code)
	p.srv.Fail(harbortest.AnyOperation, harbortest.ServerError(500))
	assert.Equal(t, 500, p.get("/api/v1/locker-types").code)
}

func TestFaultLooksAsItDoesInReality(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.srv.Fail("locker_types.list", harbortest.RateLimited(1500*time.Millisecond), harbortest.RateLimited(0),
		harbortest.Unauthorized(), harbortest.HTMLError(504), harbortest.ServerError(500))
	a := p.get("/api/v1/locker-types")
	assert.Equal(t, "2", a.header.Get("Retry-After"))
	assert.Equal(t, "Too Many Requests", a.detail(t))
	assert.Empty(t, p.get("/api/v1/locker-types").header.Values("Retry-After"))
	a = p.get("/api/v1/locker-types")
	assert.Equal(t, 401, a.code)
	assert.Equal(t, "Could not validate credentials", a.detail(t))
	a = p.get("/api/v1/locker-types")
	assert.Equal(t, "text/html", a.header.Get("Content-Type"))
	assert.Contains(t, a.body, "<h1>504 Gateway Timeout</h1>")
	assert.Equal(t, "Internal Server Error", p.get("/api/v1/locker-types").detail(t))
}

func TestFaultStrikesBeforeOrAfterTheEffect(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault harbortest.Fault
		took  bool
	}{
		"answered":           {harbortest.ServerError(500), false},
		"answered too late":  {harbortest.HTMLError(502).AfterTheEffect(), true},
		"cut before":         {harbortest.Disconnect(harbortest.CutBefore), false},
		"cut after":          {harbortest.Disconnect(harbortest.CutAfter), true},
		"cut within":         {harbortest.Disconnect(harbortest.CutWithin), true},
		"half the JSON":      {harbortest.Truncated(), true},
		"nothing goes wrong": {harbortest.Latency(time.Microsecond), true},
	} {
		p := start(t)
		p.srv.Fail("lockers.reserve", c.fault)
		a, err := p.try(http.MethodPost, lockerPath(free, "reservations"), reserve300)
		switch name {
		case "cut before", "cut after":
			require.Error(t, err, name)
			assert.Zero(t, a.code, name)
			assert.Zero(t, p.srv.Requests("lockers.reserve")[0].Status, name)
		case "cut within":
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
		case "half the JSON":
			require.NoError(t, err)
			assert.Equal(t, 200, a.code)
			assert.False(t, json.Valid([]byte(a.body)), a.body)
			assert.NotEmpty(t, a.body)
		}
		want := harbor.StatusAvailable
		if c.took {
			want = harbor.StatusReserved
		}
		assert.Equal(t, want, p.status(freeRef), name)
		assert.NotEmpty(t, p.srv.Requests("lockers.reserve")[0].Fault, name)
	}
}

func TestTokenEndpointFailsToo(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.srv.Fail("token", harbortest.ServerError(503))
	assert.Equal(t, 503, p.token(grant(p, "service_provider")).code)
	assert.Equal(t, 200, p.token(grant(p, "service_provider")).code)
}

func TestUnknownOperationCannotFail(t *testing.T) {
	t.Parallel()
	p := start(t)
	assert.PanicsWithValue(t, `harbortest: no operation "locker.reserve"`, func() {
		p.srv.Fail("locker.reserve", harbortest.ServerError(500))
	})
}

// The same faults without a network, where time is virtual.
func TestFaultsWithoutANetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, err := harbortest.New()
		require.NoError(t, err)
		defer srv.Close()
		p := partner{t, srv, srv.AccessToken("", harbor.ScopeServiceProvider)}
		srv.Fail("lockers.reserve", harbortest.Latency(time.Minute), harbortest.Disconnect(harbortest.CutWithin), harbortest.Disconnect(harbortest.CutBefore))
		began := time.Now()
		assert.Equal(t, 200, p.post(lockerPath(free, "reservations"), reserve300).code)
		assert.Equal(t, time.Minute, time.Since(began))
		time.Sleep(5 * time.Minute)
		p.bearer = srv.AccessToken("", harbor.ScopeServiceProvider)
		_, err = p.try(http.MethodPost, lockerPath(free, "reservations"), reserve300)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Equal(t, harbor.StatusReserved, p.status(freeRef))
		time.Sleep(time.Minute)
		assert.Equal(t, harbor.StatusReserved, p.status(freeRef), "real time is the bubble's")
		time.Sleep(5 * time.Minute)
		assert.Equal(t, harbor.StatusAvailable, p.status(freeRef))
		_, err = p.try(http.MethodPost, lockerPath(free, "reservations"), reserve300)
		require.Error(t, err)
		assert.Equal(t, harbor.StatusAvailable, p.status(freeRef))

		srv.Fail("lockers.reserve", harbortest.Latency(time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+lockerPath(free, "reservations"), nil)
		require.NoError(t, err)
		_, err = p.send(req)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, harbor.StatusAvailable, p.status(freeRef), "who hangs up gets nothing")
	})
}

func TestCloseEndsRequestsUnderWay(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.srv.Fail("locations.list", harbortest.Latency(time.Hour))
	failed := make(chan error)
	arrived := make(chan struct{})
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { close(arrived) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.srv.URL+"/api/v1/locations/", nil)
	require.NoError(t, err)
	go func() {
		_, err := p.send(req)
		failed <- err
	}()
	<-arrived
	p.srv.Close()
	require.Error(t, <-failed)
	p.srv.Close()
}

func TestCloseEndsRequestsUnderWayWithoutANetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, err := harbortest.New()
		require.NoError(t, err)
		p := partner{t, srv, ""}
		srv.Fail("locations.list", harbortest.Latency(time.Hour))
		began := time.Now()
		go func() {
			time.Sleep(time.Second)
			srv.Close()
		}()
		_, err = p.try(http.MethodGet, "/api/v1/locations/", "")
		require.Error(t, err)
		assert.Equal(t, time.Second, time.Since(began))
	})
}
