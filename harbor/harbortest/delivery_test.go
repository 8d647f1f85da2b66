package harbortest_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

// The ten steps of the vendor's "Make a delivery", with nothing but HTTP and a phone.
func TestDeliveryGoesFromAvailableToAvailable(t *testing.T) {
	t.Parallel()
	p := start(t)
	creds := p.srv.Credentials()
	tokenFor := func(scope string) string {
		a := p.token(url.Values{
			"grant_type": {"client_credentials"}, "scope": {scope},
			"client_id": {creds.ClientID}, "client_secret": {creds.ClientSecret},
		})
		require.Equal(t, http.StatusOK, a.code, a.body)
		return a.object(t)["access_token"].(string)
	}
	p.bearer = tokenFor("service_provider")
	phone := p.srv.Phone(tokenFor("tower_access"))

	sites := p.get("/api/v1/locations/in-area?start=34.0,-118.0&end=35.0,-119.0").array(t)
	require.Len(t, sites, 3)
	require.Equal(t, "Grand Park Garage ", sites[0].(map[string]any)["name"])
	lockers := p.get("/api/v1/locations/" + site + "/lockers").array(t)
	require.Len(t, lockers, 24)
	require.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))

	a := p.post(lockerPath(free, "reservations"), `{"duration":300}`)
	require.Equal(t, http.StatusOK, a.code, a.body)
	assert.Equal(t, harbor.LockerStatusReserved, p.status(freeRef))

	payload, auth := p.key(freeRef, "dropoff")
	assert.Equal(t, harbor.LockerStatusRented, p.status(freeRef))

	require.NoError(t, phone.Connect("0100000000000175"))
	opened, err := phone.Use(payload, auth)
	require.NoError(t, err)
	require.Equal(t, freeRef.Locker, opened)
	view, _ := p.srv.Locker(freeRef)
	assert.True(t, view.DoorOpen && view.Full && view.Unsynced)
	assert.Equal(t, harbor.LockerStatusRented, view.Status, "Harbor has not been told")
	require.NoError(t, phone.CloseDoor())
	view, _ = p.srv.Locker(freeRef)
	assert.False(t, view.DoorOpen || view.Unsynced)
	assert.Equal(t, harbor.LockerStatusOccupied, view.Status)
	phone.Disconnect()

	mine := p.get("/api/v1/users/me/assigned-lockers").array(t)
	require.Len(t, mine, 1)
	assert.Equal(t, "occupied", mine[0].(map[string]any)["status"].(map[string]any)["name"])

	payload, auth = p.key(freeRef, "pickup")
	assert.Equal(t, harbor.LockerStatusOccupied, p.status(freeRef))
	require.NoError(t, phone.Connect(tower))
	_, err = phone.Use(payload, auth)
	require.NoError(t, err)
	require.NoError(t, phone.CloseDoor())
	assert.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))
	assert.Empty(t, p.get("/api/v1/users/me/assigned-lockers").array(t))
	view, _ = p.srv.Locker(freeRef)
	assert.False(t, view.Full)
	assert.Empty(t, view.Owner)
}
