package main

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestDeliveries_FollowTheWebhooks(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	started := r.order("order-1")
	assert.Equal(t, []any{"dropoff", "cancel"}, started["can"])
	ref := started.locker()
	seen := func() harbor.LockerStatus {
		v, ok := r.b.world.harbor.Locker(ref)
		require.True(t, ok)
		return v.Status
	}
	assert.Equal(t, harbor.LockerStatusReserved, seen())

	status, drop := r.ask("POST", "/v1/deliveries/order-1/dropoff", `{"seconds":60}`)
	require.Equal(t, http.StatusOK, status, drop)
	assert.NotEmpty(t, drop["expires_at"])
	assert.Equal(t, harbor.LockerStatusRented, seen())
	r.openDoor(drop)
	d := r.phase("order-1", "stored") // the manager's next look is seconds away: the webhook made it look
	assert.Equal(t, []any{"dropoff", "pickup"}, d["can"])
	assert.Equal(t, harbor.LockerStatusOccupied, seen())

	status, pick := r.ask("POST", "/v1/deliveries/order-1/pickup", "") // a body is not needed
	require.Equal(t, http.StatusOK, status, pick)
	r.openDoor(pick)
	d = r.phase("order-1", "collected")
	assert.NotEmpty(t, d["ended_at"])
	assert.Empty(t, d["can"])
	assert.Equal(t, harbor.LockerStatusAvailable, seen())
	for _, w := range r.b.world.harbor.Webhooks() {
		assert.Equal(t, http.StatusOK, w.StatusCode, "a webhook of Harbor is let in")
	}
	assert.Empty(t, r.log.String())
}

func TestStart_IsIdempotentByReference(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	body := `{"reference":"order-2","area":{"start":{"latitude":34,"longitude":-118},"end":{"latitude":35,"longitude":-119}},"types":["x-large"]}`
	first, one := r.ask("POST", "/v1/deliveries", body)
	second, two := r.ask("POST", "/v1/deliveries", body)
	assert.Equal(t, []int{http.StatusCreated, http.StatusOK}, []int{first, second})
	assert.Equal(t, one, two)
	assert.Len(t, r.b.world.harbor.Requests("lockers.reserve"), 1)
	status, a := r.ask("POST", "/v1/deliveries", strings.Replace(body, "x-large", "small", 1))
	assert.Equal(t, http.StatusConflict, status)
	assert.Equal(t, "reference_taken", a.code())
}

func TestStart_LargerTypeIsTheFallback(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	status, d := r.ask("POST", "/v1/deliveries", `{"reference":"a","tower":"0100000000000175","types":["giant","large"]}`)
	require.Equal(t, http.StatusCreated, status, d)
	assert.Equal(t, "large", d["locker"].(map[string]any)["type"])
}

func TestCancel_GivesTheLockerBack(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	ref := r.order("order-3").locker()
	status, d := r.ask("POST", "/v1/deliveries/order-3/cancel", "")
	require.Equal(t, http.StatusOK, status, d)
	assert.Equal(t, "cancelled", d["phase"])
	v, _ := r.b.world.harbor.Locker(ref)
	assert.Equal(t, harbor.LockerStatusAvailable, v.Status)
}

func TestDeliveries_AreListedByPages(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	for _, reference := range []string{"a", "b", "c"} {
		r.order(reference)
	}
	r.ask("POST", "/v1/deliveries/b/cancel", "")
	list := func(query string) (names []string, next any) {
		status, a := r.ask("GET", "/v1/deliveries"+query, "")
		require.Equal(t, http.StatusOK, status, a)
		for _, d := range a["deliveries"].([]any) {
			names = append(names, d.(map[string]any)["reference"].(string))
		}
		return names, a["next"]
	}
	all, next := list("")
	assert.Equal(t, []string{"a", "b", "c"}, all)
	assert.Nil(t, next)
	page, next := list("?limit=2")
	assert.Equal(t, []string{"a", "b"}, page)
	assert.Equal(t, "b", next)
	page, _ = list("?limit=2&after=b")
	assert.Equal(t, []string{"c"}, page)
	page, _ = list("?open=true")
	assert.Equal(t, []string{"a", "c"}, page)
	page, _ = list("?phase=cancelled&phase=expired")
	assert.Equal(t, []string{"b"}, page)
}

func TestErrors_SayWhy(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	r.order("held")
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		code                     string
	}{
		{"no reference", "POST", "/v1/deliveries", `{"location":329}`, 400, "invalid_request"},
		{"two places", "POST", "/v1/deliveries", `{"reference":"x","location":329,"tower":"0100000000000175"}`, 400, "invalid_request"},
		{"not JSON", "POST", "/v1/deliveries", `{`, 400, "invalid_request"},
		{"two objects", "POST", "/v1/deliveries", `{"reference":"x","location":329}{}`, 400, "invalid_request"},
		{"unknown field", "POST", "/v1/deliveries", `{"refrence":"x"}`, 400, "invalid_request"},
		{"wrong type", "POST", "/v1/deliveries", `{"reference":7}`, 400, "invalid_request"},
		{"too long", "POST", "/v1/deliveries", `{"reference":"` + strings.Repeat("x", maxBody) + `"}`, 413, "too_large"},
		{"negative time", "POST", "/v1/deliveries", `{"reference":"x","location":329,"reserve_seconds":-1}`, 400, "invalid_request"},
		{"no such place", "POST", "/v1/deliveries", `{"reference":"y","location":1}`, 404, "place_unknown"},
		{"no such size", "POST", "/v1/deliveries", `{"reference":"z","location":329,"types":["giant"]}`, 409, "no_locker_available"},
		{"unknown delivery", "GET", "/v1/deliveries/nobody", "", 404, "delivery_unknown"},
		{"too early", "POST", "/v1/deliveries/held/pickup", "", 409, "wrong_phase"},
		{"too long a token", "POST", "/v1/deliveries/held/dropoff", `{"seconds":86401}`, 400, "invalid_request"},
		{"limit", "GET", "/v1/deliveries?limit=0", "", 400, "invalid_request"},
		{"phase", "GET", "/v1/deliveries?phase=lost", "", 400, "invalid_request"},
		{"unknown reservation", "GET", "/v1/reservations/r-0", "", 404, "reservation_unknown"},
		{"unknown customer", "GET", "/v1/customers/dc-north/c-0/arrival", "", 404, "customer_unknown"},
		{"unknown path", "GET", "/v1/nothing", "", 404, "not_found"},
		{"wrong method", "DELETE", "/v1/deliveries/held", "", 405, "method_not_allowed"},
	} {
		status, a := r.ask(c.method, c.path, c.body)
		assert.Equal(t, c.status, status, "%s: %v", c.name, a)
		assert.Equal(t, c.code, a.code(), c.name)
	}
	status, a := r.send("POST", "/v1/deliveries", "reference=x", "Authorization", "Bearer "+appToken)
	assert.Equal(t, http.StatusUnsupportedMediaType, status)
	assert.Equal(t, "not_json", a.code())
}

func TestRoutes_NeedTheAppsToken(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	for _, e := range endpoints {
		path := regexp.MustCompile(`{\w+}`).ReplaceAllString(e.path, "x")
		for _, header := range []string{"", "Bearer", "Bearer wrong", "Basic " + appToken, appToken} {
			status, a := r.send(e.method, path, "", "Authorization", header)
			assert.Equal(t, http.StatusUnauthorized, status, "%s %s %q", e.method, e.path, header)
			assert.Equal(t, "unauthorized", a.code())
		}
	}
	assert.Empty(t, r.b.world.harbor.Requests("lockers.reserve", "token.tower_access"), "nothing was done")
	status, _ := r.send("GET", "/v1/deliveries", "", "Authorization", "bearer "+appToken) // a scheme has no case
	assert.Equal(t, http.StatusOK, status)
}

func TestRoutes_EachIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var documented, want []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z]+) (/v1/[^`]*)`").FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, m[1]+" "+m[2])
	}
	for _, e := range endpoints {
		want = append(want, e.method+" "+e.path)
	}
	assert.Equal(t, want, documented)
	for _, f := range faults {
		for service := range serviceNames {
			assert.Contains(t, string(text), "`"+strings.Replace(f.code, "SERVICE", service, 1)+"`")
		}
	}
}

func TestArrivals_NotConfidentIsAnOrdinaryAnswer(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	status, sure := r.ask("GET", "/v1/customers/dc-north/c-1001/arrival", "")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, true, sure["confident"])
	assert.NotNil(t, sure["arrives_at"])
	assert.EqualValues(t, 0, sure["stops_ahead"])

	status, guess := r.ask("GET", "/v1/customers/dc-north/c-1002/arrival", "")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, false, guess["confident"])
	assert.Equal(t, "inferred", guess["location"].(map[string]any)["kind"])

	status, none := r.ask("GET", "/v1/customers/dc-north/c-1004/arrival", "")
	assert.Equal(t, http.StatusOK, status)
	assert.Nil(t, none["location"])
	assert.Nil(t, none["arrives_at"])
}

func TestArrivals_PushMakesThemNew(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	arrival := func() any {
		_, a := r.ask("GET", "/v1/customers/dc-north/c-1001/arrival", "")
		return a["arrives_at"]
	}
	before := arrival()
	asked := len(r.b.world.foxtrot.Requests())
	assert.Equal(t, before, arrival(), "kept for a moment")
	assert.Len(t, r.b.world.foxtrot.Requests(), asked)
	r.b.world.foxtrot.Delay(foxtrottest.DemoDC, "r-1", 3600e9)
	for _, push := range r.b.world.foxtrot.DeliverWebhooks(t.Context()) {
		assert.True(t, push.Delivered(), "Foxtrot is let in: %d", push.Status)
	}
	r.until(func() bool { return arrival() != before })
}

func TestErrors_HoldNoSecret(t *testing.T) {
	t.Parallel()
	r := start(t, noEnv)
	r.b.world.harbor.Fail("lockers.reserve", lockerlinetest.Answer(502, "text/plain", "internal-secret-of-harbor").Times(-1))
	status, a := r.ask("POST", "/v1/deliveries", `{"reference":"order-9","location":329}`)
	assert.GreaterOrEqual(t, status, 500)
	for _, text := range []string{r.log.String(), a["error"].(map[string]any)["message"].(string)} {
		assert.NotEmpty(t, text)
		for _, secret := range []string{"internal-secret-of-harbor", appToken, "callback-secret", r.b.world.harbor.Credentials().ClientSecret, "order-9"} {
			assert.NotContains(t, text, secret)
		}
	}
}
