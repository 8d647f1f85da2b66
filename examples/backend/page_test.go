package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

func TestCounter_PlaysAWholeDelivery(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	post := func(path, body string) (int, answer) {
		return r.send("POST", "/_counter/"+path, body, "Content-Type", "application/json", "Origin", r.url)
	}
	status, trip := post("deliveries", `{"reference":"c-1","size":"medium"}`)
	require.Equal(t, http.StatusOK, status, trip)
	for _, step := range [][2]string{{"dropoff", "stored"}, {"pickup", "collected"}} {
		status, trip = post("deliveries/c-1/"+step[0], "")
		require.Equal(t, http.StatusOK, status, trip)
		assert.Equal(t, step[1], trip["delivery"].(map[string]any)["phase"])
	}
	assert.Len(t, trip["steps"], 3, "by the app's own endpoints")

	status, a := post("deliveries/c-1/pickup", "")
	assert.Equal(t, http.StatusConflict, status)
	assert.Equal(t, "wrong_phase", a.code())
	status, a = post("deliveries/c-1/paint", "")
	assert.Equal(t, http.StatusNotFound, status)
	assert.Equal(t, "not_found", a.code())
	status, list := r.send("GET", "/_counter/deliveries", "")
	assert.Equal(t, http.StatusOK, status)
	assert.Len(t, list["deliveries"], 1)
}

func TestPage_OtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	order := `{"reference":"x","size":"small"}`
	status, a := r.send("POST", "/_counter/deliveries", order, "Content-Type", "application/json", "Origin", "https://elsewhere.example")
	assert.Equal(t, http.StatusForbidden, status)
	assert.Equal(t, "forbidden", a.code())
	status, _ = r.send("GET", "/_counter/deliveries", "", "Host", "elsewhere.example")
	assert.Equal(t, http.StatusForbidden, status, "a name that was made to point here")
	status, _ = r.send("GET", "/", "", "Host", "localhost:1")
	assert.Equal(t, http.StatusOK, status)
	_, err := r.b.manager.Get(t.Context(), "x")
	assert.Error(t, err)
}

func TestPage_HistoryOfADoorLacksNoStep(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	post := func(path, body string) answer {
		status, trip := r.send("POST", "/_counter/"+path, body, "Content-Type", "application/json")
		require.Equal(t, http.StatusOK, status, trip)
		return trip["delivery"].(map[string]any)
	}
	ref := post("deliveries", `{"reference":"h","size":"large"}`).locker()
	post("deliveries/h/dropoff", "")
	post("deliveries/h/pickup", "")
	_, detail := r.send("GET", "/_wall/doors/"+string(ref.Tower)+"/"+ref.Locker.String(), "")
	var seen []string
	for _, h := range detail["history"].([]any) {
		assert.NotEqual(t, string(harbor.ObservationSkipped), h.(map[string]any)["kind"])
		seen = append(seen, h.(map[string]any)["to"].(string))
	}
	assert.Equal(t, []string{"available", "occupied", "rented", "reserved", "available"}, seen)
}

// With real services named, nothing is played and the page has a password.
func TestConfig_RealServicesAreUsedWhenNamed(t *testing.T) {
	sim := harbortest.NewServer(t)
	values := map[string]string{
		harbor.EnvAPIURL: sim.Environment().APIURL, harbor.EnvTokenURL: sim.Environment().TokenURL,
		harbor.EnvClientID: sim.Credentials().ClientID, harbor.EnvClientSecret: sim.Credentials().ClientSecret,
		envAppToken: appToken, "CALLBACK_X_TOKEN": "callback-secret", envPagePassword: "open sesame",
	}
	for name, value := range values { // package harbor reads the process's own
		t.Setenv(name, value)
	}
	r := start(t, env(values))
	assert.Nil(t, r.b.world)
	ref := r.order("real-1").locker()
	v, ok := sim.Locker(ref)
	require.True(t, ok)
	assert.Equal(t, harbor.LockerStatusReserved, v.Status)

	status, _ := r.send("GET", "/", "")
	assert.Equal(t, http.StatusUnauthorized, status)
	// Without -locations the wall shows the towers of our own deliveries.
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("anybody:open sesame"))
	r.until(func() bool {
		status, wall := r.send("GET", "/_wall/state", "", "Authorization", basic)
		require.Equal(t, http.StatusOK, status)
		towers := wall["towers"].([]any)
		return len(towers) == 1 && strings.Contains(fmt.Sprint(towers[0]), "owner:real-1 (reserved)")
	})

	status, a := r.ask("GET", "/v1/customers/dc/c/arrival", "")
	assert.Equal(t, http.StatusNotImplemented, status)
	assert.Equal(t, "not_set_up", a.code())

	delete(values, envPagePassword)
	off := start(t, env(values))
	status, _ = off.send("GET", "/", "")
	assert.Equal(t, http.StatusNotFound, status, "no password, no page")
	delete(values, harbor.EnvClientSecret)
	t.Setenv(harbor.EnvClientSecret, "")
	err := run(t.Context(), []string{"-addr", "127.0.0.1:0"}, env(values), off.log, off.log)
	require.ErrorContains(t, err, harbor.EnvClientSecret)
}
