package foxtrot_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
)

func TestWaypoint_EveryEnvelopeAndKeyOfTheSimulatorIsRead(t *testing.T) {
	t.Parallel()
	start := time.UnixMilli(1760000000000).UTC()
	var got []string
	for _, form := range [][]foxtrottest.Option{{foxtrottest.WithBareAnswers()}, nil} {
		for _, key := range []string{foxtrottest.KeyDocumented, foxtrottest.KeyObserved} {
			srv := newServer(t, append(form, foxtrottest.WithWaypointKey(key), foxtrottest.WithManualClock(start))...)
			c := clientOf(t, srv)
			all := []any{}
			w, err := c.Customers.Waypoints(t.Context(), demo, "c-1001")
			require.NoError(t, err)
			require.Len(t, w, 2)
			assert.Equal(t, foxtrot.WaypointID("w-1"), w[0].ID)
			of, err := c.Routes.Waypoints(t.Context(), demo, "r-1")
			require.NoError(t, err)
			require.Len(t, of, 6)
			one, err := c.Routes.Waypoint(t.Context(), demo, "r-1", "w-2")
			require.NoError(t, err)
			assert.Equal(t, foxtrot.WaypointID("w-2"), one.ID)
			text, err := json.Marshal(append(all, w, of, one))
			require.NoError(t, err)
			got = append(got, string(text))
		}
	}
	require.Len(t, got, 4)
	for i := range got {
		assert.JSONEq(t, got[0], got[i])
	}
}

func TestWaypoint_EveryEnvelopeAndKeyIsRead(t *testing.T) {
	t.Parallel()
	const rest = `"customer_id":"c1","status":"PENDING","completed_timestamp":null,"estimated_time_of_arrival":1760000000000,"waypoints_ahead":0,"waiting_time_seconds":600,"route_id":"r1"`
	want := []foxtrot.Waypoint{{
		ID: "w1", CustomerID: "c1", RouteID: "r1", Status: foxtrot.WaypointStatusPending,
		EstimatedArrival: new(time.UnixMilli(1760000000000).UTC()), WaypointsAhead: new(0), WaitingTime: new(10 * time.Minute),
	}}
	for _, envelope := range []string{`%s`, `{"status":"success","data":%s}`, `{"data":%s,"status":"success"}`, `{"data":%s}`, "\ufeff %s\n"} {
		for _, key := range []string{`"id":"w1",`, `"waypoint_id":"w1",`, `"id":"w1","waypoint_id":"w1",`, `"id":"","waypoint_id":"w1",`, `"id":null,"waypoint_id":"w1",`} {
			body := fmt.Sprintf(envelope, `{"waypoints":[{`+key+rest+`}]}`)
			got, err := over(t, answer(200, body)).Customers.Waypoints(t.Context(), "dc", "c1")
			require.NoError(t, err, body)
			assert.Equal(t, want, got, body)
		}
	}
}

func TestWaypoint_DoneNextAndETA(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1760000000000)
	for _, tc := range []struct {
		name       string
		w          foxtrot.Waypoint
		done, next bool
		eta        time.Duration
		known      bool
	}{
		{"pending and next", foxtrot.Waypoint{Status: "PENDING", WaypointsAhead: new(0), EstimatedArrival: new(now.Add(time.Minute))}, false, true, time.Minute, true},
		{"pending, some ahead", foxtrot.Waypoint{Status: "PENDING", WaypointsAhead: new(3)}, false, false, 0, false},
		{"late", foxtrot.Waypoint{Status: "PENDING", EstimatedArrival: new(now.Add(-time.Minute))}, false, false, -time.Minute, true},
		{"completed", foxtrot.Waypoint{Status: "COMPLETED", CompletedAt: &now}, true, false, 0, false},
		{"completed, without a time and with an arrival, as the vendor's page has it", foxtrot.Waypoint{Status: "COMPLETED", EstimatedArrival: new(now.Add(time.Hour))}, true, false, 0, false},
		{"a time of completion and a status that is not known", foxtrot.Waypoint{Status: "SKIPPED", CompletedAt: &now, WaypointsAhead: new(0)}, true, false, 0, false},
		{"nothing known", foxtrot.Waypoint{}, false, false, 0, false},
		{"epoch is a moment", foxtrot.Waypoint{EstimatedArrival: new(time.UnixMilli(0))}, false, false, -1760000000 * time.Second, true},
	} {
		assert.Equal(t, tc.done, tc.w.Done(), tc.name)
		assert.Equal(t, tc.next, tc.w.Next(), tc.name)
		eta, known := tc.w.ETA(now)
		assert.Equal(t, tc.eta, eta, tc.name)
		assert.Equal(t, tc.known, known, tc.name)
	}
}

func TestNextWaypoint_IsTheFirstThatIsNotDone(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1760000000000)
	soon, later := now.Add(time.Minute), now.Add(time.Hour)
	got := foxtrot.NextWaypoint([]foxtrot.Waypoint{
		{ID: "unknown"},
		{ID: "later", EstimatedArrival: &later},
		{ID: "done", Status: foxtrot.WaypointStatusCompleted, EstimatedArrival: &now},
		{ID: "soon", EstimatedArrival: &soon},
		{ID: "unknown too"},
	})
	require.NotNil(t, got)
	assert.Equal(t, foxtrot.WaypointID("soon"), got.ID)
	assert.Nil(t, foxtrot.NextWaypoint([]foxtrot.Waypoint{{Status: foxtrot.WaypointStatusCompleted}}))
}

func TestWaypoint_ZeroIsNotNull(t *testing.T) {
	t.Parallel()
	var zero, null, absent foxtrot.Waypoint
	require.NoError(t, json.Unmarshal([]byte(`{"id":"w","completed_timestamp":0,"estimated_time_of_arrival":0,"waypoints_ahead":0,"waiting_time_seconds":0}`), &zero))
	require.NoError(t, json.Unmarshal([]byte(`{"id":"w","completed_timestamp":null,"estimated_time_of_arrival":null,"waypoints_ahead":null,"waiting_time_seconds":null}`), &null))
	require.NoError(t, json.Unmarshal([]byte(`{"id":"w"}`), &absent))
	require.NotNil(t, zero.CompletedAt)
	require.NotNil(t, zero.EstimatedArrival)
	require.NotNil(t, zero.WaypointsAhead)
	require.NotNil(t, zero.WaitingTime)
	assert.True(t, zero.CompletedAt.Equal(time.Unix(0, 0)))
	assert.Equal(t, foxtrot.Waypoint{ID: "w"}, null)
	assert.Equal(t, foxtrot.Waypoint{ID: "w"}, absent)
}

func TestMarshalJSON_IsReadBackToTheSame(t *testing.T) {
	t.Parallel()
	at := new(time.UnixMilli(1760000000123).UTC())
	same(t, foxtrot.Waypoint{ID: "w", CustomerID: "c", RouteID: "r", Status: "PENDING", EstimatedArrival: at, WaypointsAhead: new(0), WaitingTime: new(90 * time.Second)})
	same(t, foxtrot.Customer{ID: "c", Name: "n", InferredLocation: &lockerline.LatLng{Lat: 1, Lng: 2}})
	same(t, foxtrot.Route{ID: "r", Name: "17", DriverID: "d", StartTime: at, Version: 2, WaypointIDs: []foxtrot.WaypointID{"a"}, Active: true, StartedAt: at})
	same(t, foxtrot.CompletionTime{At: at, Type: foxtrot.CompletionTypeActual})
	same(t, foxtrot.WaypointDelivery{ID: "d", Quantity: new(1.5), Attempts: []foxtrot.DeliveryAttempt{{Status: "FAILED", At: at, DriverNotes: "x", Code: "7"}}})
	same(t, foxtrot.DC{ID: "dc", Name: "n", TimeZone: "UTC"})
	same(t, foxtrot.Webhook{ID: "h", URL: "https://x", Enabled: new(false), DCs: []foxtrot.DCID{"a"}, Events: []foxtrot.WebhookEventType{"NEW"}})
}

func same[T any](t *testing.T, in T) {
	t.Helper()
	raw, err := json.Marshal(in)
	require.NoError(t, err)
	var out T
	require.NoError(t, json.Unmarshal(raw, &out), string(raw))
	assert.Equal(t, in, out, string(raw))
}
