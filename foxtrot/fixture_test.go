package foxtrot_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exampleName is the Example that shows an operation.
func exampleName(operation string) string {
	service, method, _ := strings.Cut(operation, ".")
	name := map[string]string{"customers": "Customers", "dcs": "DCs", "routes": "Routes", "drivers": "Drivers", "webhooks": "Webhooks"}[service]
	var b strings.Builder
	for word := range strings.SplitSeq(method, "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return "Example" + name + "Service_" + b.String()
}

func TestEveryOperationHasFixtureExampleAndCall(t *testing.T) {
	t.Parallel()
	examples, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	ops := foxtrot.Operations()
	assert.Len(t, calls, len(ops))
	files, err := os.ReadDir("testdata/answers")
	require.NoError(t, err)
	assert.Len(t, files, len(ops))
	seen := map[string]bool{}
	for _, op := range ops {
		assert.False(t, seen[op.Name], op.Name)
		seen[op.Name] = true
		assert.Contains(t, calls, op.Name)
		assert.Contains(t, string(examples), "func "+exampleName(op.Name)+"(", "an Example for %s", op.Name)
		assert.Contains(t, []string{foxtrot.SourceVendor, foxtrot.SourceObserved}, op.Source)
		raw := fixture(t, op.Name)
		assert.True(t, json.Valid([]byte(raw)), op.Name)
		got, err := calls[op.Name](t.Context(), over(t, answer(200, raw)))
		require.NoError(t, err, op.Name)
		if op.Name != "webhooks.delete" {
			assert.NotEmpty(t, got, op.Name)
		}
	}
}

func TestOperationsCannotBeChangedFromOutside(t *testing.T) {
	t.Parallel()
	foxtrot.Operations()[0].Path = "/elsewhere"
	assert.NotEqual(t, "/elsewhere", foxtrot.Operations()[0].Path)
	foxtrot.Codes()[0].Kinds[0] = foxtrot.ErrPending
	assert.NotEqual(t, foxtrot.ErrPending, foxtrot.Codes()[0].Kinds[0])
}

// The faults of the samples on the vendor's pages, as testdata/README.md lists them.
func TestPrintedSamplesAreNoJSONAndNoFixtures(t *testing.T) {
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
			var bad *foxtrot.DecodeError
			require.ErrorAs(t, err, &bad, "%s as an answer to %s", what, op.Name)
			assert.Equal(t, []byte(body), bad.Snapshot())
		}
		_, err := foxtrot.DecodeWebhook([]byte(body))
		var bad *foxtrot.DecodeError
		require.ErrorAs(t, err, &bad, what)
	}
	readme, err := os.ReadFile("testdata/README.md")
	require.NoError(t, err)
	assert.Contains(t, string(readme), "not valid JSON")
}
