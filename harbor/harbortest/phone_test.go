package harbortest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestPhone_SessionNeedsATokenForTowers(t *testing.T) {
	t.Parallel()
	p := start(t)
	for why, token := range map[string]string{"wrong scope": p.bearer, "foreign": "x", "none": ""} {
		require.ErrorIs(t, p.srv.Phone(token).Connect(tower), harbortest.ErrSession, why)
	}
	good := p.srv.Phone(p.srv.AccessToken("", harbor.ScopeTowerAccess))
	require.ErrorIs(t, good.Connect("01000000000000ff"), harbortest.ErrSession)
	_, err := good.Use("00", "00")
	require.ErrorIs(t, err, harbortest.ErrNotConnected)
	require.ErrorIs(t, good.CloseDoor(), harbortest.ErrNotConnected)
	require.ErrorIs(t, good.Sync(), harbortest.ErrNotConnected)
	require.NoError(t, good.Connect(harbor.TowerID(strings.ToUpper(tower))))
	require.ErrorIs(t, good.CloseDoor(), harbortest.ErrNoDoor)
	require.ErrorIs(t, good.Reopen(), harbortest.ErrNoDoor)
}

func TestPhone_TokenOpensTheDoorOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	payload, auth := p.key(freeRef, "dropoff")
	phone := p.phone()
	_, err := phone.Use(payload, auth)
	require.NoError(t, err)
	_, err = phone.Use(payload, auth)
	require.ErrorIs(t, err, harbortest.ErrUsed)
	require.NoError(t, phone.CloseDoor())
	require.NoError(t, phone.Reopen())
	v, _ := p.srv.Locker(freeRef)
	assert.True(t, v.DoorOpen)
	_, err = p.phone().Use(payload, auth)
	require.ErrorIs(t, err, harbortest.ErrUsed)
}

func TestPhone_ForeignPayloadsOpenNothing(t *testing.T) {
	t.Parallel()
	p := start(t)
	payload, auth := p.key(freeRef, "dropoff")
	other := start(t)
	foreignPayload, foreignAuth := other.key(freeRef, "dropoff")
	phone := p.phone()
	for why, pair := range map[string][2]string{
		"empty":                      {"", ""},
		"no hexadecimal":             {"zz", auth},
		"no hexadecimal seal":        {payload, "zz"},
		"changed":                    {"02" + payload[2:], auth},
		"sealed by another tower":    {foreignPayload, foreignAuth},
		"seal of something else":     {payload, foreignAuth},
		"seal cut short":             {payload, auth[:8]},
		"payload longer than sealed": {payload + "00", auth},
	} {
		_, err := phone.Use(pair[0], pair[1])
		require.ErrorIs(t, err, harbortest.ErrForged, why)
	}
	elsewhere := harbor.LockerRef{Tower: "01000000000001a3", Locker: 972}
	payload, auth = p.key(elsewhere, "dropoff")
	_, err := phone.Use(payload, auth)
	require.ErrorIs(t, err, harbortest.ErrForged, "a token for the tower next door")
	v, _ := p.srv.Locker(freeRef)
	assert.False(t, v.DoorOpen || v.Full)
}

func TestPhone_ExpiredTokenOpensNothing(t *testing.T) {
	t.Parallel()
	p := start(t)
	payload, auth := p.key(freeRef, "dropoff")
	phone := p.phone()
	p.srv.Advance(300 * time.Second)
	_, err := phone.Use(payload, auth)
	require.ErrorIs(t, err, harbortest.ErrExpired)
}

func TestPhone_ReleaseTakesEffectWhenAnyPhoneConnects(t *testing.T) {
	t.Parallel()
	p := start(t)
	payload, auth := p.key(freeRef, "dropoff")
	a := p.post(lockerPath(free, "release-locker"), `{}`)
	require.Equal(t, 200, a.code, a.body)
	require.Equal(t, "released", a.object(t)["status"].(map[string]any)["name"])
	p.srv.Advance(time.Hour)
	require.Equal(t, harbor.LockerStatusReleased, p.status(freeRef), "time alone does not tell the tower")

	p.bearer = p.srv.AccessToken("", harbor.ScopeServiceProvider)
	neighbour := p.srv.Phone(p.srv.AccessToken(harbortest.NeighbourClientID, harbor.ScopeTowerAccess))
	require.NoError(t, neighbour.Connect("01000000000001a3"))
	require.Equal(t, harbor.LockerStatusReleased, p.status(freeRef), "another tower does not matter")
	require.NoError(t, neighbour.Connect(tower))
	require.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))
	assert.Empty(t, p.get("/api/v1/users/me/assigned-lockers").array(t))
	_, err := p.phone().Use(payload, auth)
	require.ErrorIs(t, err, harbortest.ErrExpired)
}

func TestPhone_OutstandingTokenOpensAReleasedLockerUntilSync(t *testing.T) {
	t.Parallel()
	p := start(t)
	payload, auth := p.key(freeRef, "dropoff")
	early := p.phone()
	require.Equal(t, 200, p.post(lockerPath(free, "release-locker"), `{}`).code)
	_, err := early.Use(payload, auth)
	require.NoError(t, err, "the tower has not heard of the release")
	require.Equal(t, harbor.LockerStatusReleased, p.status(freeRef))
	require.NoError(t, early.CloseDoor())
	assert.Equal(t, harbor.LockerStatusOccupied, p.status(freeRef))
	payload, auth = p.key(freeRef, "pickup")
	_, err = early.Use(payload, auth)
	require.NoError(t, err, "the release that came too late must not keep the parcel in")

	payload, auth = p.key(harbor.LockerRef{Tower: tower, Locker: 948}, "dropoff")
	late := p.phone()
	require.Equal(t, 200, p.post(lockerPath("948", "release-locker"), `{}`).code)
	require.NoError(t, late.Sync())
	_, err = late.Use(payload, auth)
	require.ErrorIs(t, err, harbortest.ErrRevoked)
}

func TestPhone_OfflinePhoneOpensDoorsAndHarborLearnsLater(t *testing.T) {
	t.Parallel()
	p := start(t)
	payload, auth := p.key(freeRef, "dropoff")
	stranger := p.srv.Phone(p.srv.AccessToken("", harbor.ScopeTowerAccess))
	stranger.SetOnline(false)
	require.ErrorIs(t, stranger.Connect(tower), harbortest.ErrSession, "no session from before")

	phone := p.phone()
	phone.SetOnline(false)
	require.NoError(t, phone.Connect(tower))
	_, err := phone.Use(payload, auth)
	require.NoError(t, err)
	require.NoError(t, phone.CloseDoor())
	assert.Equal(t, harbor.LockerStatusRented, p.status(freeRef))
	p.phone()
	assert.Equal(t, harbor.LockerStatusOccupied, p.status(freeRef), "any phone carries it")

	p.srv.Advance(time.Hour)
	require.ErrorIs(t, phone.Connect(tower), harbortest.ErrSession, "the session ran out")
}

func TestPhone_TowerIsRightAfterTheRentalExpired(t *testing.T) {
	t.Parallel()
	p := start(t)
	payload, auth := p.key(freeRef, "dropoff")
	phone := p.phone()
	phone.SetOnline(false)
	_, err := phone.Use(payload, auth)
	require.NoError(t, err)
	p.srv.Advance(10 * time.Minute)
	require.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))
	p.phone()
	v, _ := p.srv.Locker(freeRef)
	assert.Equal(t, harbor.LockerStatusOccupied, v.Status)
	assert.Equal(t, harbortest.DefaultClientID, v.Owner)
}

func TestPhone_LatePickupKeepsTheNextRental(t *testing.T) {
	t.Parallel()
	p := start(t)
	phone := p.phone()
	payload, auth := p.key(freeRef, "dropoff")
	_, err := phone.Use(payload, auth)
	require.NoError(t, err)
	require.NoError(t, phone.CloseDoor())
	payload, auth = p.key(freeRef, "pickup")
	phone.SetOnline(false)
	_, err = phone.Use(payload, auth)
	require.NoError(t, err)
	require.NoError(t, p.srv.SetStatus(freeRef, harbor.LockerStatusAvailable, ""))
	neighbour := p.as(harbortest.NeighbourClientID)
	require.Equal(t, 200, neighbour.post(lockerPath(free, "dropoff-locker-tokens"), reserve300).code)
	phone.SetOnline(true)
	require.NoError(t, phone.Sync())
	v, _ := p.srv.Locker(freeRef)
	assert.Equal(t, harbor.LockerStatusRented, v.Status)
	assert.Equal(t, harbortest.NeighbourClientID, v.Owner)
}

func TestPhone_SecondDropoffTokenReopensAnOccupiedLocker(t *testing.T) {
	t.Parallel()
	p := start(t)
	first, firstAuth := p.key(freeRef, "dropoff")
	second, secondAuth := p.key(freeRef, "dropoff")
	phone := p.phone()
	for _, k := range [][2]string{{first, firstAuth}, {second, secondAuth}} {
		_, err := phone.Use(k[0], k[1])
		require.NoError(t, err)
		require.NoError(t, phone.CloseDoor())
		assert.Equal(t, harbor.LockerStatusOccupied, p.status(freeRef))
	}
	_, err := phone.Use(first, firstAuth)
	require.ErrorIs(t, err, harbortest.ErrUsed, "another use does not make it new")
}

func TestPhone_ReleaseWaitsForItsOwnCommand(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.key(freeRef, "dropoff")
	phone := p.srv.Phone(p.srv.AccessToken("", harbor.ScopeTowerAccess))
	p.srv.Fail("sdk.events", lockerlinetest.Status(503))
	require.Error(t, phone.Connect(tower))
	require.Equal(t, 200, p.post(lockerPath(free, "release-locker"), `{}`).code)
	p.srv.Fail("sdk.commands", lockerlinetest.Status(503))
	require.Error(t, phone.Sync(), "news from before the release got through, the release did not")
	assert.Equal(t, harbor.LockerStatusReleased, p.status(freeRef))
	require.NoError(t, phone.Sync())
	assert.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))
}

func TestPhone_TokensOfAPastRentalAreRevoked(t *testing.T) {
	t.Parallel()
	p := start(t)
	drop, dropAuth := p.key(freeRef, "dropoff")
	spare, spareAuth := p.key(freeRef, "dropoff")
	phone := p.phone()
	use := func(payload, auth string) error {
		_, err := phone.Use(payload, auth)
		if err == nil {
			err = phone.CloseDoor()
		}
		return err
	}
	require.NoError(t, use(drop, dropAuth))
	pick, pickAuth := p.key(freeRef, "pickup")
	extra, extraAuth := p.key(freeRef, "pickup")
	require.NoError(t, use(pick, pickAuth))
	require.ErrorIs(t, use(spare, spareAuth), harbortest.ErrRevoked)
	require.ErrorIs(t, use(extra, extraAuth), harbortest.ErrRevoked)
	assert.Equal(t, harbor.LockerStatusAvailable, p.status(freeRef))
	drop, dropAuth = p.key(freeRef, "dropoff")
	require.NoError(t, use(drop, dropAuth), "the next rental is its own")
	require.ErrorIs(t, use(extra, extraAuth), harbortest.ErrRevoked)
}

func TestPhone_FailedSyncLosesNothing(t *testing.T) {
	t.Parallel()
	r := receive(t, 200)
	p := start(t, harbortest.WithWebhookURL(r.URL))
	payload, auth := p.key(freeRef, "dropoff")
	phone := p.phone()
	_, err := phone.Use(payload, auth)
	require.NoError(t, err)
	p.srv.Fail("sdk.events", lockerlinetest.Status(503), lockerlinetest.Disconnect(lockerlinetest.After))
	require.Error(t, phone.CloseDoor())
	assert.Equal(t, harbor.LockerStatusRented, p.status(freeRef))
	require.Error(t, phone.Sync())
	assert.Equal(t, harbor.LockerStatusOccupied, p.status(freeRef), "the answer was lost, the news was not")
	require.NoError(t, phone.Sync())
	assert.Equal(t, harbor.LockerStatusOccupied, p.status(freeRef))
	assert.Len(t, p.srv.Webhooks(), 2, "told twice, counted once")
}

// The ten steps of the vendor's "Make a delivery", with nothing but HTTP and a phone.
func TestPhone_DeliversFromAvailableToAvailable(t *testing.T) {
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
