package harbortest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// everyQuirk is each way of answering by itself, and then as many as go together.
func everyQuirk() map[string]harbortest.Quirks {
	declined := map[harbor.LockerStatus]string{
		harbor.LockerStatusReleased: "declined", harbor.LockerStatusOutOfService: "Out of service", harbor.LockerStatusAvailable: "Available",
	}
	return map[string]harbortest.Quirks{
		"as documented":     {},
		"flat area":         {AreaShape: harbortest.AreaFlat},
		"split area":        {AreaShape: harbortest.AreaSplit},
		"items":             {ItemsEnvelope: true},
		"snake":             {Casing: harbortest.CasingSnake},
		"camel":             {Casing: harbortest.CasingCamel},
		"declined":          {StatusNames: declined},
		"no zone":           {ZonelessTimes: true},
		"upper-case towers": {UpperCaseTowerIDs: true},
		"lower-case paths":  {LowerCaseTowersOnly: true, UpperCaseTowerIDs: true},
		"201":               {CreateStatus: http.StatusCreated},
		"204":               {CreateStatus: http.StatusNoContent},
		"refusals are 400":  {RefusalStatus: http.StatusBadRequest},
		"refusals are 404":  {RefusalStatus: http.StatusNotFound},
		"no access mode":    {NoAccessMode: true},
		"released is gone":  {ReleasedIsUnassigned: true},
		"all snake": {
			AreaShape: harbortest.AreaFlat, ItemsEnvelope: true, Casing: harbortest.CasingSnake, StatusNames: declined,
			ZonelessTimes: true, UpperCaseTowerIDs: true, LowerCaseTowersOnly: true, CreateStatus: http.StatusNoContent,
			RefusalStatus: http.StatusBadRequest, NoAccessMode: true,
		},
		"all camel": {
			AreaShape: harbortest.AreaSplit, ItemsEnvelope: true, Casing: harbortest.CasingCamel, StatusNames: declined,
			CreateStatus: http.StatusCreated, RentalEndsAtSync: true, RadiusMetres: 1000,
		},
	}
}

func TestQuirks_ClientDeliversUnderEach(t *testing.T) {
	t.Parallel()
	for name, quirks := range everyQuirk() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := withQuirks(t, quirks)
			c, err := p.srv.Client()
			require.NoError(t, err)
			defer c.Close()
			looksAround(t, c)
			delivers(t, p, c)
			deliversByLink(t, p, c)
		})
	}
}

func looksAround(t *testing.T, c *harbor.Client) {
	ctx := t.Context()
	sites, err := c.Locations.InArea(ctx, harbor.Area{Start: lockerline.LatLng{Lat: 34, Lng: -118}, End: lockerline.LatLng{Lat: 35, Lng: -119}})
	require.NoError(t, err)
	require.Len(t, sites, 3)
	for _, s := range sites {
		require.NotNil(t, s.Availability)
		require.Positive(t, s.Availability.Total)
		require.Len(t, s.Availability.ByType, 4)
		free, err := c.Locations.Availability(ctx, s.ID)
		require.NoError(t, err)
		assert.Equal(t, free, s.Availability)
		one, err := c.Locations.Get(ctx, s.ID)
		require.NoError(t, err)
		assert.NotEmpty(t, one.Address1)
	}
	near, err := c.Locations.Closest(ctx, harbor.ClosestQuery{Position: lockerline.LatLng{Lat: 34.05, Lng: -118.25}, Radius: 5})
	require.NoError(t, err)
	assert.Equal(t, harbor.LocationID(329), near.ID)
	_, err = c.Locations.Closest(ctx, harbor.ClosestQuery{Position: lockerline.LatLng{Lat: -33, Lng: 151}, Radius: 5})
	require.ErrorIs(t, err, lockerline.ErrNotFound)
	seen := 0
	for s, err := range c.Locations.All(ctx, 2) {
		require.NoError(t, err)
		assert.NotEmpty(t, s.Name)
		seen++
	}
	assert.Equal(t, 5, seen)
	types, err := c.LockerTypes.List(ctx)
	require.NoError(t, err)
	assert.Len(t, types, 4)
}

func delivers(t *testing.T, p partner, c *harbor.Client) {
	ctx := t.Context()
	access, err := c.Token(ctx, harbor.ScopeTowerAccess)
	require.NoError(t, err)
	phone := p.srv.Phone(access.AccessToken)
	statusNow := func() harbor.LockerStatus {
		all, err := c.Towers.Lockers(ctx, tower)
		require.NoError(t, err)
		for _, l := range all {
			if l.Ref() == freeRef {
				return l.Status
			}
		}
		t.Fatal("the locker is not in its tower")
		return ""
	}
	use := func(key *harbor.LockerToken, err error) {
		t.Helper()
		require.NoError(t, err)
		assert.Equal(t, morning.Add(5*time.Minute), key.ExpiresAt)
		require.NoError(t, phone.Connect(key.Tower))
		_, err = phone.Use(key.Payload, key.PayloadAuth)
		require.NoError(t, err)
		require.NoError(t, phone.CloseDoor())
	}
	ask := harbor.TokenRequest{Duration: 5 * time.Minute, ClientInfo: "order 42"}

	lockers, err := c.Locations.Lockers(ctx, 329)
	require.NoError(t, err)
	require.Len(t, lockers, 24)
	require.Equal(t, harbor.LockerStatusAvailable, statusNow())
	_, err = c.Lockers.Reserve(ctx, freeRef, time.Minute)
	require.NoError(t, err)
	require.NoError(t, c.Lockers.CancelReservation(ctx, freeRef))
	_, err = c.Lockers.Reserve(ctx, freeRef, 5*time.Minute)
	require.NoError(t, err)
	require.Equal(t, harbor.LockerStatusReserved, statusNow())
	use(c.Lockers.DropoffToken(ctx, freeRef, ask))
	require.Equal(t, harbor.LockerStatusOccupied, statusNow())
	mine, err := c.Lockers.Assigned(ctx)
	require.NoError(t, err)
	require.Len(t, mine, 1)
	require.Equal(t, freeRef, mine[0].Ref())
	use(c.Lockers.PickupToken(ctx, freeRef, ask))
	require.Equal(t, harbor.LockerStatusAvailable, statusNow())

	_, err = c.Lockers.DropoffToken(ctx, freeRef, ask)
	require.NoError(t, err)
	_, err = c.Lockers.Release(ctx, freeRef)
	require.NoError(t, err)
	require.Equal(t, harbor.LockerStatusReleased, statusNow())
	require.NoError(t, phone.Connect(tower))
	require.Equal(t, harbor.LockerStatusAvailable, statusNow())
	mine, err = c.Lockers.Assigned(ctx)
	require.NoError(t, err)
	require.Empty(t, mine)
}

func deliversByLink(t *testing.T, p partner, c *harbor.Client) {
	ctx := t.Context()
	open := func(link *harbor.Link, err error) harbor.LockerRef {
		t.Helper()
		require.NoError(t, err)
		require.NotZero(t, link.ID)
		_, err = p.srv.OpenLink(link.LinkToken)
		require.NoError(t, err)
		again, err := c.Links.Get(ctx, link.ID)
		require.NoError(t, err)
		assert.Equal(t, link.Locker, again.Locker)
		return link.Locker
	}
	ref := open(c.Links.Dropoff(ctx, harbor.DropoffLinkRequest{Location: 329, Type: 4}))
	assert.Equal(t, harbor.LockerStatusOccupied, p.status(ref))
	open(c.Links.Pickup(ctx, harbor.PickupLinkRequest{Locker: ref.Locker}))
	assert.Equal(t, harbor.LockerStatusAvailable, p.status(ref))
	_, err := c.Links.Dropoff(ctx, harbor.DropoffLinkRequest{Location: 402, Type: 1})
	require.ErrorIs(t, err, harbor.ErrNoLockerAvailable)
}
