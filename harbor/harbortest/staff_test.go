package harbortest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

func TestStaffMaySetAnyStatus(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, from := range harbor.LockerStatuses() {
		for _, to := range harbor.LockerStatuses() {
			require.NoError(t, p.srv.SetStatus(freeRef, from, harbortest.DefaultClientID))
			require.NoError(t, p.srv.SetStatus(freeRef, to, harbortest.NeighbourClientID))
			v, _ := p.srv.Locker(freeRef)
			assert.Equal(t, to, v.Status)
			owned := to != harbor.LockerStatusAvailable && to != harbor.LockerStatusOutOfService
			assert.Equal(t, owned, v.Owner == harbortest.NeighbourClientID, "%s to %s", from, to)
		}
	}
	require.Error(t, p.srv.SetStatus(freeRef, "haunted", ""))
	require.Error(t, p.srv.SetStatus(freeRef, harbor.LockerStatusRented, "nobody"))
	require.NoError(t, p.srv.SetStatus(freeRef, harbor.LockerStatusAvailable, ""))
	require.Error(t, p.srv.SetStatus(freeRef, harbor.LockerStatusRented, ""), "nobody has it")
	require.Error(t, p.srv.SetStatus(harbor.LockerRef{Tower: tower, Locker: 972}, harbor.LockerStatusAvailable, ""))
	require.Error(t, p.srv.ResetEvents("01000000000000ff"))
}

func TestStatusSetByStaffDoesNotRunOut(t *testing.T) {
	t.Parallel()
	p := start(t)
	require.Equal(t, 200, p.post(lockerPath(free, "reservations"), reserve300).code)
	require.NoError(t, p.srv.SetStatus(freeRef, harbor.LockerStatusReserved, ""))
	p.srv.Advance(time.Hour)
	assert.Equal(t, harbor.LockerStatusReserved, p.status(freeRef))
}

func TestStaffEndTokensWithTheNextSync(t *testing.T) {
	t.Parallel()
	p := start(t)
	payload, auth := p.key(freeRef, "dropoff")
	phone := p.phone()
	require.NoError(t, p.srv.SetStatus(freeRef, harbor.LockerStatusAvailable, ""))
	require.NoError(t, phone.Sync())
	_, err := phone.Use(payload, auth)
	require.ErrorIs(t, err, harbortest.ErrRevoked)
}

func TestLockerOutOfServiceStaysSoWhateverAPhoneDoes(t *testing.T) {
	t.Parallel()
	p := start(t)
	payload, auth := p.key(freeRef, "dropoff")
	phone := p.phone()
	require.NoError(t, p.srv.SetStatus(freeRef, harbor.LockerStatusOutOfService, ""))
	_, err := phone.Use(payload, auth)
	require.NoError(t, err, "the tower has not heard of it")
	require.NoError(t, phone.CloseDoor())
	assert.Equal(t, harbor.LockerStatusOutOfService, p.status(freeRef))
}

func TestResetEventsForgetsWhatWasNotToldYet(t *testing.T) {
	t.Parallel()
	for _, byHTTP := range []bool{false, true} {
		p := start(t)
		payload, auth := p.key(freeRef, "dropoff")
		phone := p.phone()
		_, err := phone.Use(payload, auth)
		require.NoError(t, err)
		if byHTTP {
			p.bearer = p.srv.AccessToken("", harbor.ScopeTowerAccess)
			a := p.post("/sdk/v1/towers/"+tower+"/reset-events", `{"reason":"mess"}`)
			require.Equal(t, 200, a.code, a.body)
			assert.Equal(t, tower, a.object(t)["id"])
		} else {
			require.NoError(t, p.srv.ResetEvents(tower))
		}
		require.NoError(t, phone.CloseDoor())
		assert.Equal(t, harbor.LockerStatusRented, p.status(freeRef), "the drop-off is forgotten")
		v, _ := p.srv.Locker(freeRef)
		assert.True(t, v.Full, "but the parcel is there")
	}
}

func TestReleasedLockerIsFreedAfterAReset(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.key(freeRef, "dropoff")
	require.Equal(t, 200, p.post(lockerPath(free, "release-locker"), `{}`).code)
	require.NoError(t, p.srv.ResetEvents(tower))
	p.phone()
	assert.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))
}
