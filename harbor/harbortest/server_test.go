package harbortest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestServer_NamesItsAddressesAndCredentials(t *testing.T) {
	t.Parallel()
	srv := harbortest.NewServer(t, harbortest.WithProvider("rival", "their secret"))
	assert.True(t, strings.HasPrefix(srv.URL, "http://127.0.0.1:"))
	assert.Equal(t, lockerline.Environment{APIURL: srv.URL, TokenURL: srv.TokenURL()}, srv.Environment())
	assert.Equal(t, harbortest.DefaultClientID, srv.Credentials().ClientID)
	rival, there := srv.CredentialsOf("rival")
	assert.True(t, there)
	assert.Equal(t, "their secret", rival.ClientSecret)
	_, there = srv.CredentialsOf("nobody")
	assert.False(t, there)
	assert.PanicsWithValue(t, "harbortest: no provider nobody", func() { srv.AccessToken("nobody") })
}

func TestNew_NamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	small := harbortest.LockerType{ID: 1, Name: "small"}
	lat := 91.0
	_, err := harbortest.New(
		harbortest.WithProvider("", ""), harbortest.WithProvider("twice", "x"), harbortest.WithProvider("twice", "x"),
		harbortest.WithTokenLifetime(0), harbortest.WithWebhookURL("ftp://x"),
		harbortest.WithQuirks(harbortest.Quirks{AreaShape: 9, Casing: 9, CreateStatus: 500, RefusalStatus: 200, RadiusMetres: -1}),
	)
	require.Error(t, err)
	for _, part := range []string{"client id", "twice", "lifetime", "web hook", "area shape", "casing", "create", "refusal", "radius"} {
		assert.ErrorContains(t, err, part)
	}
	_, err = harbortest.New(harbortest.WithLocations(
		harbortest.Location{ID: 1, Lat: &lat}, harbortest.Location{ID: 1, Towers: []harbortest.Tower{
			{ID: "short"}, {ID: tower, Lockers: []harbortest.Locker{
				{ID: 1, Type: small},
				{ID: 1, Type: harbortest.LockerType{ID: 1, Name: "other"}},
				{ID: 2, Status: "haunted"},
				{ID: 3, Status: harbor.LockerStatusRented},
				{ID: 4, Owner: "nobody"},
			}}, {ID: harbor.TowerID(strings.ToUpper(tower))},
		}},
	))
	require.Error(t, err)
	for _, part := range []string{
		"location 1 is there twice", "location 1 needs a latitude", `"short"`, "locker 1 is no", "locker type 1 is both",
		"haunted", "locker 3 needs an owner", "locker 4 needs an owner", "or is there twice",
	} {
		assert.ErrorContains(t, err, part)
	}
}

func TestWithCORS_LetsBrowsersCall(t *testing.T) {
	t.Parallel()
	for origin, opts := range map[string][]harbortest.Option{"": nil, "*": {harbortest.WithCORS("*")}} {
		p := start(t, opts...)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, p.srv.URL+"/api/v1/locations/", nil)
		require.NoError(t, err)
		req.Header.Set("Origin", "http://localhost:5173")
		req.Header.Set("Access-Control-Request-Method", "GET")
		a, err := p.send(req)
		require.NoError(t, err)
		assert.Equal(t, origin, a.header.Get("Access-Control-Allow-Origin"))
		want := http.StatusMethodNotAllowed
		if origin != "" {
			want = http.StatusNoContent
			assert.Contains(t, a.header.Get("Access-Control-Allow-Headers"), "Authorization")
		}
		assert.Equal(t, want, a.code)
	}
}

func FuzzServer(f *testing.F) {
	f.Add("GET", "/api/v1/locations/in-area?start=34,-118&end=35,-119", "")
	f.Add("POST", lockerPath(free, "reservations"), `{"duration":300}`)
	f.Add("POST", lockerPath(free, "dropoff-locker-tokens"), `{"duration":"x","client_info":[]}`)
	f.Add("POST", dropoffLink, `{"locationId":329,"lockerTypeId":1,"payload":{"a":null}}`)
	f.Add("POST", "/sdk/v1/towers/"+tower+"/events", `[{"payload":"05","payloadAuth":"00","syncEventCount":0}]`)
	f.Add("DELETE", lockerPath(free, "reservations/1"), "")
	f.Add("GET", "/api/v1/locations/closest?lat=NaN&lon=1e999&radius=-1", "")
	srv, err := harbortest.New(harbortest.WithQuirks(harbortest.Quirks{Casing: harbortest.CasingSnake}))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(srv.Close)
	f.Fuzz(func(t *testing.T, method, path, body string) {
		if strings.ContainsAny(method+path, " \r\n\x00") || !strings.HasPrefix(path, "/") {
			return
		}
		req, err := http.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
		if err != nil {
			return
		}
		token := srv.AccessToken("", harbor.ScopeServiceProvider, harbor.ScopeTowerAccess)
		req.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, req)
		if w.Code >= 500 {
			t.Fatalf("%s %q answered %d", method, path, w.Code)
		}
		if w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%s %q answered no JSON: %s", method, path, w.Body)
		}
	})
}

func TestServer_OneOfManyReservationsGetsTheLocker(t *testing.T) {
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
func TestServer_IsSafeForConcurrentUse(t *testing.T) {
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
