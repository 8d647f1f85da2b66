package harbortest_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

func ids(list []any) []string {
	out := []string{}
	for _, item := range list {
		out = append(out, item.(map[string]any)["id"].(json.Number).String())
	}
	return out
}

func TestDefaultLocations_HaveEverySizeAndStatus(t *testing.T) {
	t.Parallel()
	sites := harbortest.DefaultLocations()
	towers, sizes, states, total := 0, map[string]bool{}, map[harbor.LockerStatus]bool{}, 0
	for _, s := range sites {
		towers += len(s.Towers)
		for _, tw := range s.Towers {
			assert.True(t, tw.ID.Valid(), tw.ID)
			total += len(tw.Lockers)
			for _, l := range tw.Lockers {
				sizes[l.Type.Name], states[l.Status] = true, true
				assert.NotEqual(t, l.Name, l.ID.String())
			}
		}
	}
	assert.Equal(t, []int{5, 5, 60, 4}, []int{len(sites), towers, total, len(sizes)})
	assert.GreaterOrEqual(t, len(states), 5, "a mix of statuses")
}

func TestServer_LocationHasFourteenKeys(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, item := range p.get("/api/v1/locations/").array(t) {
		m := item.(map[string]any)
		require.Len(t, m, 14)
		for _, key := range strings.Fields("id name lat lon description address1 address2 city state zip country notes accessHours timezone") {
			assert.Contains(t, m, key)
		}
	}
	one := p.get("/api/v1/locations/402/").object(t)
	assert.Nil(t, one["lat"])
	assert.Nil(t, one["accessHours"])
	days := p.get("/api/v1/locations/330/").object(t)["accessHours"].(map[string]any)
	assert.Len(t, days, 7)
	assert.Equal(t, "08:00:00", days["monday"].([]any)[0].(map[string]any)["start"])
}

func TestServer_LocationsArePagedBySkipAndLimit(t *testing.T) {
	t.Parallel()
	sites := make([]harbortest.Location, 130)
	for i := range sites {
		sites[i] = harbortest.Location{ID: harbor.LocationID(i + 1), Name: "place " + strconv.Itoa(i+1)}
	}
	p := start(t, harbortest.WithLocations(sites...))
	assert.Len(t, p.get("/api/v1/locations/").array(t), 100)
	assert.Equal(t, []string{"129", "130"}, ids(p.get("/api/v1/locations/?skip=128&limit=50").array(t)))
	assert.Len(t, p.get("/api/v1/locations/?limit=1000").array(t), 130)
	assert.Empty(t, p.get("/api/v1/locations/?skip=500").array(t))
	assert.Empty(t, p.get("/api/v1/locations/?limit=0").array(t))
	assert.Equal(t, 422, p.get("/api/v1/locations/?skip=-1").code)
	assert.Equal(t, 422, p.get("/api/v1/locations/?limit=many").code)
}

func TestServer_AreaTakesAnyTwoOppositeCorners(t *testing.T) {
	t.Parallel()
	p := start(t)
	want := []string{"329", "330", "363"}
	for _, q := range []string{
		"start=34.0,-118.0&end=35.0,-119.0", "start=35.0,-119.0&end=34.0,-118.0",
		"start=34,-119&end=35,-118", "start=35,-118&end=34,-119",
	} {
		assert.Equal(t, want, ids(p.get("/api/v1/locations/in-area?"+q).array(t)), q)
	}
	assert.Empty(t, p.get("/api/v1/locations/in-area?start=1,1&end=2,2").array(t))
	for _, q := range []string{"", "start=34,-118", "start=34&end=35,-119", "start=a,b&end=35,-119", "start=NaN,1&end=1,1"} {
		assert.Equal(t, 422, p.get("/api/v1/locations/in-area?"+q).code, q)
	}
}

func TestServer_AvailabilityCountsFreeLockers(t *testing.T) {
	t.Parallel()
	p := start(t)
	a := p.get("/api/v1/locations/" + site + "/availability")
	var got struct {
		Lockers struct{ AvailableLockers, TotalLockers int } `json:"lockerAvailability"`
		ByType  []struct {
			LockerType struct {
				ID   int
				Name string
			}
			LockerAvailability struct{ AvailableLockers, TotalLockers int }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &got))
	freeNow, total := 0, 0
	for _, v := range p.srv.Snapshot() {
		if v.Location == 329 {
			total++
			if v.Status == harbor.LockerStatusAvailable {
				freeNow++
			}
		}
	}
	assert.Equal(t, [2]int{freeNow, total}, [2]int{got.Lockers.AvailableLockers, got.Lockers.TotalLockers})
	require.Len(t, got.ByType, 4)
	for _, by := range got.ByType {
		freeNow -= by.LockerAvailability.AvailableLockers
		total -= by.LockerAvailability.TotalLockers
	}
	assert.Zero(t, freeNow)
	assert.Zero(t, total)

	one := p.get("/api/v1/towers/" + tower + "/locker-availability").object(t)["lockerAvailability"].(map[string]any)
	assert.Equal(t, json.Number("12"), one["totalLockers"])
	assert.Equal(t, json.Number("8"), one["availableLockers"])
	p.post(lockerPath(free, "reservations"), `{"duration":60}`)
	one = p.get("/api/v1/towers/" + tower + "/locker-availability").object(t)["lockerAvailability"].(map[string]any)
	assert.Equal(t, json.Number("7"), one["availableLockers"])
}

func TestServer_ClosestIsOneLocationOrNull(t *testing.T) {
	t.Parallel()
	p := start(t)
	ask := func(q string) answer { return p.get("/api/v1/locations/closest?" + q) }
	assert.Equal(t, json.Number("329"), ask("lat=34.05&lon=-118.25&radius=0.9").object(t)["id"])
	assert.Equal(t, json.Number("330"), ask("lat=34.15&lon=-118.15&radius=0.9").object(t)["id"])
	none := ask("lat=51.5&lon=0&radius=0.9")
	assert.Equal(t, 200, none.code)
	assert.Equal(t, "null", none.body)
	assert.Equal(t, json.Number("363"), ask("lat=34.178&lon=-118.31&radius=1&hasKeypad=true").object(t)["id"])
	assert.Equal(t, json.Number("330"), p.as(harbortest.NeighbourClientID).
		get("/api/v1/locations/closest?lat=34.05&lon=-118.25&radius=0.9&ownedByMe=true").object(t)["id"])
	assert.Equal(t, "null", ask("lat=34.05&lon=-118.25&radius=0.9&ownedByMe=true").body)
	assert.Equal(t, json.Number("364"), ask("lat=34.178&lon=-118.31&radius=1&hasKeypad=false").object(t)["id"])
	assert.Equal(t, json.Number("329"), ask("lat=34.05&lon=-118.25&radius=0.9&ownedByMe=0").object(t)["id"])
	for _, q := range []string{"lat=1&lon=1", "lat=x&lon=1&radius=1", "lat=1&lon=1&radius=1&hasKeypad=perhaps"} {
		assert.Equal(t, 422, ask(q).code, q)
	}
}

func TestServer_LockerIsAsDocumented(t *testing.T) {
	t.Parallel()
	p := start(t)
	all := p.get("/api/v1/towers/" + strings.ToUpper(tower) + "/lockers").array(t)
	require.Len(t, all, 12)
	raw, err := json.Marshal(all[2])
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":950,"name":"3","isLowLocker":false,"towerId":"0100000000000175","status":{"name":"available","id":1},
		"type":{"name":"small","description":null,"id":1},"accessMode":"public"}`, string(raw))
}

func TestServer_UnknownPlacesAreNotFound(t *testing.T) {
	t.Parallel()
	p := start(t)
	for path, detail := range map[string]string{
		"/api/v1/locations/999/":                            "Location not found",
		"/api/v1/locations/999/lockers":                     "Location not found",
		"/api/v1/locations/999/availability":                "Location not found",
		"/api/v1/towers/01000000000000ff/lockers":           "Tower not found",
		"/api/v1/towers/nonsense/lockers":                   "Tower not found",
		"/api/v1/towers/0100000000000175/no-such-thing":     "Not Found",
		"/api/v1/towers/0100000000000175":                   "Not Found",
		"/api/v1/lockers/available":                         "Not Found",
		"/api/v1/locker-open-requests/77":                   "Locker open request not found",
		"/api/v1/locations/search":                          "Not Found",
		"/api/v1/locker-open-request/pickup-locker-request": "Not Found",
	} {
		a := p.get(path)
		if path == "/api/v1/locations/search" {
			// The framework takes it for an id spelled without its slash.
			require.Equal(t, 307, a.code)
			continue
		}
		require.Equal(t, http.StatusNotFound, a.code, path)
		assert.Equal(t, detail, a.detail(t), path)
	}
	assert.Equal(t, 404, p.post(lockerPath("77", "reservations"), `{"duration":1}`).code)
	assert.Equal(t, 404, p.post(lockerPath("972", "reservations"), `{"duration":1}`).code, "a locker of another tower")
	assert.Equal(t, 422, p.post(lockerPath("x", "reservations"), `{"duration":1}`).code)
}

func TestServer_LockerTypesAreListedOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	assert.Equal(t, []string{"1", "2", "3", "4"}, ids(p.get("/api/v1/locker-types").array(t)))
}
