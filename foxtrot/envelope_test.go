package foxtrot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

// One row for each fault of the samples on the vendor's pages, as testdata/README.md lists
// them.
func TestDecodeError_PrintedSamplesAreRefused(t *testing.T) {
	t.Parallel()
	for what, body := range map[string]string{
		"confident location: a key unclosed":  `{"status":"success","data":{"customer_id: "c1","latitude":1.5,"longitude":-3.5}}`,
		"driver bulk info: a comma missing":   `{"status":"success","data":{"driver":{"id":"d1"} "driver_location":null}}`,
		"active routes: a trailing comma":     `{"status":"success","data":{"active_routes":[{"route_id":"r1",}]}}`,
		"time window: a trailing comma":       `{"start":1000,"end":5000,}`,
		"find by date: Python's truth values": `{"routes":[{"status":"success","data":{"route":{"is_active":True,"is_finalized":False}}}]}`,
		"deliveries: a comma missing":         `{"deliveries":[{"id":"x" "name":"y"}]}`,
		"waypoints: an ellipsis":              `{"waypoints":[{"id":"w1"}, ...]}`,
		"analytics: a brace too many":         `{"status":"success","data":{[]}}`,
		"web hook: comments":                  "{\"event\":\"ROUTE_CREATED\", // what\n\"dc_id\":\"dc-1\"}",
		"invoiced waypoint: a trailing comma": `{"invoices":[],}`,
	} {
		require.False(t, json.Valid([]byte(body)), what)
		for _, op := range foxtrot.Operations() {
			assert.NotContains(t, fixture(t, op.Name), body)
			_, err := calls[op.Name](t.Context(), over(t, answer(200, body)))
			var bad *lockerline.DecodeError
			require.ErrorAs(t, err, &bad, "%s as an answer to %s", what, op.Name)
			assert.Equal(t, []byte(body), bad.Snapshot)
		}
		_, err := foxtrot.DecodeWebhook([]byte(body))
		var bad *lockerline.DecodeError
		require.ErrorAs(t, err, &bad, what)
	}
	readme, err := os.ReadFile("testdata/README.md")
	require.NoError(t, err)
	assert.Contains(t, string(readme), "not valid JSON")
}

func TestClient_EndlessBodyIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 500} {
		c := over(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(endless{}), ContentLength: -1, Request: r}, nil
		}))
		_, err := c.DCs.List(t.Context(), lockerline.NoRetry())
		var e *lockerline.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, status, e.StatusCode)
		assert.LessOrEqual(t, len(e.Body), 256<<10)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
