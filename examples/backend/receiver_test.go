package main

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// callback sends a reservation change as its sender does.
func (r *rig) callback(reservation, status, at string, want int) {
	r.t.Helper()
	body := fmt.Sprintf(`{"reservationId":%q,"status":%q,"changeTime":%q,"flowType":"OUTLET"}`, reservation, status, at)
	got, _ := r.send("POST", "/callbacks", body, "X-Token", "callback-secret", "Content-Type", "application/json")
	require.Equal(r.t, want, got)
}

func TestReservations_AreKnownByTheirNewestChange(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	status := func() any {
		_, a := r.ask("GET", "/v1/reservations/r-1", "")
		return a["status"]
	}
	r.callback("r-1", "RESERVED", "2026-01-02T09:00:00Z", http.StatusOK)
	r.callback("r-1", "STOCKED", "2026-01-02T10:00:00Z", http.StatusOK)
	r.until(func() bool { return status() == "STOCKED" })
	r.callback("r-1", "STOCKED", "2026-01-02T10:00:00Z", http.StatusOK)  // again
	r.callback("r-1", "RESERVED", "2026-01-02T09:30:00Z", http.StatusOK) // late
	r.until(func() bool { stats, _ := r.b.box.Stats(t.Context(), ""); return stats.Depth == 0 })
	assert.Equal(t, "STOCKED", status())
}

func TestReceiver_NeedsACredential(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	for _, path := range []string{"/callbacks", "/webhooks/harbor", "/webhooks/foxtrot"} {
		for _, header := range [][2]string{{"X-Token", ""}, {"X-Token", "wrong"}, {"Authorization", "Bearer " + appToken}} {
			status, _ := r.send("POST", path, `{}`, header[0], header[1], "Content-Type", "application/json")
			assert.Equal(t, http.StatusUnauthorized, status, "%s %s", path, header[0])
		}
	}
}

func TestReservations_AreBounded(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	for i := range maxReservations {
		r.b.changes.order = append(r.b.changes.order, fmt.Sprint("old-", i))
		r.b.changes.known[fmt.Sprint("old-", i)] = reservation{}
	}
	r.callback("r-new", "RESERVED", "2026-01-02T09:00:00Z", http.StatusOK)
	r.until(func() bool { _, ok := r.b.changes.get("r-new"); return ok })
	r.b.changes.mu.Lock()
	defer r.b.changes.mu.Unlock()
	assert.Len(t, r.b.changes.known, maxReservations)
	assert.NotContains(t, r.b.changes.known, "old-0", "the oldest is forgotten")
}
