package foxtrottest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// receiver takes web hooks.
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

func TestDeliverWebhooks_SendsWhatHappened(t *testing.T) {
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
