package harbortest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

func TestServer_ReservationKeepsOthersAway(t *testing.T) {
	t.Parallel()
	p := start(t, harbortest.WithProvider("rival", "secret"))
	rival := p.as("rival")
	require.Equal(t, 200, p.post(lockerPath(free, "reservations"), `{"duration":300}`).code)
	for op, want := range map[string]struct {
		code   int
		detail string
	}{
		"reservations":          {409, "Locker is not available"},
		"dropoff-locker-tokens": {403, "Locker is reserved by another service provider"},
		"pickup-locker-tokens":  {403, "Locker is reserved by another service provider"},
		"release-locker":        {403, "Locker is not assigned to you"},
	} {
		a := rival.post(lockerPath(free, op), `{"duration":300}`)
		assert.Equal(t, want.code, a.code, op)
		assert.Equal(t, want.detail, a.detail(t), op)
	}
	a := rival.do(http.MethodDelete, lockerPath(free, "reservations"), "")
	assert.Equal(t, 403, a.code)
	assert.Equal(t, harbor.LockerStatusReserved, p.status(freeRef))
	assert.Equal(t, 200, p.post(lockerPath(free, "dropoff-locker-tokens"), `{"duration":300}`).code)
	assert.Equal(t, 403, rival.post(lockerPath(free, "dropoff-locker-tokens"), `{"duration":300}`).code)
	assert.Empty(t, rival.get("/api/v1/users/me/assigned-lockers").array(t))
}

func TestServer_ReservationIsCancelledByEitherPath(t *testing.T) {
	t.Parallel()
	p := start(t)
	reserve := func() string {
		a := p.post(lockerPath(free, "reservations"), `{"duration":300}`)
		require.Equal(t, 200, a.code, a.body)
		return a.object(t)["id"].(json.Number).String()
	}
	reserve()
	require.Equal(t, 200, p.do(http.MethodDelete, lockerPath(free, "reservations"), "").code)
	require.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))
	id := reserve()
	require.Equal(t, 404, p.do(http.MethodDelete, lockerPath(free, "reservations/1"), "").code)
	require.Equal(t, 200, p.do(http.MethodDelete, lockerPath(free, "reservations/"+id), "").code)
	require.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))
	a := p.do(http.MethodDelete, lockerPath(free, "reservations"), "")
	assert.Equal(t, 404, a.code)
	assert.Equal(t, "Reservation not found", a.detail(t))
}

func TestServer_OperationInTheWrongStatusChangesNothing(t *testing.T) {
	t.Parallel()
	p := start(t)
	event := map[string]harbor.LockerEvent{
		"reservations":          harbor.LockerEventReserve,
		"dropoff-locker-tokens": harbor.LockerEventCreateDropoffToken,
		"pickup-locker-tokens":  harbor.LockerEventCreatePickupToken,
		"release-locker":        harbor.LockerEventRelease,
	}
	for _, status := range harbor.LockerStatuses() {
		for op, e := range event {
			require.NoError(t, p.srv.SetStatus(freeRef, status, harbortest.DefaultClientID))
			want, err := status.Next(e)
			a := p.post(lockerPath(free, op), `{"duration":300}`)
			assert.Equal(t, want, p.status(freeRef), "%s of %s", op, status)
			if err == nil {
				assert.Equal(t, 200, a.code, "%s of %s: %s", op, status, a.body)
				continue
			}
			assert.Equal(t, 409, a.code, "%s of %s", op, status)
			assert.NotEmpty(t, a.detail(t))
		}
	}
}

func TestServer_PickupTokenNeedsAnOwnOccupiedLocker(t *testing.T) {
	t.Parallel()
	p := start(t)
	a := p.post(lockerPath(free, "pickup-locker-tokens"), `{"duration":300}`)
	assert.Contains(t, a.detail(t), "not occupied")
	a = p.post(lockerPath(taken, "pickup-locker-tokens"), `{"duration":300}`)
	assert.Contains(t, a.detail(t), "not assigned")
	a = p.post(lockerPath(foreign, "dropoff-locker-tokens"), `{"duration":300}`)
	assert.Contains(t, a.detail(t), "reserved by another")
}

func TestServer_OpenLockerDoesNotExist(t *testing.T) {
	t.Parallel()
	p := start(t)
	a := p.post(lockerPath(free, "open-locker"), `{}`)
	assert.Equal(t, 404, a.code)
	assert.Equal(t, "Not Found", a.detail(t))
}

func TestServer_LockerTokenIsSnakeCaseAroundACamelCaseLocker(t *testing.T) {
	t.Parallel()
	p := start(t)
	m := p.post(lockerPath(free, "dropoff-locker-tokens"), `{"duration":300,"client_info":"x"}`).object(t)
	for _, key := range []string{"tower_id", "locker", "payload_auth", "payload", "expires"} {
		assert.Contains(t, m, key)
	}
	assert.Equal(t, tower, m["tower_id"])
	assert.Equal(t, "2026-03-02T08:05:00.000000+00:00", m["expires"])
	assert.Equal(t, tower, m["locker"].(map[string]any)["towerId"])
	assert.Regexp(t, `^[0-9a-f]{40,}$`, m["payload"])
	assert.Regexp(t, `^[0-9a-f]{32}$`, m["payload_auth"])
}

func TestAdvance_ReservationsAndUnusedRentalsExpire(t *testing.T) {
	t.Parallel()
	p := start(t)
	require.Equal(t, 200, p.post(lockerPath(free, "reservations"), `{"duration":60}`).code)
	p.srv.Advance(59 * time.Second)
	assert.Equal(t, harbor.LockerStatusReserved, p.status(freeRef))
	p.srv.Advance(time.Second)
	assert.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))

	require.Equal(t, 200, p.post(lockerPath(free, "reservations"), `{"duration":10}`).code)
	require.Equal(t, 200, p.post(lockerPath(free, "dropoff-locker-tokens"), `{"duration":100}`).code)
	p.srv.Advance(50 * time.Second)
	assert.Equal(t, harbor.LockerStatusRented, p.status(freeRef), "the reservation's end no longer counts")
	require.Equal(t, 200, p.post(lockerPath(free, "dropoff-locker-tokens"), `{"duration":10}`).code)
	p.srv.Advance(49 * time.Second)
	assert.Equal(t, harbor.LockerStatusRented, p.status(freeRef), "a shorter token does not cut the longer")
	p.srv.Advance(time.Second)
	view, _ := p.srv.Locker(freeRef)
	assert.Equal(t, harbor.LockerStatusAvailable, view.Status)
	assert.Empty(t, view.Owner)
	assert.True(t, view.Expires.IsZero())
}

func TestServer_HugeDurationDoesNotOverflow(t *testing.T) {
	t.Parallel()
	p := start(t)
	require.Equal(t, 200, p.post(lockerPath(free, "reservations"), fmt.Sprintf(`{"duration":%d}`, int64(1)<<62)).code)
	assert.Equal(t, harbor.LockerStatusReserved, p.status(freeRef))
}

func TestWithProvider_LockersAreListedForTheirOwnerOnly(t *testing.T) {
	t.Parallel()
	p := start(t)
	neighbour := p.as(harbortest.NeighbourClientID)
	held := 0
	for _, v := range p.srv.Snapshot() {
		if v.Owner == harbortest.NeighbourClientID {
			held++
		}
	}
	assert.Positive(t, held)
	assert.Len(t, neighbour.get("/api/v1/users/me/assigned-lockers").array(t), held)
	assert.Equal(t, "[]", p.get("/api/v1/users/me/assigned-lockers").body)
}
