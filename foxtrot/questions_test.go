package foxtrot_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// One row for each question about the wire that no public source answers.
func TestClient_ToleratesEveryAnswerToAnOpenQuestion(t *testing.T) {
	t.Parallel()
	waypoints := func(t *testing.T, body string) []foxtrot.Waypoint {
		t.Helper()
		got, err := over(t, answer(200, body)).Customers.Waypoints(t.Context(), "dc", "c")
		require.NoError(t, err, body)
		require.NotNil(t, got, body)
		return got
	}
	customer := func(t *testing.T, members string) *foxtrot.Customer {
		t.Helper()
		got, err := over(t, answer(200, `{"status":"success","data":{"customer":{"id":"c"`+members+`}}}`)).Customers.Get(t.Context(), "dc", "c")
		require.NoError(t, err, members)
		return got
	}
	rows := []struct {
		question string
		test     func(*testing.T)
	}{
		{"1: envelope and key of a customer's waypoints", func(t *testing.T) {
			for _, body := range []string{
				`{"waypoints":[{"id":"w"}]}`, `{"waypoints":[{"waypoint_id":"w"}]}`,
				`{"status":"success","data":{"waypoints":[{"id":"w"}]}}`, `{"status":"success","data":{"waypoints":[{"waypoint_id":"w"}]}}`,
			} {
				assert.Equal(t, []foxtrot.Waypoint{{ID: "w"}}, waypoints(t, body))
			}
		}},
		{"2: order, and none at all", func(t *testing.T) {
			assert.Equal(t, []foxtrot.Waypoint{{ID: "b"}, {ID: "a"}}, waypoints(t, `{"waypoints":[{"id":"b"},{"id":"a"}]}`))
			for _, body := range []string{
				`{"waypoints":[]}`, `{"waypoints":null}`, `{}`, `[]`, `{"status":"success","data":{"waypoints":null}}`,
				`{"status":"success","data":{}}`, `{"status":"success","data":null}`, `{"status":"success"}`, `{"status":"success","data":[]}`,
			} {
				assert.Empty(t, waypoints(t, body), body)
			}
		}},
		{"3: further statuses", func(t *testing.T) {
			var unknown []string
			c := over(t, answer(200, `{"waypoints":[{"id":"w","status":"SKIPPED"}]}`), lockerline.WithHooks(lockerline.Hooks{
				Unknown: func(_ context.Context, e lockerline.UnknownEvent) { unknown = append(unknown, e.Field+"="+e.Value) },
			}))
			got, err := c.Customers.Waypoints(t.Context(), "dc", "c")
			require.NoError(t, err)
			assert.Equal(t, foxtrot.WaypointStatus("SKIPPED"), got[0].Status)
			assert.False(t, got[0].Status.Known())
			assert.Equal(t, []string{"waypoint.status=SKIPPED"}, unknown)
		}},
		{"4: how a missing location looks", func(t *testing.T) {
			for _, none := range []string{``, `,"inferred_location":null`, `,"inferred_location":{"latitude":null,"longitude":null}`, `,"inferred_location":{}`, `,"inferred_location":{"latitude":4.6}`} {
				assert.Nil(t, customer(t, none).InferredLocation, none)
			}
			zero := customer(t, `,"inferred_location":{"latitude":0,"longitude":0}`).InferredLocation
			require.NotNil(t, zero)
			assert.True(t, zero.IsZero())
			_, err := over(t, answer(200, `{"status":"success","data":{"customer_id":"c","latitude":null,"longitude":null}}`)).Customers.ConfidentLocation(t.Context(), "dc", "c")
			require.ErrorIs(t, err, foxtrot.ErrLocationNotConfident)
		}},
		{"5: name and address null", func(t *testing.T) {
			assert.Equal(t, &foxtrot.Customer{ID: "c"}, customer(t, `,"name":null,"imported_address":null`))
		}},
		{"6: numbers as text, floats for integers", func(t *testing.T) {
			for _, v := range []string{`"estimated_time_of_arrival":"1.76e12","waypoints_ahead":"4","waiting_time_seconds":"600"`, `"estimated_time_of_arrival":1.76e12,"waypoints_ahead":4.0,"waiting_time_seconds":600.0`} {
				got := waypoints(t, `{"waypoints":[{"id":7,`+v+`}]}`)
				assert.Equal(t, []foxtrot.Waypoint{{ID: "7", EstimatedArrival: new(time.UnixMilli(1760000000000).UTC()), WaypointsAhead: new(4), WaitingTime: new(10 * time.Minute)}}, got)
			}
		}},
		{"7: bodies of errors, and empty ones", func(t *testing.T) {
			for _, status := range []int{401, 403, 404, 500} {
				for _, body := range []string{``, `null`, `nope`, `<html>no</html>`, `{"status":"error","data":{"message":"no"}}`, `{"message":"no"}`, `[]`, `{"status":"error","data":"no"}`} {
					_, err := over(t, answer(status, body)).Customers.Get(t.Context(), "dc", "c")
					var e *lockerline.Error
					require.ErrorAs(t, err, &e, body)
					assert.Equal(t, status, e.StatusCode)
					assert.Equal(t, body, string(e.Body))
				}
			}
			for _, body := range []string{``, `null`, `{}`, `{"status":"success","data":{}}`} {
				require.NoError(t, over(t, answer(200, body)).Webhooks.Delete(t.Context(), "h"), body)
			}
		}},
		{"8: 7001 by whatever status", func(t *testing.T) {
			for _, status := range []int{200, 400, 404, 409, 422} {
				_, err := over(t, answer(status, `{"status":"error","data":{"code":7001}}`)).Customers.ConfidentLocation(t.Context(), "dc", "c")
				require.ErrorIs(t, err, foxtrot.ErrLocationNotConfident, "%d", status)
				assert.NotErrorIs(t, err, lockerline.ErrNotFound, "%d", status)
				assert.False(t, lockerline.Retryable(err))
			}
		}},
		{"9: code as text, or missing", func(t *testing.T) {
			for code, want := range map[string]lockerline.Code{`,"code":7001`: foxtrot.Code(7001), `,"code":"7001"`: foxtrot.Code(7001), `,"code":7001.0`: foxtrot.Code(7001), ``: nil, `,"code":null`: nil, `,"code":"E7"`: nil, `,"code":{}`: nil} {
				_, err := over(t, answer(400, `{"status":"error","data":{"message":"m"`+code+`}}`)).Customers.ConfidentLocation(t.Context(), "dc", "c")
				var e *lockerline.Error
				require.ErrorAs(t, err, &e, code)
				assert.Equal(t, want, e.Code, code)
				assert.Equal(t, "m", e.Detail, code)
			}
		}},
		{"10: error with HTTP 200, pending anywhere", func(t *testing.T) {
			for _, op := range foxtrot.Operations() {
				_, err := calls[op.Name](t.Context(), over(t, answer(200, `{"status":"error","data":{"code":1002}}`)))
				require.ErrorIs(t, err, foxtrot.ErrNotConfigured, op.Name)
				_, err = calls[op.Name](t.Context(), over(t, answer(200, `{"status":"error"}`)))
				require.Error(t, err, op.Name)
				_, err = calls[op.Name](t.Context(), over(t, answer(202, `{"status":"pending","data":{}}`)))
				require.ErrorIs(t, err, lockerline.ErrPending, op.Name)
				_, err = calls[op.Name](t.Context(), over(t, answer(200, `{"status":"surprise","data":{}}`)))
				require.Error(t, err, op.Name)
			}
		}},
		{"11: limits and Retry-After", func(t *testing.T) {
			srv := newServer(t)
			srv.Fail("customers.get", lockerlinetest.RateLimited(0), lockerlinetest.Status(503))
			_, err := clientOf(t, srv).Customers.Get(t.Context(), demo, "c-1001")
			require.NoError(t, err)
			srv.Fail("customers.get", lockerlinetest.RateLimited(time.Hour))
			_, err = clientOf(t, srv).Customers.Get(t.Context(), demo, "c-1001")
			require.ErrorIs(t, err, lockerline.ErrRateLimited)
			var e *lockerline.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, time.Hour, e.RetryAfter)
			assert.True(t, lockerline.Retryable(err))
		}},
		{"12: identifiers in paths", func(t *testing.T) {
			srv := newServer(t)
			got, err := clientOf(t, srv).Customers.Get(t.Context(), foxtrottest.DemoDCFar, "c 2001/A")
			require.NoError(t, err)
			assert.Equal(t, foxtrot.CustomerID("c 2001/A"), got.ID)
			assert.Equal(t, "/dcs/dc%20far%2F2/customers/c%202001%2FA", srv.Requests()[0].Path)
		}},
		{"13: redirects to another host", func(t *testing.T) {
			hosts := map[string]bool{}
			c := over(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				hosts[r.URL.Host] = true
				resp, _ := answer(302, "")(r)
				resp.Header.Set("Location", "https://files.example/")
				return resp, nil
			}))
			_, err := c.DCs.List(t.Context())
			require.Error(t, err)
			assert.Equal(t, map[string]bool{strings.TrimPrefix(foxtrot.DefaultBaseURL, "https://"): true}, hosts)
		}},
		{"14: members of events", func(t *testing.T) {
			e, err := foxtrot.DecodeWebhook([]byte(`{"event":"SOMETHING_NEW","hook_timestamp_millis":"1760000000000","dc_id":7,"more":{"a":1}}`))
			require.NoError(t, err)
			assert.False(t, e.Type.Known())
			assert.Equal(t, foxtrot.DCID("7"), e.DCID)
			assert.Contains(t, string(e.Raw), `"more":{"a":1}`)
		}},
		{"15: what the ten most recent are", func(t *testing.T) {
			body := `{"waypoints":[` + strings.Repeat(`{"id":"w"},`, 11) + `{"id":"w"}]}`
			assert.Len(t, waypoints(t, body), 12, "however many there are")
		}},
		{"16: new fields and values", func(t *testing.T) {
			got := customer(t, `,"name":"n","tier":{"gold":true},"tags":[1,2]`)
			assert.Equal(t, "n", got.Name)
			ct, err := over(t, answer(200, `{"data":{"completion_time":{"type":"GUESSED","timestamp":1,"x":[]}}}`)).Routes.CompletionTime(t.Context(), "dc", "r")
			require.NoError(t, err)
			assert.Equal(t, foxtrot.CompletionType("GUESSED"), ct.Type)
		}},
		{"17: endpoints to come", func(t *testing.T) {
			var out struct {
				Drivers []foxtrot.Driver `json:"drivers"`
			}
			c := over(t, answer(200, `{"status":"success","data":{"drivers":[{"id":"d1","login_token":"t"}]}}`))
			require.NoError(t, c.Do(t.Context(), lockerline.Request{Name: "drivers.list", Path: "/dcs/{dc}/drivers", Args: []string{"dc"}}, &out))
			assert.Equal(t, "t", out.Drivers[0].LoginToken.Reveal())
		}},
	}
	require.Len(t, rows, 17)
	for _, row := range rows {
		t.Run(row.question, func(t *testing.T) { t.Parallel(); row.test(t) })
	}
}
