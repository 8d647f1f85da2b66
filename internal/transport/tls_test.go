package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lockerline/lockerline-go"
)

// A certificate does not get better by asking again, and an SDK that keeps knocking hides
// what is wrong.
func TestRetry_BadCertificateIsPermanent(t *testing.T) {
	t.Parallel()
	srv, dials := tlsServer(t)
	trusted := srv.Client().Transport.(*http.Transport).TLSClientConfig
	otherName := trusted.Clone()
	otherName.ServerName = "other.example"
	expired := trusted.Clone()
	expired.Time = func() time.Time { return time.Now().AddDate(200, 0, 0) }
	pinned := trusted.Clone()
	pinned.VerifyConnection = func(tls.ConnectionState) error { return fmt.Errorf("pin: %w", x509.UnknownAuthorityError{}) }
	for name, cfg := range map[string]*tls.Config{"unknown authority": {}, "other name": otherName, "expired": expired, "own check": pinned} {
		for _, in := range []Call{read(), write()} {
			t.Run(name+" "+in.Op.Method, func(t *testing.T) {
				base := &http.Transport{TLSClientConfig: cfg, DialContext: dials.dial}
				defer base.CloseIdleConnections()
				before := dials.n.Load()
				_, err := newTestClient(t, srv.URL, base, nil).Do(t.Context(), in)
				f := failureOf(t, err)
				assert.Equal(t, 1, f.Attempts)
				assert.EqualValues(t, 1, dials.n.Load()-before)
				assert.False(t, f.MaybeApplied, "no request goes over a connection that was not made")
				assert.False(t, lockerline.Retryable(f))
			})
		}
	}
}

// A middleware may wrap what went wrong.
func TestRetry_WrappedBadCertificateIsPermanent(t *testing.T) {
	t.Parallel()
	srv, dials := tlsServer(t)
	base := &http.Transport{DialContext: dials.dial}
	defer base.CloseIdleConnections()
	c := newTestClient(t, srv.URL, base, []func(*setup){withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil {
			err = fmt.Errorf("traced: %w", err)
		}
		return resp, err
	}))})
	_, err := c.Do(t.Context(), read())
	assert.Equal(t, 1, failureOf(t, err).Attempts)
}

func TestRetry_PlainHTTPOnATLSPortIsPermanent(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	var dials counter
	base := &http.Transport{DialContext: dials.dial}
	defer base.CloseIdleConnections()
	for _, in := range []Call{read(), write()} {
		_, err := newTestClient(t, strings.Replace(srv.URL, "http:", "https:", 1), base, nil).Do(t.Context(), in)
		f := failureOf(t, err)
		assert.Equal(t, 1, f.Attempts)
		assert.False(t, f.MaybeApplied)
	}
	assert.EqualValues(t, 2, dials.n.Load())
}

type counter struct{ n atomic.Int32 }

func (c *counter) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c.n.Add(1)
	return (&net.Dialer{}).DialContext(ctx, network, addr)
}

func tlsServer(t *testing.T) (*httptest.Server, *counter) {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = quiet
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv, new(counter)
}
