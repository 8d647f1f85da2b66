package harbor_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/internal/leaktest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestNewClient_EnvironmentAndCredentialsAreChecked(t *testing.T) {
	t.Parallel()
	c, err := harbor.NewClient(lockerline.Environment{APIURL: "http://api.example.com", TokenURL: "https://user:" + testSecret + "@accounts.example.com/token"}, harbor.Credentials{})
	require.Error(t, err)
	assert.Nil(t, c)
	for _, part := range []string{"Environment.APIURL must be https", "Environment.TokenURL must not hold a user", "ClientID is empty", "ClientSecret is empty"} {
		assert.ErrorContains(t, err, part)
	}
	assert.NotContains(t, err.Error(), testSecret)
}

func TestNewClient_OnlyHTTPSAddressesTakeCredentials(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"https://api.example.com": true, "https://api.example.com/base/": true, "http://localhost:8080": true, "http://127.0.0.1": true,
		"http://[::1]:80": true, "http://api.example.com": false, "http://127.0.0.1.example.com": false, "http://localhost.example.com": false,
		"ftp://localhost": false, "//localhost": false, "localhost": false, "": false, "https://": false, "https://a b": false,
		"https://api.example.com?x=1": false, "https://api.example.com#x": false, "http://192.168.0.1": false, "http://0.0.0.0": false,
	} {
		_, err := harbor.NewClient(lockerline.Environment{APIURL: address, TokenURL: harbor.Sandbox.TokenURL}, testCreds)
		assert.Equal(t, ok, err == nil, "%q: %v", address, err)
		_, err = harbor.NewClient(lockerline.Environment{APIURL: harbor.Sandbox.APIURL, TokenURL: address}, testCreds)
		assert.Equal(t, ok, err == nil, "token %q: %v", address, err)
	}
}

func TestClientWith_SharesTokensAndConnections(t *testing.T) {
	t.Parallel()
	srv := harbortest.NewServer(t)
	var conns atomic.Int64
	front := httptest.NewUnstartedServer(srv)
	front.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	front.Start()
	defer front.Close()
	env := lockerline.Environment{APIURL: front.URL, TokenURL: front.URL + "/realms/harbor/protocol/openid-connect/token"}
	c, err := harbor.NewClient(env, srv.Credentials())
	require.NoError(t, err)
	defer c.Close()
	for i := range 5 {
		d, err := c.With(lockerline.WithUserAgent("derived/1"), lockerline.WithAttemptTimeout(time.Duration(i+1)*time.Second))
		require.NoError(t, err)
		for _, one := range []*harbor.Client{c, d} {
			_, err := one.Lockers.Assigned(t.Context())
			require.NoError(t, err)
		}
	}
	assert.Len(t, srv.Requests("token"), 1)
	assert.EqualValues(t, 1, conns.Load())
}

func TestClient_FiftyCallersCauseOneExchange(t *testing.T) {
	t.Parallel()
	srv := harbortest.NewServer(t)
	c, err := harbor.NewClient(srv.Environment(), srv.Credentials())
	require.NoError(t, err)
	defer c.Close()
	for round := range 2 {
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := c.Lockers.Assigned(t.Context())
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.Len(t, srv.Requests("token"), round+1, "also after all tokens were revoked")
		srv.RevokeTokens()
	}
}

func TestClientClose_EndsEverything(t *testing.T) {
	srv := harbortest.NewServer(t, harbortest.WithTokenLifetime(10*time.Second))
	before := leaktest.Snapshot() // not parallel: no other test may start a goroutine
	c, err := harbor.NewClient(srv.Environment(), srv.Credentials())
	require.NoError(t, err)
	d, err := c.With()
	require.NoError(t, err)
	for range 3 {
		_, err = d.Lockers.Assigned(t.Context())
		require.NoError(t, err)
	}
	require.NoError(t, c.Close())
	require.NoError(t, c.Close())
	for _, one := range []*harbor.Client{c, d} {
		_, err = one.Lockers.Assigned(t.Context())
		assert.ErrorIs(t, err, lockerline.ErrClosed)
		assert.False(t, lockerline.Retryable(err))
		_, err = one.Token(t.Context(), harbor.ScopeTowerAccess)
		assert.ErrorIs(t, err, lockerline.ErrClosed)
	}
	assert.NoError(t, before.Check(5*time.Second), "the server is up: the client closes the connections")
}

func TestClientClose_EndsAWaitForAToken(t *testing.T) {
	t.Parallel()
	srv := harbortest.NewServer(t)
	srv.Fail("token", lockerlinetest.Latency(time.Hour).Times(-1))
	c, err := harbor.NewClient(srv.Environment(), srv.Credentials())
	require.NoError(t, err)
	done := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = c.Lockers.Assigned(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	go func() {
		_, err := c.Lockers.Assigned(t.Context())
		done <- err
	}()
	require.NoError(t, c.Close())
	assert.ErrorIs(t, <-done, lockerline.ErrClosed)
}

func TestClientToken_ScopesAreASet(t *testing.T) {
	t.Parallel()
	m := newMock(t)
	m.answer(200, `{"access_token":"u"}`)
	c := m.client(t)
	for range 2 {
		_, err := c.Token(t.Context(), harbor.ScopeTowerAccess, harbor.ScopeServiceProvider)
		require.NoError(t, err)
		_, err = c.TokenSource(t.Context(), harbor.ScopeServiceProvider, harbor.ScopeTowerAccess).Token()
		require.NoError(t, err)
		_, err = c.Sessions.AuthorizeUser(t.Context(), "u")
		require.NoError(t, err)
	}
	require.Len(t, m.tokens, 1)
	assert.Equal(t, "client_id=partner&client_secret="+testSecret+"&grant_type=client_credentials&scope=service_provider+tower_access", m.tokens[0])
}

func TestEnvironmentFromEnv_ReadsEachVariable(t *testing.T) {
	for _, name := range []string{harbor.EnvName, harbor.EnvAPIURL, harbor.EnvTokenURL, harbor.EnvClientID, harbor.EnvClientSecret} {
		t.Setenv(name, "")
	}
	_, err := harbor.EnvironmentFromEnv()
	assert.EqualError(t, err, "harbor: set HARBOR_ENV, or both HARBOR_API_URL and HARBOR_TOKEN_URL")
	_, err = harbor.CredentialsFromEnv()
	assert.EqualError(t, err, "harbor: set HARBOR_CLIENT_ID; set HARBOR_CLIENT_SECRET")
	t.Setenv(harbor.EnvClientSecret, testSecret)
	_, err = harbor.CredentialsFromEnv()
	assert.EqualError(t, err, "harbor: set HARBOR_CLIENT_ID")
	t.Setenv(harbor.EnvClientID, "partner")
	creds, err := harbor.CredentialsFromEnv()
	require.NoError(t, err)
	assert.Equal(t, testCreds, creds)

	for name, want := range map[string]lockerline.Environment{
		"production": harbor.Production, "Sandbox": harbor.Sandbox, "development": harbor.Development, "dev": harbor.Development, "PROD": harbor.Production,
	} {
		t.Setenv(harbor.EnvName, name)
		got, err := harbor.EnvironmentFromEnv()
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	t.Setenv(harbor.EnvName, "production")
	t.Setenv(harbor.EnvAPIURL, "http://localhost:1")
	got, err := harbor.EnvironmentFromEnv()
	require.NoError(t, err)
	assert.Equal(t, lockerline.Environment{APIURL: "http://localhost:1", TokenURL: harbor.Production.TokenURL}, got)
	t.Setenv(harbor.EnvName, "elsewhere")
	_, err = harbor.EnvironmentFromEnv()
	assert.EqualError(t, err, "harbor: HARBOR_ENV must be production, sandbox or development")
	t.Setenv(harbor.EnvName, "")
	_, err = harbor.EnvironmentFromEnv()
	assert.Error(t, err, "the token endpoint is missing")
	t.Setenv(harbor.EnvTokenURL, "http://localhost:1/token")
	got, err = harbor.EnvironmentFromEnv()
	require.NoError(t, err)
	assert.Equal(t, lockerline.Environment{APIURL: "http://localhost:1", TokenURL: "http://localhost:1/token"}, got)
}
