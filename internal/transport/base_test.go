package transport

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseURL_AddressForCredentialsIsHTTPSOrLoopback(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://api.example":         "https://api.example",
		"https://api.example/":        "https://api.example",
		"https://api.example/v1//":    "https://api.example/v1",
		"HTTPS://api.example:8443/v1": "https://api.example:8443/v1",
		"https://[2001:db8::1]/a%2Fb": "https://[2001:db8::1]/a%2Fb",
		"http://localhost:8080":       "http://localhost:8080",
		"http://127.0.0.1":            "http://127.0.0.1",
		"http://127.8.8.8":            "http://127.8.8.8",
		"http://[::1]:80":             "http://[::1]:80",
	} {
		u, err := ParseURL(raw)
		require.NoError(t, err, raw)
		assert.Equal(t, want, u.String())
	}
	for _, raw := range []string{
		"", "api.example", "/v1", "https://", "https:///v1", "https:api.example", "ftp://api.example", "file:///etc/passwd", "javascript:1",
		"http://api.example", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://0.0.0.0", "http://10.0.0.1", "http://2130706433",
		"https://user:SECRET@api.example", "https://SECRET@api.example", "https://api.example?key=SECRET", "https://api.example/#SECRET", "https://api.example?",
		"https://api.example/SECRET\x7f", "https://[SECRET", "https://api.example:SECRET", "https://api.example/%zzSECRET",
	} {
		_, err := ParseURL(raw)
		require.Error(t, err, raw)
		assert.NotContains(t, err.Error(), "SECRET", "an address may hold a password")
		assert.NotContains(t, fmt.Sprintf("%+v %#v", err, err), "SECRET")
	}
}

func TestParseURL_OriginIsSchemeAndHost(t *testing.T) {
	t.Parallel()
	origin := &url.URL{Scheme: "https", Host: "api.example:8443"}
	for raw, want := range map[string]bool{
		"https://api.example:8443/x": true, "https://API.example:8443": true, "http://api.example:8443": false,
		"https://api.example": false, "https://api.example:443": false, "https://b.api.example:8443": false,
	} {
		u, err := url.Parse(raw)
		require.NoError(t, err)
		assert.Equal(t, want, sameOrigin(u, origin), raw)
	}
}

// A program that put an instrumented transport in the default's place still gets one.
func TestNewBase_NeedsNoDefaultTransport(t *testing.T) {
	before := http.DefaultTransport
	defer func() { http.DefaultTransport = before }()
	http.DefaultTransport = roundTrip(nil)
	base := NewBase()
	assert.NotNil(t, base.Proxy)
	assert.True(t, base.ForceAttemptHTTP2)
	assert.NotZero(t, base.IdleConnTimeout)
	assert.NotZero(t, base.TLSHandshakeTimeout)
	assert.Equal(t, connsPerHost, base.MaxIdleConnsPerHost)
}
