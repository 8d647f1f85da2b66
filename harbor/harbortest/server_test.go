package harbortest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestServerSaysWhereItIs(t *testing.T) {
	t.Parallel()
	srv := harbortest.NewServer(t, harbortest.WithProvider("rival", "their secret"))
	assert.True(t, strings.HasPrefix(srv.URL, "http://127.0.0.1:"))
	assert.Equal(t, harbor.Environment{APIURL: srv.URL, TokenURL: srv.TokenURL()}, srv.Environment())
	assert.Equal(t, harbortest.DefaultClientID, srv.Credentials().ClientID)
	rival, there := srv.CredentialsOf("rival")
	assert.True(t, there)
	assert.Equal(t, "their secret", rival.ClientSecret)
	_, there = srv.CredentialsOf("nobody")
	assert.False(t, there)
	assert.PanicsWithValue(t, "harbortest: no provider nobody", func() { srv.AccessToken("nobody") })
}

func TestOptionsThatContradictThemselvesAreAllNamed(t *testing.T) {
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

// Not parallel: goroutines of other tests would count.
func TestNoGoroutineIsLeftAfterClose(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 5 {
		r := receive(t, 200)
		srv := harbortest.NewServer(t, harbortest.WithWebhookURL(r.URL))
		p := partner{t, srv, srv.AccessToken("", harbor.ScopeServiceProvider)}
		p.key(freeRef, "dropoff")
		srv.Webhooks()
		srv.Fail("locations.list", lockerlinetest.Disconnect(lockerlinetest.Within))
		_, err := p.try(http.MethodGet, "/api/v1/locations/", "")
		require.Error(t, err)
		srv.Close()
		r.Close()
	}
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), before)
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
