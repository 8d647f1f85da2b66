package foxtrottest_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/internal/leaktest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

var start = time.UnixMilli(1760000000000).UTC()

func newServer(t *testing.T, opts ...foxtrottest.Option) (*foxtrottest.Server, *foxtrot.Client) {
	t.Helper()
	srv := foxtrottest.NewServer(t, append([]foxtrottest.Option{foxtrottest.WithManualClock(start)}, opts...)...)
	c, err := srv.Client()
	require.NoError(t, err)
	return srv, c
}

func TestAdvance_TrucksMoveWithTheClock(t *testing.T) {
	t.Parallel()
	srv, c := newServer(t)
	ctx := t.Context()
	type progress struct {
		status foxtrot.WaypointStatus
		ahead  int
		eta    time.Duration
	}
	look := func() progress {
		w, err := c.Routes.Waypoint(ctx, foxtrottest.DemoDC, "r-1", "w-3")
		require.NoError(t, err)
		got := progress{w.Status, -1, -1}
		if w.WaypointsAhead != nil {
			got.ahead = *w.WaypointsAhead
		}
		if eta, ok := w.ETA(srv.Now()); ok {
			got.eta = eta
		}
		return got
	}
	assert.Equal(t, progress{"PENDING", 2, 70 * time.Minute}, look())
	from, err := c.Drivers.Location(ctx, foxtrottest.DemoDC, "d-1")
	require.NoError(t, err)
	srv.Advance(25 * time.Minute)
	assert.Equal(t, progress{"PENDING", 1, 45 * time.Minute}, look())
	to, err := c.Drivers.Location(ctx, foxtrottest.DemoDC, "d-1")
	require.NoError(t, err)
	assert.NotEqual(t, from.LatLng, to.LatLng)
	srv.Delay(foxtrottest.DemoDC, "r-1", 10*time.Minute)
	assert.Equal(t, progress{"PENDING", 1, 55 * time.Minute}, look())
	srv.Advance(70 * time.Minute)
	assert.Equal(t, progress{"COMPLETED", -1, -1}, look())
	over, err := c.Routes.CompletionTime(ctx, foxtrottest.DemoDC, "r-1")
	require.NoError(t, err)
	assert.Equal(t, foxtrot.CompletionTypeEstimated, over.Type)
	srv.Advance(time.Hour)
	over, err = c.Routes.CompletionTime(ctx, foxtrottest.DemoDC, "r-1")
	require.NoError(t, err)
	assert.Equal(t, foxtrot.CompletionTypeFinalized, over.Type)
	srv.Advance(time.Hour)
	over, err = c.Routes.CompletionTime(ctx, foxtrottest.DemoDC, "r-1")
	require.NoError(t, err)
	assert.Equal(t, foxtrot.CompletionTypeActual, over.Type)
	assert.Panics(t, func() { srv.Advance(-1) })
}

func TestServer_TheTenMostRecentWaypointsAreAnswered(t *testing.T) {
	t.Parallel()
	srv, c := newServer(t, foxtrottest.WithEmptyWorld())
	srv.AddDC(foxtrot.DC{ID: "dc"})
	srv.AddCustomer("dc", foxtrot.Customer{ID: "c"})
	for i := range 12 {
		srv.AddRoute("dc", foxtrottest.Route{ID: foxtrot.RouteID('a' + rune(i)), Start: start.AddDate(0, 0, -i), Stops: []foxtrottest.Stop{{ID: "w", Customer: "c"}}})
	}
	got, err := c.Customers.Waypoints(t.Context(), "dc", "c")
	require.NoError(t, err)
	require.Len(t, got, 10)
	assert.Equal(t, foxtrot.RouteID("a"), got[0].RouteID)
	got, err = c.Customers.Waypoints(t.Context(), "dc", "nobody")
	require.NoError(t, err)
	assert.Empty(t, got)
	_, err = c.Customers.Waypoints(t.Context(), "no-dc", "c")
	require.ErrorIs(t, err, lockerline.ErrForbidden)
}

func TestServer_AnotherKeyIsRefused(t *testing.T) {
	t.Parallel()
	srv, _ := newServer(t)
	c, err := foxtrot.NewClient("another", lockerline.WithBaseURL(srv.URL), lockerline.WithHTTPClient(srv.HTTPClient()))
	require.NoError(t, err)
	_, err = c.DCs.List(t.Context())
	require.ErrorIs(t, err, lockerline.ErrUnauthorized)
	for _, r := range srv.Requests() {
		assert.Equal(t, "[REDACTED]", r.Header.Get("Authorization"))
	}
}

func TestNew_TimeIsVirtualWithoutANetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, err := foxtrottest.New()
		require.NoError(t, err)
		defer srv.Close()
		c, err := srv.Client()
		require.NoError(t, err)
		srv.Fail("dcs.list", lockerlinetest.Disconnect(lockerlinetest.Before), lockerlinetest.Disconnect(lockerlinetest.After), lockerlinetest.RateLimited(20*time.Second))
		began := time.Now()
		_, err = c.DCs.List(t.Context())
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(began), 20*time.Second)
		srv.Fail("dcs.list", lockerlinetest.Latency(time.Hour))
		_, err = c.DCs.List(t.Context(), lockerline.NoRetry())
		require.ErrorIs(t, err, lockerline.ErrAttemptTimeout)
	})
}

func TestServer_CanBeMountedElsewhere(t *testing.T) {
	t.Parallel()
	srv, err := foxtrottest.New(foxtrottest.WithAPIKey("k"))
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	mux := http.NewServeMux()
	mux.Handle("/foxtrot/", http.StripPrefix("/foxtrot", srv))
	host := httptest.NewServer(mux)
	t.Cleanup(host.Close)
	c, err := foxtrot.NewClient("k", lockerline.WithBaseURL(host.URL+"/foxtrot/"))
	require.NoError(t, err)
	got, err := c.Customers.Get(t.Context(), foxtrottest.DemoDCFar, "c 2001/A")
	require.NoError(t, err)
	assert.Equal(t, "Last Post", got.Name)
	require.NoError(t, c.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, host.URL+"/foxtrot/nothing", http.NoBody)
	require.NoError(t, err)
	resp, err := host.Client().Do(req)
	require.NoError(t, err)
	_ = resp.Body.Close()
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
}

func TestNew_NamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := foxtrottest.New(foxtrottest.WithAPIKey(" "), foxtrottest.WithMaxParallel(-1), foxtrottest.WithWaypointKey(""))
	require.EqualError(t, err, `foxtrottest: cannot make a server: the API key is empty; `+
		`the waypoint key must be "id" or "waypoint_id"; a limit and a latency must not be negative`)
}

func TestServer_UnknownPlacesPanic(t *testing.T) {
	t.Parallel()
	srv, _ := newServer(t)
	assert.Panics(t, func() { srv.AddCustomer("no-dc", foxtrot.Customer{}) })
	assert.Panics(t, func() { srv.Delay(foxtrottest.DemoDC, "no-route", 1) })
}

func TestSnapshot_ShowsEveryRoute(t *testing.T) {
	t.Parallel()
	srv, _ := newServer(t)
	srv.Advance(60 * time.Minute)
	views := srv.Snapshot()
	require.Len(t, views, 2)
	assert.Equal(t, foxtrottest.DemoDC, views[0].DC)
	assert.Equal(t, foxtrot.RouteID("r-1"), views[0].Route.ID)
	var got []foxtrot.WaypointStatus
	for _, w := range views[0].Waypoints {
		got = append(got, w.Status)
	}
	assert.Equal(t, []foxtrot.WaypointStatus{"COMPLETED", "COMPLETED", "COMPLETED", "COMPLETED", "PENDING", "PENDING"}, got)
}

func TestNew_DemonstrationHasATruckOnItsWayAfterDays(t *testing.T) {
	t.Parallel()
	srv, c := newServer(t)
	for _, pause := range []time.Duration{0, 3 * time.Hour, 26 * time.Hour, 7 * 24 * time.Hour} {
		srv.Advance(pause)
		stops, err := c.Customers.Waypoints(t.Context(), foxtrottest.DemoDC, "c-1002")
		require.NoError(t, err)
		next := slices.IndexFunc(stops, func(w foxtrot.Waypoint) bool { return !w.Done() })
		require.GreaterOrEqual(t, next, 0, "after %v", pause)
		eta, known := stops[next].ETA(srv.Now())
		assert.True(t, known)
		assert.Less(t, eta, 2*time.Hour)
	}
}
