package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
)

func TestMetrics_EveryEventIsCounted(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	o := m.observer()
	accepted := callbacks.Accepted{
		Feed: callbacks.ReservationsFeedName, Credential: "partner", Outcome: callbacks.OutcomeStored,
		Size: 100, Repaired: true, Store: time.Second, Total: 2 * time.Second,
	}
	o.Accepted(t.Context(), accepted)
	accepted.Outcome, accepted.Repaired = callbacks.OutcomeDuplicate, false
	o.Accepted(t.Context(), accepted)
	o.Accepted(t.Context(), accepted)
	accepted.Feed = "another"
	o.Accepted(t.Context(), accepted)
	o.Refused(t.Context(), callbacks.Refused{Feed: "a\"\\\nb", Reason: callbacks.ReasonMethod})

	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, line := range []string{
		"# TYPE lockerline_callbacks_accepted_total counter",
		`lockerline_callbacks_accepted_total{credential="partner",feed="reservations",outcome="stored"} 1`,
		`lockerline_callbacks_accepted_total{credential="partner",feed="reservations",outcome="duplicate"} 2`,
		`lockerline_callbacks_received_bytes_total{feed="reservations"} 300`,
		`lockerline_callbacks_store_seconds_total{feed="reservations"} 3`,
		`lockerline_callbacks_answer_seconds_total{feed="reservations"} 6`,
		`lockerline_callbacks_repaired_total{feed="reservations"} 1`,
		`lockerline_callbacks_refused_total{credential="",feed="a\"\\\nb",reason="method"} 1`,
	} {
		assert.Contains(t, w.Body.String(), line+"\n")
	}
	n, err := m.duplicates()
	require.NoError(t, err)
	assert.Equal(t, 2, n)
}
