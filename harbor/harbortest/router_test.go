package harbortest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

func TestPathThatDiffersByASlashIsRedirected(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, c := range [][3]string{
		{http.MethodGet, "/api/v1/locations?limit=2&skip=1", "/api/v1/locations/?limit=2&skip=1"},
		{http.MethodGet, "/api/v1/locations/329", "/api/v1/locations/329/"},
		{http.MethodGet, "/api/v1/locker-types/", "/api/v1/locker-types"},
		{http.MethodPost, lockerPath(free, "reservations/"), lockerPath(free, "reservations")},
		{http.MethodGet, "/sdk/v1/services", "/sdk/v1/services/"},
		// A path that fits is answered for its method alone, after the redirect.
		{http.MethodDelete, "/api/v1/locker-types/", "/api/v1/locker-types"},
	} {
		p.bearer = ""
		a := p.do(c[0], c[1], "")
		require.Equal(t, http.StatusTemporaryRedirect, a.code, c[1])
		assert.Equal(t, p.srv.URL+c[2], a.header.Get("Location"))
		assert.Empty(t, a.body)
	}
	// An id, in the eyes of the framework.
	assert.Equal(t, 401, p.get("/api/v1/locations/closest/").code)
}

func TestRedirectKeepsMethodBodyAndTokenForAStandardClient(t *testing.T) {
	t.Parallel()
	p := start(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.srv.URL+lockerPath(free, "reservations/"), strings.NewReader(`{"duration":60}`))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+p.bearer)
	res, err := p.srv.HTTPClient().Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	assert.Equal(t, 200, res.StatusCode)
}

func TestWrongMethodIsNotAllowed(t *testing.T) {
	t.Parallel()
	p := start(t)
	a := p.get(lockerPath(free, "reservations"))
	assert.Equal(t, http.StatusMethodNotAllowed, a.code)
	assert.Equal(t, "Method Not Allowed", a.detail(t))
	assert.Equal(t, "POST, DELETE", a.header.Get("Allow"))
}

func TestPathThatLeadsNowhereIsNotFound(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, path := range []string{"/", "/api/v1", "/api/v1//locations/", "/api/v1/towers//lockers", "/docs", "/api/v2/locations/"} {
		a := p.get(path)
		assert.Equal(t, 404, a.code, path)
		assert.Equal(t, "Not Found", a.detail(t), path)
	}
}

func TestInvalidBodyIsExplainedFieldByField(t *testing.T) {
	t.Parallel()
	p := start(t)
	for _, c := range []struct{ path, body, want string }{
		{lockerPath(free, "reservations"), ``, `{"detail":[{"loc":["body"],"msg":"field required","type":"value_error.missing"}]}`},
		{lockerPath(free, "reservations"), `{}`, `{"detail":[{"loc":["body","duration"],"msg":"field required","type":"value_error.missing"}]}`},
		{lockerPath(free, "reservations"), `[]`, `{"detail":[{"loc":["body"],"msg":"value is not a valid dict","type":"type_error.dict"}]}`},
		{lockerPath(free, "reservations"), `null`, `{"detail":[{"loc":["body"],"msg":"value is not a valid dict","type":"type_error.dict"}]}`},
		{lockerPath(free, "reservations"), `{"duration":0}`, `{"detail":[{"loc":["body","duration"],"msg":"ensure this value is greater than 0","type":"value_error.number.not_gt"}]}`},
		{lockerPath(free, "reservations"), `{"duration":"soon"}`, `{"detail":[{"loc":["body","duration"],"msg":"value is not a valid integer","type":"type_error.integer"}]}`},
		{lockerPath(free, "reservations"), `nonsense`, `{"detail":[{"loc":["body",0],"msg":"Expecting value: line 1 column 1 (char 0)","type":"value_error.jsondecode"}]}`},
		{
			lockerPath("x", "dropoff-locker-tokens"), `{"duration":1.5,"client_info":7}`,
			`{"detail":[{"loc":["body","duration"],"msg":"value is not a valid integer","type":"type_error.integer"},
				{"loc":["body","client_info"],"msg":"str type expected","type":"type_error.str"},
				{"loc":["path","locker_id"],"msg":"value is not a valid integer","type":"type_error.integer"}]}`,
		},
		{
			dropoffLink, `{"locationId":329,"lockerTypeId":1,"requireLowLocker":"maybe","payload":[],"persistKeypadCode":3}`,
			`{"detail":[{"loc":["body","requireLowLocker"],"msg":"value could not be parsed to a boolean","type":"type_error.bool"},
				{"loc":["body","payload"],"msg":"value is not a valid dict","type":"type_error.dict"},
				{"loc":["body","persistKeypadCode"],"msg":"value could not be parsed to a boolean","type":"type_error.bool"}]}`,
		},
		{"/api/v1/login/authorize", `{"userId":null}`, `{"detail":[{"loc":["body","userId"],"msg":"field required","type":"value_error.missing"}]}`},
	} {
		a := p.post(c.path, c.body)
		assert.Equal(t, http.StatusUnprocessableEntity, a.code, c.body)
		assert.JSONEq(t, c.want, a.body, c.body)
	}
	assert.Equal(t, 200, p.post(lockerPath(free, "dropoff-locker-tokens"), `{"duration":"300","unknown":1}`).code,
		"a number as text and a field nobody knows pass, as they do there")
	p.bearer = ""
	assert.Equal(t, 401, p.post(lockerPath(free, "reservations"), `{}`).code, "who asks comes before what is asked")
}

func TestBrowserIsAnsweredOnlyWithCORS(t *testing.T) {
	t.Parallel()
	for origin, opts := range map[string][]harbortest.Option{"": nil, "*": {harbortest.WithCORS("*")}} {
		p := start(t, opts...)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, p.srv.URL+"/api/v1/locations/", nil)
		require.NoError(t, err)
		req.Header.Set("Origin", "http://localhost:5173")
		req.Header.Set("Access-Control-Request-Method", "GET")
		a, err := p.send(req)
		require.NoError(t, err)
		assert.Equal(t, origin, a.header.Get("Access-Control-Allow-Origin"))
		want := http.StatusMethodNotAllowed
		if origin != "" {
			want = http.StatusNoContent
			assert.Contains(t, a.header.Get("Access-Control-Allow-Headers"), "Authorization")
		}
		assert.Equal(t, want, a.code)
	}
}
