package harbortest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

const areaQuery = "/api/v1/locations/in-area?start=34,-118&end=35,-119"

func withQuirks(t *testing.T, q harbortest.Quirks) partner {
	return start(t, harbortest.WithQuirks(q))
}

func TestQuirks_AreaShapes(t *testing.T) {
	t.Parallel()
	first := func(shape harbortest.AreaShape) map[string]any {
		return withQuirks(t, harbortest.Quirks{AreaShape: shape}).get(areaQuery).array(t)[0].(map[string]any)
	}
	nested := first(harbortest.AreaNested)
	require.Len(t, nested, 15)
	assert.Contains(t, nested["availability"], "byType")
	flat := first(harbortest.AreaFlat)
	require.Len(t, flat, 16)
	assert.Contains(t, flat["lockerAvailability"], "totalLockers")
	split := first(harbortest.AreaSplit)
	require.Len(t, split, 2)
	assert.Equal(t, json.Number("329"), split["location"].(map[string]any)["id"])
	assert.Contains(t, split["availability"], "lockerAvailability")
}

func TestQuirks_ListsComeInAnEnvelope(t *testing.T) {
	t.Parallel()
	p := withQuirks(t, harbortest.Quirks{ItemsEnvelope: true})
	for _, path := range []string{
		"/api/v1/locations/", areaQuery, "/api/v1/locations/329/lockers", "/api/v1/towers/" + tower + "/lockers",
		"/api/v1/users/me/assigned-lockers", "/api/v1/locker-types",
	} {
		m := p.get(path).object(t)
		require.Len(t, m, 1, path)
		assert.IsType(t, []any{}, m["items"], path)
	}
	assert.Contains(t, p.get("/api/v1/locations/329/").object(t), "name")
}

func TestQuirks_Casing(t *testing.T) {
	t.Parallel()
	snake := withQuirks(t, harbortest.Quirks{Casing: harbortest.CasingSnake})
	locker := snake.get("/api/v1/towers/" + tower + "/lockers").array(t)[2].(map[string]any)
	assert.Equal(t, tower, locker["tower_id"])
	assert.Equal(t, false, locker["is_low_locker"])
	link := snake.post(dropoffLink, `{"locationId":329,"lockerTypeId":1,"payload":{"myKey":{"innerKey":1}}}`).object(t)
	assert.Contains(t, link, "locker_id")
	assert.Equal(t, map[string]any{"myKey": map[string]any{"innerKey": json.Number("1")}}, link["payload"], "what is the caller's stays")

	camel := withQuirks(t, harbortest.Quirks{Casing: harbortest.CasingCamel})
	token := camel.post(lockerPath(free, "dropoff-locker-tokens"), `{"duration":300}`).object(t)
	assert.Contains(t, token, "payloadAuth")
	assert.Contains(t, token, "towerId")
	assert.Contains(t, camel.token(grant(camel, "tower_access")).object(t), "access_token", "the accounts host is another")
	assert.Equal(t, 422, camel.post(lockerPath(free, "reservations"), `{}`).code)
}

func TestQuirks_StatusNames(t *testing.T) {
	t.Parallel()
	p := withQuirks(t, harbortest.Quirks{StatusNames: map[harbor.LockerStatus]string{harbor.LockerStatusReleased: "Declined"}})
	p.key(freeRef, "dropoff")
	m := p.post(lockerPath(free, "release-locker"), `{}`).object(t)
	assert.Equal(t, "Declined", m["status"].(map[string]any)["name"])
	assert.Equal(t, harbor.LockerStatusReleased, p.status(freeRef))
}

func TestQuirks_TimesHaveNoZone(t *testing.T) {
	t.Parallel()
	p := withQuirks(t, harbortest.Quirks{ZonelessTimes: true})
	m := p.post(lockerPath(free, "dropoff-locker-tokens"), `{"duration":300}`).object(t)
	assert.Equal(t, "2026-03-02T08:05:00", m["expires"])
}

func TestQuirks_CaseOfTowerIDs(t *testing.T) {
	t.Parallel()
	const id = "01000000000001a3"
	p := withQuirks(t, harbortest.Quirks{UpperCaseTowerIDs: true})
	m := p.get("/api/v1/towers/" + id + "/lockers").array(t)[0].(map[string]any)
	assert.Equal(t, strings.ToUpper(id), m["towerId"])
	assert.Equal(t, 200, p.get("/api/v1/towers/"+strings.ToUpper(id)+"/lockers").code)
	p = withQuirks(t, harbortest.Quirks{LowerCaseTowersOnly: true})
	assert.Equal(t, 404, p.get("/api/v1/towers/"+strings.ToUpper(id)+"/lockers").code)
	assert.Equal(t, 200, p.get("/api/v1/towers/"+id+"/lockers").code)
}

func TestQuirks_CreateStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int][4]int{0: {200, 200, 200, 200}, 201: {201, 201, 201, 201}, 204: {204, 204, 201, 201}} {
		p := withQuirks(t, harbortest.Quirks{CreateStatus: status})
		reserve := p.post(lockerPath(free, "reservations"), reserve300)
		cancel := p.do(http.MethodDelete, lockerPath(free, "reservations"), "")
		got := [4]int{
			reserve.code, cancel.code, p.post(lockerPath(free, "dropoff-locker-tokens"), reserve300).code,
			p.post(dropoffLink, `{"locationId":329,"lockerTypeId":1}`).code,
		}
		assert.Equal(t, want, got)
		assert.Equal(t, status == 204, reserve.body == "")
	}
}

func TestQuirks_RefusalStatus(t *testing.T) {
	t.Parallel()
	p := withQuirks(t, harbortest.Quirks{RefusalStatus: 400})
	for _, a := range []answer{
		p.post(lockerPath(taken, "reservations"), reserve300),
		p.post(lockerPath(foreign, "dropoff-locker-tokens"), reserve300),
		p.post(dropoffLink, `{"locationId":402,"lockerTypeId":1}`),
	} {
		assert.Equal(t, 400, a.code)
		assert.NotEmpty(t, a.detail(t))
	}
	assert.Equal(t, 404, p.get("/api/v1/locations/1/").code)
}

func TestQuirks_AccessModeIsMissing(t *testing.T) {
	t.Parallel()
	p := withQuirks(t, harbortest.Quirks{NoAccessMode: true})
	assert.NotContains(t, p.get("/api/v1/towers/"+tower+"/lockers").body, "accessMode")
}

func TestQuirks_ReleasedLeavesTheListAtOnce(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{false, true} {
		p := withQuirks(t, harbortest.Quirks{ReleasedIsUnassigned: gone})
		p.key(freeRef, "dropoff")
		p.post(lockerPath(free, "release-locker"), `{}`)
		assert.Equal(t, gone, len(p.get("/api/v1/users/me/assigned-lockers").array(t)) == 0)
	}
}

func TestQuirks_RentalEndsWhenAPhoneConnects(t *testing.T) {
	t.Parallel()
	p := withQuirks(t, harbortest.Quirks{RentalEndsAtSync: true})
	p.key(freeRef, "dropoff")
	p.srv.Advance(time.Hour)
	assert.Equal(t, harbor.LockerStatusRented, p.status(freeRef))
	p.phone()
	assert.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))
}

func TestQuirks_RadiusMetres(t *testing.T) {
	t.Parallel()
	p := withQuirks(t, harbortest.Quirks{RadiusMetres: 1609.344})
	assert.Equal(t, "null", p.get("/api/v1/locations/closest?lat=34.1&lon=-118.2&radius=1").body)
	assert.NotEqual(t, "null", p.get("/api/v1/locations/closest?lat=34.1&lon=-118.2&radius=15").body)
}
