package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestAdvance_LetsReservationsRunOut(t *testing.T) {
	t.Parallel()
	c := begin(t)
	api := c.token(t, "service_provider")
	require.Equal(t, http.StatusOK, c.post(t, freePath+"/reservations", api, `{"duration":60}`).code)
	var before, after struct {
		Now     time.Time `json:"now"`
		Foxtrot time.Time `json:"foxtrot_now"`
	}
	c.get(t, "/_sim/state", "").into(t, &before)
	c.post(t, "/_sim/advance", "", `{"seconds":61.5}`).into(t, &after)
	assert.Equal(t, "available", c.status(t))
	assert.GreaterOrEqual(t, after.Now.Sub(before.Now), 61*time.Second)
	assert.GreaterOrEqual(t, after.Foxtrot.Sub(before.Foxtrot), 61*time.Second)
	assert.Equal(t, http.StatusOK, c.get(t, freePath[:len("/api/v1/towers/")+16]+"/lockers", api).code, "the access token still lives")
}

func TestFaults_HappenOnceEach(t *testing.T) {
	t.Parallel()
	c := begin(t)
	api := c.token(t, "service_provider")
	require.Equal(t, http.StatusOK, c.post(t, "/_sim/faults", "",
		`{"op":"lockers.reserve","status":429,"retry_after_seconds":2,"body":"{\"detail\":\"slow down\"}"}`).code)
	a := c.post(t, freePath+"/reservations", api, `{"duration":60}`)
	assert.Equal(t, http.StatusTooManyRequests, a.code)
	assert.JSONEq(t, `{"detail":"slow down"}`, a.body)
	assert.Equal(t, "available", c.status(t))

	require.Equal(t, http.StatusOK, c.post(t, "/_sim/faults", "", `{"op":"lockers.reserve","status":503,"after_effect":true}`).code)
	assert.Equal(t, http.StatusServiceUnavailable, c.post(t, freePath+"/reservations", api, `{"duration":60}`).code)
	assert.Equal(t, "reserved", c.status(t), "it took effect")

	require.Equal(t, http.StatusOK, c.post(t, "/_sim/faults", "", `{"op":"*","times":-1,"status":500}`).code)
	for range 3 {
		assert.Equal(t, http.StatusInternalServerError, c.get(t, "/api/v1/locker-types", api).code)
	}
	assert.Equal(t, http.StatusNoContent, c.do(t, http.MethodDelete, "/_sim/faults", "", "").code)
	assert.Equal(t, http.StatusOK, c.get(t, "/api/v1/locker-types", api).code)

	require.Equal(t, http.StatusOK, c.post(t, "/_sim/faults", "", `{"op":"dcs.list","times":2,"status":503}`).code)
	codes := []int{}
	for range 3 {
		codes = append(codes, c.get(t, c.here.FoxtrotURL+"/dcs", c.here.FoxtrotKey).code)
	}
	assert.Equal(t, []int{503, 503, 200}, codes)
}

func TestFaults_EachBecomesWhatItSays(t *testing.T) {
	t.Parallel()
	s, err := newSimulator(config{harborURL: "http://localhost", foxtrotURL: "http://localhost", alzaboxURL: "http://localhost"})
	require.NoError(t, err)
	t.Cleanup(s.close)
	latency := lockerlinetest.Latency(20 * time.Millisecond)
	for body, want := range map[string]lockerlinetest.Fault{
		`{"op":"*","latency_ms":20}`:                  latency,
		`{"op":"*","cut":"before"}`:                   lockerlinetest.Disconnect(lockerlinetest.Before),
		`{"op":"*","cut":"after"}`:                    lockerlinetest.Disconnect(lockerlinetest.After),
		`{"op":"*","cut":"within","times":3}`:         lockerlinetest.Disconnect(lockerlinetest.Within).Times(3),
		`{"op":"*","truncate":true}`:                  lockerlinetest.Truncated(),
		`{"op":"*","status":503}`:                     lockerlinetest.Status(503),
		`{"op":"*","status":503,"after_effect":true}`: lockerlinetest.Status(503).AfterEffect(),
		`{"op":"*","status":502,"headers":{"content-type":"text/html"},"body":"<h1>"}`: lockerlinetest.Answer(502, "text/html", "<h1>"),
		`{"op":"dcs.list","status":429,"retry_after_seconds":2.5}`:                     lockerlinetest.RateLimited(2500 * time.Millisecond),
		`{"op":"dcs.list","status":200,"body":"{}","latency_ms":20,"cut":"within"}`: latency.And(lockerlinetest.Answer(200, "application/json", "{}")).
			And(lockerlinetest.Disconnect(lockerlinetest.Within)),
	} {
		var f faultJSON
		require.NoError(t, json.Unmarshal([]byte(body), &f))
		field, message := f.settle(s.world().operations())
		require.Empty(t, field+message, body)
		if f.Times == 1 {
			want = want.Times(1)
		}
		assert.Equal(t, want, f.fault(), body)
	}
}

func TestReset_BeginsAnewWithTheSameCredentials(t *testing.T) {
	t.Parallel()
	c := begin(t)
	api := c.token(t, "service_provider")
	require.Equal(t, http.StatusOK, c.post(t, freePath+"/reservations", api, `{"duration":60}`).code)
	require.Equal(t, http.StatusOK, c.post(t, "/_sim/phone/connect", "", `{"tower":"`+freeTower+`"}`).code)
	require.Equal(t, http.StatusOK, c.post(t, "/_sim/advance", "", `{"seconds":1000}`).code)
	require.Equal(t, http.StatusOK, c.post(t, "/_sim/reset", "", "").code)
	assert.Equal(t, "available", c.status(t))
	assert.Equal(t, "[]\n", c.get(t, "/_sim/requests", "").body)
	assert.Equal(t, http.StatusUnauthorized, c.get(t, "/api/v1/locations/", api).code, "old tokens are gone")
	api = c.token(t, "service_provider")
	assert.Equal(t, http.StatusOK, c.get(t, "/api/v1/locations/", api).code)
	assert.Equal(t, http.StatusConflict, c.post(t, "/_sim/phone/use", "", `{"payload":"a","payload_auth":"b"}`).code, "no phone stands anywhere")
	a := c.get(t, "/_wall/doors/"+freeTower+"/948", "")
	assert.Contains(t, a.body, `"text":"first seen"}]`)
}

func TestRequests_AreListedWithoutSecrets(t *testing.T) {
	t.Parallel()
	c := begin(t)
	api := c.token(t, "service_provider")
	c.get(t, "/api/v1/locations/329/", api)
	a := c.get(t, "/_sim/requests", "")
	assert.Contains(t, a.body, `"op":"locations.get"`)
	assert.Contains(t, a.body, "{location}")
	assert.NotContains(t, a.body, api)
	assert.NotContains(t, a.body, c.here.ClientSecret)
}

func TestControl_BadRequestsAreRefusedInFastAPIsForm(t *testing.T) {
	t.Parallel()
	s, err := newSimulator(config{harborURL: "http://localhost", foxtrotURL: "http://localhost", alzaboxURL: "http://localhost"})
	require.NoError(t, err)
	t.Cleanup(s.close)
	h := s.harborHandler(true)
	for _, c := range []struct {
		method, path, body string
		code               int
		detail             string
	}{
		{"POST", "/_sim/phone/connect", `{}`, 422, `"field required"`},
		{"POST", "/_sim/phone/connect", `{`, 422, `value_error.jsondecode`},
		{"POST", "/_sim/phone/connect", `{"tower":"x"} 1`, 422, `more than one`},
		{"POST", "/_sim/phone/connect", `{"towre":"x"}`, 422, `unknown field`},
		{"POST", "/_sim/phone/connect", `{"tower":"0100000000000999"}`, 404, `Tower not found`},
		{"POST", "/_sim/phone/connect", `{"tower":"0100000000000175","access_token":"forged"}`, 403, `refused the session`},
		{"POST", "/_sim/phone/use", `{"payload":"a"}`, 422, `payload_auth`},
		{"POST", "/_sim/phone/use", `{"payload_auth":"a"}`, 422, `payload`},
		{"POST", "/_sim/phone/use", `{"payload":"a","payload_auth":"b"}`, 409, `not connected`},
		{"POST", "/_sim/links/open", `{}`, 422, `link`},
		{"POST", "/_sim/advance", `{}`, 422, `seconds`},
		{"POST", "/_sim/advance", `{"seconds":-1}`, 422, `must be 0 or more`},
		{"POST", "/_sim/advance", `{"seconds":1e300}`, 422, `must be 0 or more`},
		{"POST", "/_sim/faults", `{"status":500}`, 422, `op`},
		{"POST", "/_sim/faults", `{"op":"lockers.paint","status":500}`, 422, `is no operation`},
		{"POST", "/_sim/faults", `{"op":"lockers.reserve"}`, 422, `nothing goes wrong`},
		{"POST", "/_sim/faults", `{"op":"lockers.reserve","cut":"sometimes"}`, 422, `before, after or within`},
		{"POST", "/_sim/faults", `{"op":"lockers.reserve","status":99}`, 422, `200 to 599`},
		{"POST", "/_sim/faults", `{"op":"lockers.reserve","latency_ms":-1}`, 422, `latency_ms`},
		{"POST", "/_sim/faults", `{"op":"lockers.reserve","body":"x"}`, 422, `is needed`},
		{"POST", "/_sim/faults", `{"op":"*","api":"elsewhere","status":500}`, 422, `harbor, foxtrot or alzabox`},
		{"GET", "/_sim/advance", ``, 405, `Method Not Allowed`},
		{"POST", "/_sim/nothing", ``, 404, `Not Found`},
	} {
		req := httptest.NewRequest(c.method, "http://127.0.0.1"+c.path, strings.NewReader(c.body))
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, req)
		assert.Equal(t, c.code, rec.Code, "%s %s: %s", c.path, c.body, rec.Body)
		var out struct {
			Detail any `json:"detail"`
		}
		require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &out), c.path)
		text, err := json.Marshal(out.Detail)
		require.NoError(t, err)
		assert.Contains(t, string(text), c.detail, "%s %s", c.path, c.body)
	}
}
