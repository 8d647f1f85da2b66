package foxtrot_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

// One row for each disagreement between the vendor's pages and real clients.
func TestClient_ReadsBothSidesOfEveryDisagreement(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1760000000000).UTC()
	do := func(t *testing.T, body string, out any) {
		t.Helper()
		require.NoError(t, over(t, answer(200, body)).Do(t.Context(), lockerline.Request{Path: "/x"}, out), body)
	}
	wrap := func(data string) []string {
		return []string{data, `{"status":"success","data":` + data + `}`, `{"data":` + data + `,"status":"success"}`}
	}
	rows := map[string]func(*testing.T){
		"envelope of waypoints, deliveries and find_by_date": func(t *testing.T) {
			for _, op := range []string{"customers.waypoints", "routes.waypoints", "routes.waypoint", "routes.deliveries", "routes.find_by_date"} {
				var bare struct{ Data json.RawMessage }
				raw := fixture(t, op)
				if require.NoError(t, json.Unmarshal([]byte(raw), &bare)); bare.Data != nil {
					raw = string(bare.Data)
				}
				var first any
				for i, body := range wrap(raw) {
					got, err := calls[op](t.Context(), over(t, answer(200, body)))
					require.NoError(t, err, body)
					if i == 0 {
						first = got
					}
					assert.Equal(t, first, got, body)
				}
			}
		},
		"top-level status is ambiguous": func(t *testing.T) {
			var w foxtrot.Waypoint
			do(t, `{"id":"w1","status":"PENDING"}`, &w)
			assert.Equal(t, foxtrot.WaypointStatusPending, w.Status)
			for _, word := range []string{"pending", "error"} {
				err := over(t, answer(200, `{"id":"w1","status":"`+word+`"}`)).Do(t.Context(), lockerline.Request{Path: "/x"}, &w)
				require.Error(t, err, word)
			}
		},
		"waypoint id key": func(t *testing.T) {
			for _, key := range []string{"id", "waypoint_id"} {
				var w foxtrot.Waypoint
				do(t, `{"`+key+`":"w1"}`, &w)
				assert.Equal(t, foxtrot.WaypointID("w1"), w.ID)
			}
		},
		"find_by_date element": func(t *testing.T) {
			for _, body := range []string{`{"routes":[{"status":"success","data":{"route":{"id":"r1"}}}]}`, `{"status":"success","data":{"routes":[{"id":"r1"}]}}`} {
				got, err := over(t, answer(200, body)).Routes.FindByDate(t.Context(), "dc", oneDay)
				require.NoError(t, err)
				require.Len(t, got, 1)
				assert.Equal(t, foxtrot.RouteID("r1"), got[0].ID)
			}
		},
		"route started and finalized timestamps": func(t *testing.T) {
			for _, v := range []string{`1760000000000`, `"1760000000000"`, `"2025-10-09T08:53:20Z"`, `"2025-10-09T08:53:20.000Z"`, `"2025-10-09T03:53:20-05:00"`} {
				var r foxtrot.Route
				do(t, `{"id":"r1","started_timestamp":`+v+`,"finalized_timestamp":null}`, &r)
				require.NotNil(t, r.StartedAt, v)
				assert.True(t, at.Equal(*r.StartedAt), v)
				assert.Nil(t, r.FinalizedAt)
			}
		},
		"Content-Type on GET": func(t *testing.T) {
			srv := newServer(t)
			_, err := clientOf(t, srv).DCs.List(t.Context())
			require.NoError(t, err)
			h := srv.Requests()[0].Header
			assert.Equal(t, "application/json", h.Get("Content-Type"))
			assert.Equal(t, "application/json", h.Get("Accept"))
		},
		"unknown customer on waypoints": func(t *testing.T) {
			for _, body := range []string{`{"waypoints":[]}`, `{"status":"success","data":{"waypoints":[]}}`} {
				got, err := over(t, answer(200, body)).Customers.Waypoints(t.Context(), "dc", "nobody")
				require.NoError(t, err)
				assert.Empty(t, got)
			}
			_, err := over(t, answer(404, `{"status":"error","data":{}}`)).Customers.Waypoints(t.Context(), "dc", "nobody")
			assert.ErrorIs(t, err, lockerline.ErrNotFound)
		},
		"unknown route": func(t *testing.T) {
			for status, body := range map[int]string{404: `{"status":"error","data":{}}`, 400: `{"status":"error","data":{"code":3003}}`} {
				_, err := over(t, answer(status, body)).Routes.Get(t.Context(), "dc", "r")
				require.ErrorIs(t, err, lockerline.ErrNotFound)
				assert.NotErrorIs(t, err, lockerline.ErrInvalid)
			}
		},
		"webhook URL key": func(t *testing.T) {
			for _, key := range []string{"url", "webhook_url"} {
				var h foxtrot.Webhook
				do(t, `{"id":"h1","`+key+`":"https://partner.example/1"}`, &h)
				assert.Equal(t, "https://partner.example/1", h.URL)
			}
			srv := newServer(t)
			_, err := clientOf(t, srv).Webhooks.Create(t.Context(), someWebhook)
			require.NoError(t, err)
			assert.Contains(t, string(srv.Requests()[0].Body), `"webhook_url":`)
		},
		"cash_received_cents": func(t *testing.T) {
			for _, v := range []string{`1250`, `1250.0`} {
				var out struct {
					Records []struct {
						Cash json.Number `json:"cash_received_cents"`
					} `json:"records"`
				}
				do(t, `{"status":"success","data":{"records":[{"cash_received_cents":`+v+`}]}}`, &out)
				f, err := out.Records[0].Cash.Float64()
				require.NoError(t, err)
				assert.InDelta(t, 1250, f, 0)
			}
		},
		"expiration_timestamp": func(t *testing.T) {
			for _, v := range []string{`1760000000000`, `"1760000000000"`} {
				var out struct {
					Files []struct {
						Expires json.RawMessage `json:"expiration_timestamp"`
					} `json:"download_request_files"`
				}
				do(t, `{"status":"success","data":{"download_request_files":[{"expiration_timestamp":`+v+`}]}}`, &out)
				assert.Equal(t, v, string(out.Files[0].Expires))
			}
		},
		"driver create body": func(t *testing.T) {
			for _, body := range []map[string]string{{"driver_id": "d", "driver_name": "n"}, {"driver_id": "d", "driver_name": "n", "login_token": "x"}} {
				var sent map[string]string
				c := over(t, roundTrip(func(r *http.Request) (*http.Response, error) {
					require.NoError(t, json.NewDecoder(r.Body).Decode(&sent))
					return answer(200, `{"status":"success","data":{}}`)(r)
				}))
				err := c.Do(t.Context(), lockerline.Request{Name: "drivers.create", Method: "POST", Path: "/dcs/{dc}/drivers", Args: []string{"dc"}, Body: body}, nil)
				require.NoError(t, err)
				assert.Equal(t, body, sent)
			}
		},
		"nullable waypoint fields": func(t *testing.T) {
			got, err := over(t, answer(200, `{"waypoints":[{"id":"w","completed_timestamp":null,"estimated_time_of_arrival":null,"waypoints_ahead":null,"waiting_time_seconds":null,"route_id":null,"customer_id":null,"status":null}]}`)).Customers.Waypoints(t.Context(), "dc", "c")
			require.NoError(t, err)
			assert.Equal(t, []foxtrot.Waypoint{{ID: "w"}}, got)
		},
		"waypoint sample against prose": func(t *testing.T) {
			var w foxtrot.Waypoint
			do(t, `{"id":"w","status":"COMPLETED","completed_timestamp":null,"estimated_time_of_arrival":1760000000000}`, &w)
			assert.True(t, w.Done())
			require.NotNil(t, w.EstimatedArrival)
			assert.True(t, at.Equal(*w.EstimatedArrival))
		},
		"error table": func(t *testing.T) {
			for _, code := range []foxtrot.Code{3010, 3012, 6000, 7001} {
				assert.True(t, code.Known())
			}
			_, err := over(t, answer(400, `{"status":"error","data":{"code":8123,"message":"new"}}`)).DCs.List(t.Context())
			var e *lockerline.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, foxtrot.Code(8123), e.Code)
			assert.False(t, e.Code.(foxtrot.Code).Known())
		},
		"key scope": func(t *testing.T) {
			c := clientOf(t, newServer(t))
			_, err := c.Customers.Get(t.Context(), "another-dc", "c-1001")
			require.ErrorIs(t, err, lockerline.ErrForbidden)
			_, err = c.Customers.Get(t.Context(), demo, "c-1001")
			require.NoError(t, err, "what one DC refuses says nothing about another")
		},
		"POST route status": func(t *testing.T) {
			var out struct {
				TxID string `json:"txid"`
			}
			var m lockerline.CallMeta
			r := lockerline.Request{Name: "routes.import", Method: "POST", Path: "/dcs/{dc}/routes", Args: []string{"dc"}, Body: struct{}{}}
			c := over(t, answer(202, `{"status":"success","data":{"txid":"tx-1"}}`))
			require.NoError(t, c.Do(t.Context(), r, &out, lockerline.Meta(&m)))
			assert.Equal(t, "tx-1", out.TxID)
			assert.Equal(t, http.StatusAccepted, m.StatusCode)
		},
		"longitude sign in sample": func(t *testing.T) {
			for _, lng := range []float64{122.41942, -122.4194} {
				raw, err := json.Marshal(map[string]any{"latitude": 37.7, "longitude": lng})
				require.NoError(t, err)
				at, err := over(t, answer(200, string(raw))).Customers.ConfidentLocation(t.Context(), "dc", "c")
				require.NoError(t, err)
				assert.InDelta(t, lng, at.Lng, 0)
			}
		},
	}
	require.Len(t, rows, 18)
	for name, row := range rows {
		t.Run(name, func(t *testing.T) { t.Parallel(); row(t) })
	}
}
