package harbortest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

func grant(p partner, scope string) url.Values {
	c := p.srv.Credentials()
	return url.Values{
		"grant_type": {"client_credentials"}, "scope": {scope},
		"client_id": {c.ClientID}, "client_secret": {c.ClientSecret},
	}
}

func TestServer_TokenAnswerIsKeycloaks(t *testing.T) {
	t.Parallel()
	p := start(t)
	a := p.token(grant(p, "service_provider"))
	require.Equal(t, http.StatusOK, a.code)
	m := a.object(t)
	assert.NotEmpty(t, m["access_token"])
	assert.Equal(t, json.Number("300"), m["expires_in"])
	assert.Equal(t, json.Number("0"), m["refresh_expires_in"])
	assert.Contains(t, m, "refresh_token")
	assert.Nil(t, m["refresh_token"])
	assert.Equal(t, "Bearer", m["token_type"])
	assert.Equal(t, "service_provider", m["scope"])
}

func TestServer_CredentialsComeByHTTPBasicToo(t *testing.T) {
	t.Parallel()
	p := start(t, harbortest.WithCredentials(harbor.Credentials{ClientID: "a partner", ClientSecret: "s:e/c%+"}))
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"tower_access"}}
	assert.Equal(t, http.StatusOK, p.token(form, url.QueryEscape("a partner"), url.QueryEscape("s:e/c%+")).code)
	assert.Equal(t, http.StatusUnauthorized, p.token(form, url.QueryEscape("a partner"), "wrong").code)
	assert.Equal(t, http.StatusUnauthorized, p.token(form).code)
}

func TestServer_TokenEndpointRefusesInOAuthForm(t *testing.T) {
	t.Parallel()
	p := start(t)
	for name, c := range map[string]struct {
		change url.Values
		code   int
		error  string
	}{
		"wrong secret":   {url.Values{"client_secret": {"x"}}, 401, "unauthorized_client"},
		"unknown client": {url.Values{"client_id": {"x"}}, 401, "unauthorized_client"},
		"no client":      {url.Values{"client_id": nil, "client_secret": nil}, 401, "unauthorized_client"},
		"unknown scope":  {url.Values{"scope": {"service_provider robot_operator"}}, 400, "invalid_scope"},
		"no grant":       {url.Values{"grant_type": nil}, 400, "invalid_request"},
		"password":       {url.Values{"grant_type": {"password"}}, 400, "unsupported_grant_type"},
		"refresh":        {url.Values{"grant_type": {"refresh_token"}}, 400, "invalid_grant"},
	} {
		form := grant(p, "service_provider")
		for key, values := range c.change {
			form[key] = values
		}
		a := p.token(form)
		assert.Equal(t, c.code, a.code, name)
		assert.Equal(t, c.error, a.object(t)["error"], name)
		assert.NotContains(t, a.body, "detail", name)
	}
	a := p.post("/realms/harbor/protocol/openid-connect/token", `{"grant_type":"client_credentials"}`)
	assert.Equal(t, http.StatusBadRequest, a.code, "JSON is no form")
	a = p.get("/realms/harbor/protocol/openid-connect/token")
	assert.Equal(t, http.StatusMethodNotAllowed, a.code)
	assert.Contains(t, a.object(t), "error")
	a = p.get("/realms/elsewhere/protocol/openid-connect/token")
	assert.Equal(t, http.StatusNotFound, a.code)
	assert.Equal(t, "Realm does not exist", a.object(t)["error"])
}

func TestServer_ScopeDecidesWhatATokenMayCall(t *testing.T) {
	t.Parallel()
	p := start(t)
	const back, phone = "/api/v1/locations/", "/sdk/v1/services/"
	for scope, want := range map[string][2]int{
		"service_provider":              {200, 401},
		"tower_access":                  {401, 200},
		"service_provider tower_access": {200, 200},
		"":                              {401, 401},
	} {
		p.bearer = p.token(grant(p, scope)).object(t)["access_token"].(string)
		assert.Equal(t, want, [2]int{p.get(back).code, p.get(phone).code}, scope)
		assert.Equal(t, 200, p.post("/api/v1/login/test-token", "").code, scope)
	}
	p.bearer = p.srv.AccessToken("", harbor.ScopeTowerAccess)
	assert.Equal(t, "Not enough permissions", p.get(back).detail(t))
}

func TestServer_BearerIsRefusedWhenMissingForeignExpiredOrRevoked(t *testing.T) {
	t.Parallel()
	p, other := start(t), start(t)
	refused := func(why, detail string) {
		t.Helper()
		a := p.get("/api/v1/locations/")
		assert.Equal(t, http.StatusUnauthorized, a.code, why)
		assert.Equal(t, detail, a.detail(t), why)
		assert.Equal(t, "Bearer", a.header.Get("WWW-Authenticate"), why)
	}
	mine := p.bearer
	p.bearer = ""
	refused("missing", "Not authenticated")
	p.bearer = other.bearer
	refused("of another server", "Could not validate credentials")
	p.bearer = mine
	p.srv.Advance(299 * time.Second)
	require.Equal(t, 200, p.get("/api/v1/locations/").code)
	p.srv.Advance(time.Second)
	refused("expired", "Could not validate credentials")
	p.bearer = p.srv.AccessToken("", harbor.ScopeServiceProvider)
	require.Equal(t, 200, p.get("/api/v1/locations/").code)
	p.srv.RevokeTokens()
	refused("revoked", "Could not validate credentials")
}

func TestServer_AuthorizedUserGetsATokenForThePhoneOnly(t *testing.T) {
	t.Parallel()
	p := start(t)
	a := p.post("/api/v1/login/authorize", `{"userId":"somebody"}`)
	require.Equal(t, http.StatusOK, a.code, a.body)
	token := a.object(t)["access_token"].(string)
	require.NoError(t, p.srv.Phone(token).Connect(tower))
	p.bearer = token
	assert.Equal(t, http.StatusUnauthorized, p.get("/api/v1/locations/").code)
}

func TestWithTokenLifetime_EndsTokens(t *testing.T) {
	t.Parallel()
	p := start(t, harbortest.WithTokenLifetime(7*time.Second))
	assert.Equal(t, json.Number("7"), p.token(grant(p, "tower_access")).object(t)["expires_in"])
	p.srv.Advance(7 * time.Second)
	assert.Equal(t, http.StatusUnauthorized, p.get("/api/v1/locations/").code)
}

func TestRequests_HoldNoSecret(t *testing.T) {
	t.Parallel()
	p := start(t)
	p.token(grant(p, "service_provider"))
	p.post(lockerPath(free, "dropoff-locker-tokens"), `{"duration":300,"client_info":"somebody's name"}`)
	p.get("/api/v1/no/such?secret=1")
	for _, r := range p.srv.Requests() {
		text := fmt.Sprintf("%+v %s", r, r.Body)
		for _, secret := range []string{p.srv.Credentials().ClientSecret, p.bearer} {
			assert.NotContains(t, text, secret)
		}
	}
	ops := []string{}
	for _, r := range p.srv.Requests() {
		ops = append(ops, r.Op)
	}
	assert.Equal(t, []string{"token", "lockers.dropoff_token", ""}, ops)
	assert.Len(t, p.srv.Requests("token", "locations.list"), 1)
	p.srv.ResetRequests()
	assert.Empty(t, p.srv.Requests())
}
