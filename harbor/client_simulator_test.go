package harbor_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// everyQuirks is every combination of what Harbor's documentation leaves open and a
// client could stumble over.
func everyQuirks() (all []harbortest.Quirks) {
	names := []map[harbor.LockerStatus]string{nil, {
		harbor.LockerStatusReleased: "Declined", harbor.LockerStatusOutOfService: "out of service", harbor.LockerStatusOccupied: "OCCUPIED",
		harbor.LockerStatusAvailable: "Available ", harbor.LockerStatusReserved: "reserved", harbor.LockerStatusRented: "Rented",
	}}
	flags := []bool{false, true}
	for _, casing := range []harbortest.Casing{harbortest.CasingAsDocumented, harbortest.CasingSnake, harbortest.CasingCamel} {
		for _, shape := range []harbortest.AreaShape{harbortest.AreaNested, harbortest.AreaFlat, harbortest.AreaSplit} {
			for _, status := range []int{0, 201, 204} {
				for _, name := range names {
					for _, envelope := range flags {
						for _, zoneless := range flags {
							for _, upper := range flags {
								all = append(all, harbortest.Quirks{
									Casing: casing, AreaShape: shape, CreateStatus: status, StatusNames: name, ItemsEnvelope: envelope,
									ZonelessTimes: zoneless, UpperCaseTowerIDs: upper,
									// These are independent of the rest: they alternate.
									LowerCaseTowersOnly: !upper, NoAccessMode: zoneless, RefusalStatus: map[bool]int{true: 400}[envelope],
									ReleasedIsUnassigned: upper, RentalEndsAtSync: zoneless,
								})
							}
						}
					}
				}
			}
		}
	}
	return all
}

func TestClient_DeliversUnderEveryQuirk(t *testing.T) {
	t.Parallel()
	quirks := everyQuirks()
	require.Len(t, quirks, 3*3*3*2*2*2*2)
	for _, q := range quirks {
		synctest.Test(t, func(t *testing.T) {
			w := watch(t, time.Second, harbortest.WithQuirks(q))
			w.everyOperation(fmt.Sprintf("%+v", q))
		})
	}
}

// everyOperation delivers a parcel, another by link, and asks all else there is.
func (w *watching) everyOperation(what string) {
	ctx := w.Context()
	no := func(err error) { w.Helper(); require.NoError(w, err, what) }
	eq := func(want, got any) { w.Helper(); require.Equal(w, want, got, what) }
	sites, err := w.c.Locations.InArea(ctx, harbor.Area{Start: lockerline.LatLng{Lat: 34, Lng: -118}, End: lockerline.LatLng{Lat: 35, Lng: -119}})
	no(err)
	eq(3, len(sites))
	eq(harbor.LocationID(329), sites[0].ID)
	eq("Grand Park Garage", sites[0].Name)
	eq("100 Example Avenue", sites[0].Address1)
	require.NotNil(w, sites[0].Availability, what)
	eq([3]int{14, 24, 4}, [3]int{sites[0].Availability.Available, sites[0].Availability.Total, len(sites[0].Availability.ByType)})
	eq("small", sites[0].Availability.ByType[0].Type.Name)
	require.NotNil(w, sites[0].AccessHours, what)
	at, err := w.c.Locations.Availability(ctx, 329)
	no(err)
	eq(sites[0].Availability, at)
	byTower, err := w.c.Towers.Availability(ctx, towerID)
	no(err)
	eq(8, byTower.Available)
	n := 0
	for l, err := range w.c.Locations.All(ctx, 2) {
		no(err)
		n++
		same, err := w.c.Locations.Get(ctx, l.ID)
		no(err)
		eq(l, *same)
	}
	eq(5, n)
	near, err := w.c.Locations.Closest(ctx, harbor.ClosestQuery{Position: lockerline.LatLng{Lat: 34, Lng: -118.2}, Radius: 1})
	no(err)
	eq(harbor.LocationID(329), near.ID)
	lockers, err := w.c.Locations.Lockers(ctx, 329)
	no(err)
	eq(24, len(lockers))
	eq(free, lockers[0].Ref())
	eq(harbor.LockerStatusAvailable, lockers[0].Status)
	eq(true, lockers[3].IsLow)
	eq(harbor.LockerType{ID: 1, Name: "small"}, lockers[0].Type)
	types, err := w.c.LockerTypes.List(ctx)
	no(err)
	eq(4, len(types))

	r, err := w.c.Lockers.Reserve(ctx, free, time.Hour)
	no(err)
	eq(free, r.Ref)
	assert.WithinDuration(w, time.Now().Add(time.Hour), r.ExpiresAt, time.Second, what)
	eq(harbor.LockerStatusReserved, w.status(free))
	no(w.c.Lockers.CancelReservation(ctx, free))
	_, err = w.c.Lockers.Reserve(ctx, free, time.Hour)
	no(err)
	_, err = w.c.Lockers.Reserve(ctx, foreign, time.Hour)
	eq(true, requireAs[*lockerline.Error](w, err).Detail == "Locker is not available")
	for range 2 { // a given up rental, and one that is used
		drop, err := w.c.Lockers.DropoffToken(ctx, free, harbor.TokenRequest{Duration: time.Hour, ClientInfo: "order 42"})
		no(err)
		eq(free.Tower, drop.Tower)
		eq(free, drop.Locker.Ref())
		eq(harbor.LockerStatusRented, drop.Locker.Status)
		assert.WithinDuration(w, time.Now().Add(time.Hour), drop.ExpiresAt, time.Second, what)
		l, err := w.c.Lockers.Release(ctx, free)
		no(err)
		eq(free, l.Ref())
		if l.Status != "" { // an answer without a body says nothing of it
			eq(harbor.LockerStatusReleased, l.Status)
		}
		w.use(nil)
		eq(harbor.LockerStatusAvailable, w.status(free))
	}
	w.deliver(free)

	link, err := w.c.Links.Dropoff(ctx, harbor.DropoffLinkRequest{Location: 329, Type: 1})
	no(err)
	eq(free, link.Locker)
	_, err = w.srv.OpenLink(link.LinkToken)
	no(err)
	again, err := w.c.Links.Get(ctx, link.ID)
	no(err)
	eq(link.Locker, again.Locker)
	pick, err := w.c.Links.Pickup(ctx, harbor.PickupLinkRequest{Locker: link.Locker.Locker})
	no(err)
	_, err = w.srv.OpenLink(pick.LinkToken)
	no(err)
	eq(harbor.LockerStatusAvailable, w.status(free))
	_, err = w.c.Links.Dropoff(ctx, harbor.DropoffLinkRequest{Location: 402, Type: 1})
	require.ErrorIs(w, err, harbor.ErrNoLockerAvailable, what)
	user, err := w.c.Sessions.AuthorizeUser(ctx, "customer 7")
	no(err)
	no(w.srv.Phone(user.AccessToken).Connect(towerID))
	_, err = w.c.Sessions.TestToken(ctx)
	no(err)
}

// deliver walks a free locker through a delivery, waiting for each status.
func (w *watching) deliver(ref harbor.LockerRef) {
	ctx := w.Context()
	req := harbor.TokenRequest{Duration: 5 * time.Minute}
	drop, err := w.c.Lockers.DropoffToken(ctx, ref, req)
	require.NoError(w, err)
	done := w.wait(ctx, ref, harbor.LockerStatusOccupied)
	w.use(drop)
	o := <-done
	require.NoError(w, o.err)
	require.Equal(w, harbor.LockerStatusOccupied, o.To)
	pick, err := w.c.Lockers.PickupToken(ctx, ref, req)
	require.NoError(w, err)
	done = w.wait(ctx, ref, harbor.LockerStatusAvailable)
	w.use(pick)
	o = <-done
	require.NoError(w, o.err)
	require.Equal(w, harbor.LockerStatusAvailable, o.To)
	mine, err := w.c.Lockers.Assigned(ctx)
	require.NoError(w, err)
	require.Empty(w, mine)
}

// use lets a phone connect to the tower and use a token; without one it only syncs.
func (w *watching) use(token *harbor.LockerToken) {
	access, err := w.c.Token(w.Context(), harbor.ScopeTowerAccess)
	require.NoError(w, err)
	phone := w.srv.Phone(access.AccessToken)
	require.NoError(w, phone.Connect(towerID))
	if token == nil {
		return
	}
	_, err = phone.Use(token.Payload, token.PayloadAuth)
	require.NoError(w, err)
	require.NoError(w, phone.CloseDoor())
}

func (w *watching) status(ref harbor.LockerRef) harbor.LockerStatus {
	l, ok := w.srv.Locker(ref)
	require.True(w, ok)
	return l.Status
}

func TestAssigned_ShowsAWriteWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault   lockerlinetest.Fault
		applied bool
	}{
		"cut before": {lockerlinetest.Disconnect(lockerlinetest.Before), false}, "cut after": {lockerlinetest.Disconnect(lockerlinetest.After), true},
		"cut within": {lockerlinetest.Disconnect(lockerlinetest.Within), true}, "half": {lockerlinetest.Truncated(), true},
		"502 after": {lockerlinetest.HTML(502).AfterEffect(), true}, "500 before": {lockerlinetest.Status(500), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := harbortest.NewServer(t) // real connections: what a cut looks like is net/http's matter
			c, err := harbor.NewClient(srv.Environment(), srv.Credentials())
			require.NoError(t, err)
			defer c.Close()
			srv.Fail("lockers.reserve", tc.fault)
			_, err = c.Lockers.Reserve(t.Context(), free, time.Minute)
			require.ErrorIs(t, err, lockerline.ErrOutcomeUnknown)
			e := requireAs[*lockerline.Error](t, err)
			assert.True(t, e.MaybeApplied)
			assert.Contains(t, err.Error(), "look before asking again")
			assert.Equal(t, 1, e.Attempts)
			assert.Len(t, srv.Requests("lockers.reserve"), 1, "sent once")
			mine, err := c.Lockers.Assigned(t.Context())
			require.NoError(t, err)
			assert.Equal(t, tc.applied, len(mine) == 1)
		})
	}
}

func TestOperations_ReadsSurviveTransientFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]lockerlinetest.Fault{
		"500": lockerlinetest.Status(500), "502": lockerlinetest.HTML(502), "503": lockerlinetest.Status(503), "408": lockerlinetest.Status(408),
		"429": lockerlinetest.RateLimited(2 * time.Second), "cut": lockerlinetest.Disconnect(lockerlinetest.Before), "cut within": lockerlinetest.Disconnect(lockerlinetest.Within),
		"latency": lockerlinetest.Latency(20 * time.Second), "401": lockerlinetest.Status(401),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, time.Second)
				_, err := w.c.Lockers.Assigned(t.Context())
				require.NoError(t, err)
				w.srv.Fail("lockers.assigned", fault)
				start := time.Now()
				var meta lockerline.CallMeta
				_, err = w.c.Lockers.Assigned(t.Context(), lockerline.Meta(&meta))
				require.NoError(t, err)
				if name == "429" {
					assert.GreaterOrEqual(t, time.Since(start), 2*time.Second, "Retry-After is kept")
				}
				assert.Equal(t, 200, meta.StatusCode)
				w.srv.Fail("lockers.assigned", fault)
				_, err = w.c.Lockers.Assigned(t.Context(), lockerline.NoRetry())
				assert.Error(t, err, "one request, as asked for")
			})
		})
	}
}

func TestRetryAfter_BeyondTheDeadlineEndsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.srv.Fail("lockers.reserve", lockerlinetest.RateLimited(20*time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := w.c.Lockers.Reserve(ctx, free, time.Minute)
		e := requireAs[*lockerline.Error](t, err)
		assert.Zero(t, time.Since(start))
		assert.ErrorIs(t, err, lockerline.ErrRateLimited)
		assert.Equal(t, 20*time.Second, e.RetryAfter)
		assert.Contains(t, err.Error(), "asked to wait 20s")
		assert.NotErrorIs(t, err, context.DeadlineExceeded)
	})
}

// However the answers get lost, as many lockers are taken as were asked for.
func TestReserve_RetriesNeverTakeASecondLocker(t *testing.T) {
	t.Parallel()
	faults := []lockerlinetest.Fault{
		lockerlinetest.Disconnect(lockerlinetest.After), lockerlinetest.Disconnect(lockerlinetest.Within), lockerlinetest.HTML(http.StatusBadGateway).AfterEffect(),
		lockerlinetest.Status(401), lockerlinetest.RateLimited(0), lockerlinetest.Truncated(),
	}
	for i, fault := range faults {
		synctest.Test(t, func(t *testing.T) {
			w := watch(t, time.Second)
			w.srv.Fail("links.dropoff", fault)
			_, err := w.c.Links.Dropoff(t.Context(), harbor.DropoffLinkRequest{Location: 329, Type: 1})
			mine, listed := w.c.Lockers.Assigned(t.Context())
			require.NoError(t, listed)
			assert.Len(t, mine, 1, "fault %d: %v", i, err)
		})
	}
}

func TestOperations_WorkWhileTokensAreRevoked(t *testing.T) {
	t.Parallel()
	srv := harbortest.NewServer(t)
	c, err := harbor.NewClient(srv.Environment(), srv.Credentials())
	require.NoError(t, err)
	defer c.Close()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				if i == 0 {
					srv.RevokeTokens()
				}
				_, err := c.Lockers.Assigned(t.Context())
				if err != nil { // revoked twice within one call
					assert.ErrorIs(t, err, lockerline.ErrUnauthorized)
				}
			}
		})
	}
	wg.Wait()
}

func TestOperations_UnknownStatusesAreReported(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("haunted", 20)
	var events []any
	m := newMock(t)
	c := m.client(t, lockerline.WithHooks(collect(&events)))
	reported := map[string]bool{}
	for _, o := range operations() {
		events = nil
		m.answer(200, strings.NewReplacer(`"available"`, `"`+long+`"`, `"declined"`, `"`+long+`"`, `"rented"`, `"`+long+`"`).Replace(string(fixture(t, o.fixture))))
		_, err := o.call(t.Context(), c)
		require.NoError(t, err)
		for _, e := range events {
			if u, ok := e.(lockerline.UnknownEvent); ok {
				assert.Equal(t, lockerline.UnknownEvent{Service: "harbor", Operation: o.name, Field: "status", Value: long[:64]}, u)
				reported[o.name] = true
			}
		}
	}
	assert.Equal(t, map[string]bool{
		"locations.lockers": true, "towers.lockers": true, "lockers.assigned": true, "lockers.release": true,
		"lockers.dropoff_token": true, "lockers.pickup_token": true,
	}, reported)
}
