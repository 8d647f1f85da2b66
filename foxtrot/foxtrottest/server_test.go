package foxtrottest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/internal/leaktest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

var start = time.UnixMilli(1760000000000).UTC()

func newServer(t *testing.T, opts ...foxtrottest.Option) (*foxtrottest.Server, *foxtrot.Client) {
	t.Helper()
	srv := foxtrottest.NewServer(append([]foxtrottest.Option{foxtrottest.WithManualClock(start)}, opts...)...)
	t.Cleanup(srv.Close)
	c, err := srv.NewClient()
	require.NoError(t, err)
	return srv, c
}

func TestTrucksMoveWithTheClock(t *testing.T) {
	t.Parallel()
	srv, c := newServer(t)
	ctx := t.Context()
	type sight struct {
		status foxtrot.WaypointStatus
		ahead  int
		eta    time.Duration
	}
	look := func() sight {
		w, err := c.Routes.Waypoint(ctx, foxtrottest.DemoDC, "r-1", "w-3")
		require.NoError(t, err)
		got := sight{w.Status, -1, -1}
		if w.WaypointsAhead != nil {
			got.ahead = *w.WaypointsAhead
		}
		if eta, ok := w.ETA(srv.Now()); ok {
			got.eta = eta
		}
		return got
	}
	assert.Equal(t, sight{"PENDING", 2, 70 * time.Minute}, look())
	from, err := c.Drivers.Location(ctx, foxtrottest.DemoDC, "d-1")
	require.NoError(t, err)
	srv.Advance(25 * time.Minute)
	assert.Equal(t, sight{"PENDING", 1, 45 * time.Minute}, look())
	to, err := c.Drivers.Location(ctx, foxtrottest.DemoDC, "d-1")
	require.NoError(t, err)
	assert.NotEqual(t, from.LatLng, to.LatLng)
	srv.Delay(foxtrottest.DemoDC, "r-1", 10*time.Minute)
	assert.Equal(t, sight{"PENDING", 1, 55 * time.Minute}, look())
	srv.Advance(70 * time.Minute)
	assert.Equal(t, sight{"COMPLETED", -1, -1}, look())
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

func TestOnlyTheTenMostRecentWaypointsAreAnswered(t *testing.T) {
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

func TestAnotherKeyIsNotLetIn(t *testing.T) {
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

func TestWithoutANetworkTimeIsVirtual(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, err := foxtrottest.New()
		require.NoError(t, err)
		defer srv.Close()
		c, err := srv.NewClient()
		require.NoError(t, err)
		srv.Fail("dcs.list", foxtrottest.CutBefore(), foxtrottest.CutAfter(), foxtrottest.RateLimited(20*time.Second))
		began := time.Now()
		_, err = c.DCs.List(t.Context())
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(began), 20*time.Second)
		srv.Fail("dcs.list", foxtrottest.Latency(time.Hour))
		_, err = c.DCs.List(t.Context(), lockerline.NoRetry())
		require.ErrorIs(t, err, lockerline.ErrAttemptTimeout)
	})
}

func TestServerCanBeMountedElsewhere(t *testing.T) {
	t.Parallel()
	srv, err := foxtrottest.New(foxtrottest.WithAPIKey("k"))
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	mux := http.NewServeMux()
	mux.Handle("/foxtrot/", http.StripPrefix("/foxtrot", srv.Handler()))
	host := httptest.NewServer(mux)
	t.Cleanup(host.Close)
	c, err := foxtrot.NewClient("k", lockerline.WithBaseURL(host.URL+"/foxtrot/"))
	require.NoError(t, err)
	got, err := c.Customers.Get(t.Context(), foxtrottest.DemoDCFar, "c 2001/A")
	require.NoError(t, err)
	assert.Equal(t, "Last Post", got.Name)
	require.NoError(t, c.Close())
	resp, err := http.Get(host.URL + "/foxtrot/nothing")
	require.NoError(t, err)
	_ = resp.Body.Close()
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
}

func TestMistakesInATestArePanics(t *testing.T) {
	t.Parallel()
	srv, _ := newServer(t)
	assert.Panics(t, func() { srv.Fail("customers.list", foxtrottest.Empty(500)) })
	assert.Panics(t, func() { srv.AddCustomer("no-dc", foxtrot.Customer{}) })
	assert.Panics(t, func() { srv.Delay(foxtrottest.DemoDC, "no-route", 1) })
	assert.Panics(t, func() { foxtrottest.NewServer(foxtrottest.WithWaypointKey("wp")) })
	_, err := foxtrottest.New(foxtrottest.WithAPIKey(" "), foxtrottest.WithMaxParallel(-1), foxtrottest.WithWaypointKey(""))
	require.ErrorContains(t, err, "API key")
	require.ErrorContains(t, err, "negative")
	require.ErrorContains(t, err, "waypoint key")
	srv.Close()
	srv.Close()
}

// receiver is a web hook's other end.
type receiver struct {
	mu     sync.Mutex
	status int
	got    []foxtrot.WebhookEvent
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	raw, _ := io.ReadAll(req.Body)
	e, err := foxtrot.DecodeWebhook(raw)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil || req.Method != "POST" || req.Header.Get("Content-Type") != "application/json" {
		r.status = http.StatusBadRequest
	}
	if r.status == http.StatusOK {
		r.got = append(r.got, e)
	}
	w.WriteHeader(r.status)
}

func TestWebhooksAreToldWhatHappened(t *testing.T) {
	t.Parallel()
	srv, c := newServer(t)
	ctx := t.Context()
	rec := &receiver{status: http.StatusOK}
	host := httptest.NewServer(rec)
	t.Cleanup(host.Close)
	hook, err := c.Webhooks.Create(ctx, foxtrot.WebhookRequest{URL: host.URL + "/x", DCs: []foxtrot.DCID{foxtrottest.DemoDC}, Events: []foxtrot.WebhookEventType{
		foxtrot.WebhookEventWaypointStatusChanged, foxtrot.WebhookEventRouteETAsChanged, foxtrot.WebhookEventCustomerLocationChanged, foxtrot.WebhookEventRouteStarted,
	}})
	require.NoError(t, err)
	assert.Empty(t, srv.DeliverWebhooks(ctx), "what was before is none of its business")

	srv.Delay(foxtrottest.DemoDC, "r-1", time.Minute)
	srv.SetConfident(foxtrottest.DemoDC, "c-1002", &lockerline.LatLng{Lat: 1})
	srv.Advance(30 * time.Minute) // w-1 is completed
	for _, p := range srv.DeliverWebhooks(ctx) {
		assert.True(t, p.Delivered())
	}
	require.Len(t, rec.got, 3)
	assert.Equal(t, foxtrot.WebhookEventCustomerLocationChanged, rec.got[0].Type)
	assert.Equal(t, foxtrot.WebhookEventRouteETAsChanged, rec.got[1].Type)
	assert.Equal(t, foxtrot.WaypointID("w-1"), rec.got[2].WaypointID)
	assert.Equal(t, start.Add(26*time.Minute), rec.got[2].Time())
	assert.Empty(t, srv.DeliverWebhooks(ctx))

	rec.status = http.StatusAccepted // not 200: it comes again
	srv.Advance(30 * time.Minute)
	require.Len(t, srv.DeliverWebhooks(ctx), 1)
	assert.Len(t, rec.got, 3)
	require.Len(t, srv.DeliverWebhooks(ctx), 1)
	srv.Advance(25 * time.Hour)
	require.NotEmpty(t, srv.DeliverWebhooks(ctx))
	hooks, err := c.Webhooks.List(ctx)
	require.NoError(t, err)
	assert.False(t, *hooks[0].Enabled, "switched off after a day of failures")
	rec.status = http.StatusOK
	_, err = c.Webhooks.Enable(ctx, hook.ID)
	require.NoError(t, err)
	srv.Delay(foxtrottest.DemoDC, "r-1", 0)
	assert.Len(t, srv.DeliverWebhooks(ctx), 1, "what was missed stays missed")

	host.Close()
	srv.Delay(foxtrottest.DemoDC, "r-1", 0)
	lost := srv.DeliverWebhooks(ctx)
	require.Len(t, lost, 1)
	require.Error(t, lost[0].Err)
	assert.Zero(t, lost[0].Status)
}

func TestClearedFaultsDoNotHappen(t *testing.T) {
	t.Parallel()
	srv, c := newServer(t)
	srv.Fail("dcs.list", foxtrottest.Status(http.StatusForbidden), foxtrottest.Status(http.StatusForbidden))
	_, err := c.DCs.List(t.Context())
	require.Error(t, err)
	srv.ClearFaults()
	_, err = c.DCs.List(t.Context())
	assert.NoError(t, err)
}
