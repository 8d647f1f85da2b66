package harbortest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
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
	"lockers.cancel_reservation": harbor.StatusReserved,
	"lockers.pickup_token":       harbor.StatusOccupied,
	"lockers.release":            harbor.StatusRented,
	"links.pickup":               harbor.StatusOccupied,
}

func TestEveryOperationAnswersFailsAndChecksItsToken(t *testing.T) {
	t.Parallel()
	for _, op := range harbortest.Operations() {
		if op.Name == "token" {
			continue // see token_test.go
		}
		t.Run(op.Name, func(t *testing.T) {
			t.Parallel()
			p := start(t)
			path := op.Path
			for name, value := range map[string]string{
				"{location_id}": site, "{tower_id}": tower, "{locker_id}": free,
			} {
				path = strings.ReplaceAll(path, name, value)
			}
			if op.Name == "links.get" {
				id := p.post(dropoffLink, bodies["links.dropoff"]).object(t)["id"]
				path = strings.ReplaceAll(path, "{request_id}", id.(interface{ String() string }).String())
			}
			if strings.Contains(path, "{reservation_id}") {
				a := p.post(lockerPath(free, "reservations"), reserve300).object(t)
				path = strings.ReplaceAll(path, "{reservation_id}", a["id"].(interface{ String() string }).String())
			} else if status := before[op.Name]; status != "" {
				require.NoError(t, p.srv.SetStatus(freeRef, status, harbortest.DefaultClientID))
			}
			path += queries[op.Name]
			good := p.srv.AccessToken("", harbor.ScopeServiceProvider, harbor.ScopeTowerAccess)

			if op.Scope != "" {
				for _, scope := range []harbor.Scope{harbor.ScopeServiceProvider, harbor.ScopeTowerAccess} {
					if scope != op.Scope {
						p.bearer = p.srv.AccessToken("", scope)
						assert.Equal(t, 401, p.do(op.Method, path, bodies[op.Name]).code)
					}
				}
			}
			p.bearer = good
			p.srv.Fail(op.Name, harbortest.ServerError(503), harbortest.HTMLError(502))
			assert.Equal(t, 503, p.do(op.Method, path, bodies[op.Name]).code)
			assert.Equal(t, 502, p.do(op.Method, path, bodies[op.Name]).code)

			a := p.do(op.Method, path, bodies[op.Name])
			assert.Equal(t, http.StatusOK, a.code, a.body)
			assert.Equal(t, "application/json", a.header.Get("Content-Type"))
			last := p.srv.Requests(op.Name)
			require.NotEmpty(t, last)
			assert.Equal(t, op.Path, last[len(last)-1].Path)
			assert.Equal(t, op.Method, last[len(last)-1].Method)
		})
	}
}

func TestOperationNamesAreThoseOfTheClient(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, op := range harbortest.Operations() {
		names[op.Name] = true
	}
	for name := range strings.FieldsSeq(`token locations.in_area locations.closest locations.list locations.get
		locations.availability locations.lockers towers.lockers towers.locker_availability lockers.reserve
		lockers.cancel_reservation lockers.dropoff_token lockers.pickup_token lockers.release lockers.assigned
		links.dropoff links.pickup links.get sessions.authorize_user sessions.test_token locker_types.list`) {
		assert.True(t, names[name], name)
	}
}
