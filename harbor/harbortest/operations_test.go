package harbortest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// bodies are what each operation that takes one is asked with.
var bodies = map[string]string{
	"lockers.reserve":         reserve300,
	"lockers.dropoff_token":   reserve300,
	"lockers.pickup_token":    reserve300,
	"lockers.release":         `{}`,
	"links.dropoff":           `{"locationId":329,"lockerTypeId":1,"requireLowLocker":false,"returnUrl":"","clientInfo":"","payload":{}}`,
	"links.pickup":            `{"lockerId":950,"returnUrl":"","clientInfo":"","payload":{}}`,
	"sessions.authorize_user": `{"userId":"x"}`,
	"sdk.session_token":       `{"duration":600,"claims":["sync_packet"],"version":"1"}`,
	"sdk.events":              `[]`,
	"sdk.reset_events":        `{"reason":"x"}`,
}

// queries likewise.
var queries = map[string]string{
	"locations.closest": "?lat=34&lon=-118&radius=1",
	"locations.in_area": "?start=34,-118&end=35,-119",
}

// before is the status that the operation wants.
var before = map[string]harbor.LockerStatus{
	"lockers.cancel_reservation": harbor.LockerStatusReserved,
	"lockers.pickup_token":       harbor.LockerStatusOccupied,
	"lockers.release":            harbor.LockerStatusRented,
	"links.pickup":               harbor.LockerStatusOccupied,
}

func TestServer_EveryOperationAnswersFailsAndChecksItsToken(t *testing.T) {
	t.Parallel()
	all := start(t).srv.Operations()
	for _, op := range append(all, lockerline.Operation{
		Name: "lockers.cancel_reservation", Method: http.MethodDelete, Path: lockerPath("{locker}", "reservations/{reservation}"), Scope: "service_provider",
	}) {
		if op.Name == "token" {
			continue // see token_test.go
		}
		t.Run(op.Name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			path := op.Path
			for name, value := range map[string]string{"{location}": site, "{tower}": tower, "{locker}": free} {
				path = strings.ReplaceAll(path, name, value)
			}
			if op.Name == "links.get" {
				id := p.post(dropoffLink, bodies["links.dropoff"]).object(t)["id"]
				path = strings.ReplaceAll(path, "{request}", id.(interface{ String() string }).String())
			}
			if strings.Contains(path, "{reservation}") {
				a := p.post(lockerPath(free, "reservations"), reserve300).object(t)
				path = strings.ReplaceAll(path, "{reservation}", a["id"].(interface{ String() string }).String())
			} else if status := before[op.Name]; status != "" {
				require.NoError(t, p.srv.SetStatus(freeRef, status, harbortest.DefaultClientID))
			}
			path += queries[op.Name]
			good := p.srv.AccessToken("", harbor.ScopeServiceProvider, harbor.ScopeTowerAccess)

			for _, scope := range []harbor.Scope{harbor.ScopeServiceProvider, harbor.ScopeTowerAccess} {
				if op.Name != "sessions.test_token" && !strings.HasPrefix(op.Scope, string(scope)) {
					p.bearer = p.srv.AccessToken("", scope)
					assert.Equal(t, 401, p.do(op.Method, path, bodies[op.Name]).code)
				}
			}
			p.bearer = good
			p.srv.Fail(op.Name, lockerlinetest.Status(503), lockerlinetest.HTML(502))
			assert.Equal(t, 503, p.do(op.Method, path, bodies[op.Name]).code)
			assert.Equal(t, 502, p.do(op.Method, path, bodies[op.Name]).code)

			a := p.do(op.Method, path, bodies[op.Name])
			assert.Equal(t, http.StatusOK, a.code, a.body)
			assert.Equal(t, "application/json", a.header.Get("Content-Type"))
			last := p.srv.Requests(op.Name)
			require.NotEmpty(t, last)
			assert.True(t, strings.HasPrefix(last[len(last)-1].Template, "/api/v1/") || strings.HasPrefix(last[len(last)-1].Template, "/sdk/v1/"))
			assert.Equal(t, op.Method, last[len(last)-1].Method)
		})
	}
}

func TestServer_AnswersEveryOperationOfTheClient(t *testing.T) {
	t.Parallel()
	all := start(t).srv.Operations()
	for _, op := range harbor.Operations() {
		assert.Contains(t, all, op)
	}
}

func TestServer_PathThatDiffersByASlashIsRedirected(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, c := range [][3]string{
		{http.MethodGet, "/api/v1/locations?limit=2&skip=1", "/api/v1/locations/?limit=2&skip=1"},
		{http.MethodGet, "/api/v1/locations/329", "/api/v1/locations/329/"},
		{http.MethodGet, "/api/v1/locker-types/", "/api/v1/locker-types"},
		{http.MethodPost, lockerPath(free, "reservations/"), lockerPath(free, "reservations")},
		{http.MethodGet, "/sdk/v1/services", "/sdk/v1/services/"},
		// A path that fits is answered for its method alone, after the redirect.
		{http.MethodDelete, "/api/v1/locker-types/", "/api/v1/locker-types"},
	} {
		p.bearer = ""
		a := p.do(c[0], c[1], "")
		require.Equal(t, http.StatusTemporaryRedirect, a.code, c[1])
		assert.Equal(t, p.srv.URL+c[2], a.header.Get("Location"))
		assert.Empty(t, a.body)
	}
	// An id, in the eyes of the framework.
	assert.Equal(t, 401, p.get("/api/v1/locations/closest/").code)
}

func TestServer_RedirectKeepsMethodBodyAndToken(t *testing.T) {
	t.Parallel()
	p := start(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.srv.URL+lockerPath(free, "reservations/"), strings.NewReader(`{"duration":60}`))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+p.bearer)
	res, err := p.srv.HTTPClient().Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, 200, res.StatusCode)
}

func TestServer_WrongMethodIsNotAllowed(t *testing.T) {
	t.Parallel()
	p := start(t)
	a := p.get(lockerPath(free, "reservations"))
	assert.Equal(t, http.StatusMethodNotAllowed, a.code)
	assert.Equal(t, "Method Not Allowed", a.detail(t))
	assert.Equal(t, "POST, DELETE", a.header.Get("Allow"))
}

func TestServer_UnknownPathIsNotFound(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, path := range []string{"/", "/api/v1", "/api/v1//locations/", "/api/v1/towers//lockers", "/docs", "/api/v2/locations/"} {
		a := p.get(path)
		assert.Equal(t, 404, a.code, path)
		assert.Equal(t, "Not Found", a.detail(t), path)
	}
}
