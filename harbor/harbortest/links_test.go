package harbortest_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

const (
	dropoffLink = "/api/v1/locker-open-requests/dropoff-locker-request"
	pickupLink  = "/api/v1/locker-open-requests/pickup-locker-request"
)

func TestOpenLink_DeliversAsTokensDo(t *testing.T) {
	t.Parallel()
	p := start(t)
	drop := p.post(dropoffLink, `{"locationId":329,"lockerTypeId":1,"requireLowLocker":false,
		"returnUrl":"https://shop.example/done?order=42","clientInfo":"order 42","payload":{"someKey":{"innerKey":1}}}`).object(t)
	ref := harbor.LockerRef{Tower: tower, Locker: 948}
	require.Equal(t, json.Number("948"), drop["lockerId"])
	require.Equal(t, tower, drop["towerId"])
	require.NotEqual(t, drop["id"], drop["lockerId"])
	require.Equal(t, harbor.LockerStatusRented, p.status(ref))

	got := p.get("/api/v1/locker-open-requests/" + drop["id"].(json.Number).String()).object(t)
	assert.Equal(t, drop, got)

	back, err := p.srv.OpenLink(drop["linkToken"].(string))
	require.NoError(t, err)
	u, err := url.Parse(back)
	require.NoError(t, err)
	assert.Equal(t, url.Values{
		"order": {"42"}, "status": {"success"}, "open_locker_request": {drop["id"].(json.Number).String()},
	}, u.Query())
	assert.Equal(t, harbor.LockerStatusOccupied, p.status(ref))

	pick := p.post(pickupLink, `{"lockerId":948,"returnUrl":"","clientInfo":"","payload":{}}`).object(t)
	back, err = p.srv.OpenLink(pick["linkToken"].(string))
	require.NoError(t, err)
	assert.Empty(t, back)
	assert.Equal(t, harbor.LockerStatusAvailable, p.status(ref))
	for _, m := range []map[string]any{drop, pick} {
		_, err = p.srv.OpenLink(m["linkToken"].(string))
		require.ErrorIs(t, err, harbortest.ErrLink, "the rental is over")
	}
}

func TestOpenLink_RepeatsWhileTheRentalLasts(t *testing.T) {
	t.Parallel()
	p := start(t)
	link := p.post(dropoffLink, `{"locationId":329,"lockerTypeId":4}`).object(t)["linkToken"].(string)
	for range 2 {
		_, err := p.srv.OpenLink(link)
		require.NoError(t, err)
	}
}

func TestServer_DropoffLinkWithoutAFreeLockerIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t)
	taken := map[string]bool{}
	for {
		a := p.post(dropoffLink, `{"locationId":363,"lockerTypeId":1,"requireLowLocker":false}`)
		if a.code != 200 {
			assert.Equal(t, 409, a.code)
			assert.Contains(t, a.detail(t), "No locker available")
			break
		}
		id := a.object(t)["lockerId"].(json.Number).String()
		require.False(t, taken[id], "each link takes another locker")
		taken[id] = true
	}
	assert.Len(t, taken, 3)
	assert.Equal(t, 200, p.post(dropoffLink, `{"locationId":363,"lockerTypeId":2}`).code, "the next size is free")
	assert.Contains(t, p.post(dropoffLink, `{"locationId":363,"lockerTypeId":99}`).detail(t), "No locker available")
	assert.Equal(t, "Location not found", p.post(dropoffLink, `{"locationId":1,"lockerTypeId":1}`).detail(t))
}

func TestServer_DropoffLinkTakesALowLocker(t *testing.T) {
	t.Parallel()
	p := start(t)
	m := p.post(dropoffLink, `{"locationId":329,"lockerTypeId":1,"requireLowLocker":true}`).object(t)
	id, err := m["lockerId"].(json.Number).Int64()
	require.NoError(t, err)
	v, _ := p.srv.Locker(harbor.LockerRef{Tower: harbor.TowerID(m["towerId"].(string)), Locker: harbor.LockerID(id)})
	assert.True(t, v.Low)
}

func TestWithLinkLifetime_UnusedLinkExpires(t *testing.T) {
	t.Parallel()
	p := start(t, harbortest.WithLinkLifetime(time.Minute))
	m := p.post(dropoffLink, `{"locationId":329,"lockerTypeId":1}`).object(t)
	p.srv.Advance(time.Minute)
	assert.Equal(t, harbor.LockerStatusAvailable, p.status(harbor.LockerRef{Tower: tower, Locker: 948}))
	_, err := p.srv.OpenLink(m["linkToken"].(string))
	require.ErrorIs(t, err, harbortest.ErrLink)
}

func TestOpenLink_LinkOfAnEarlierRentalIsRefused(t *testing.T) {
	t.Parallel()
	p := start(t, harbortest.WithLinkLifetime(time.Minute))
	const body = `{"locationId":329,"lockerTypeId":1}`
	first := p.post(dropoffLink, body).object(t)
	p.srv.Advance(time.Minute)
	second := p.post(dropoffLink, body).object(t)
	require.Equal(t, first["lockerId"], second["lockerId"])
	_, err := p.srv.OpenLink(first["linkToken"].(string))
	require.ErrorIs(t, err, harbortest.ErrLink)
	_, err = p.srv.OpenLink(second["linkToken"].(string))
	require.NoError(t, err)
}

func TestServer_LinkIsShownToItsOwnerOnly(t *testing.T) {
	t.Parallel()
	p := start(t)
	m := p.post(dropoffLink, `{"locationId":329,"lockerTypeId":1}`).object(t)
	rival := p.as(harbortest.NeighbourClientID)
	assert.Equal(t, 404, rival.get("/api/v1/locker-open-requests/"+m["id"].(json.Number).String()).code)
	assert.Contains(t, rival.post(pickupLink, `{"lockerId":948}`).detail(t), "not assigned")
	assert.Contains(t, p.post(pickupLink, `{"lockerId":948}`).detail(t), "not occupied")
	assert.Equal(t, 404, p.post(pickupLink, `{"lockerId":1}`).code)
	for _, verb := range []string{"/cancel", "/"} {
		assert.Contains(t, []int{404, 405, 307}, p.post("/api/v1/locker-open-requests/1"+verb, "{}").code, "no cancel is known")
	}
}

func TestOpenLink_ForgedLinkIsRefused(t *testing.T) {
	t.Parallel()
	p, other := start(t), start(t)
	own := p.post(dropoffLink, `{"locationId":329,"lockerTypeId":1}`).object(t)["linkToken"].(string)
	foreign := other.post(dropoffLink, `{"locationId":329,"lockerTypeId":1}`).object(t)["linkToken"].(string)
	for _, link := range []string{"", "nonsense", "%", foreign, strings.Replace(own, "token=ey", "token=ez", 1), strings.Split(own, ".")[0]} {
		_, err := p.srv.OpenLink(link)
		require.ErrorIs(t, err, harbortest.ErrLink, link)
	}
}
