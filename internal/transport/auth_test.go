package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rotating gives every request another credential.
type rotating struct{ n int }

func (a *rotating) Credential(_ context.Context, scope string) (*Credential, error) {
	a.n++
	return NewCredential("x-api-key", fmt.Sprintf("%s-%d", scope, a.n)), nil
}
func (*rotating) Reject(string, *Credential) bool { return true }

func TestAuthorizer_CredentialIsMadeAnewForEachAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got []string
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, n int) {
			got = append(got, r.Header.Get("X-Api-Key"))
			statuses(503, 503, 200)(w, r, n)
		}, withAuth(new(rotating)))
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, []string{"all-1", "all-2", "all-3"}, got)
	})
}

func TestAuthorizer_CredentialIsRenewedOncePerCall(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers         []int
		hits, rejected  int
		status, credits int
	}{
		"always 401":         {[]int{401}, 2, 1, 401, 2},
		"503, 401, 503, 401": {[]int{503, 401, 503, 401, 200}, 4, 2, 401, 2},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				k := new(keys)
				g := virtual(t, statuses(tc.answers...), withAuth(k))
				f := g.call(t, read())
				assert.Equal(t, tc.hits, g.hits())
				assert.Equal(t, tc.rejected, k.rejected)
				assert.Equal(t, tc.status, f.StatusCode)
				assert.Equal(t, tc.credits, k.n)
				assert.JSONEq(t, "{}", string(f.Body))
			})
		})
	}
}

func TestAuthorizer_FixedCredentialIsNotSentAgainAfter401(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, statuses(401))
		assert.Equal(t, 401, g.call(t, write()).StatusCode)
		assert.Equal(t, 1, g.hits())
	})
}

// same hands out an equal credential again, as a token endpoint with a cache does.
type same struct{}

func (same) Credential(context.Context, string) (*Credential, error) {
	return NewCredential("Authorization", "Bearer same"), nil
}
func (same) Reject(string, *Credential) bool { return true }

func TestAuthorizer_EqualCredentialIsNotSentAgainAfter401(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, statuses(401), withAuth(same{}))
		assert.Equal(t, 401, g.call(t, read()).StatusCode)
		assert.Equal(t, 1, g.hits())
	})
}

func TestAuthorizer_MissingCredentialIsNotRetriedAndSendsNothing(t *testing.T) {
	t.Parallel()
	for _, in := range []Call{read(), write()} {
		synctest.Test(t, func(t *testing.T) {
			wrong := errors.New("wrong secret")
			g := virtual(t, statuses(200), withAuth(noKey{wrong}))
			f := g.call(t, in)
			assert.Equal(t, wrong, f.Err, "as the packages above look for it")
			assert.Equal(t, 1, f.Attempts)
			assert.Zero(t, g.hits())
		})
	}
}

func TestAuthorizer_FailedRenewalIsTheErrorOfTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("token endpoint is down")
		g := virtual(t, statuses(401), withAuth(&keys{err: down}))
		f := g.call(t, read())
		assert.Equal(t, down, f.Err)
		assert.Equal(t, 1, g.hits())
		assert.Equal(t, 1, g.conns())
	})
}

func TestAuthorizer_CredentialNeverLeavesItsHost(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"http://evil.example", "https://localhost", "http://localhost:8080", "http://localhost.evil.example", "http://evil.example@127.0.0.1"} {
		for _, in := range []Call{read(), write()} {
			synctest.Test(t, func(t *testing.T) {
				g := virtual(t, statuses(200), withMiddleware(around(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
					u := *r.URL
					u.Scheme, u.Host, _ = strings.Cut(to, "://")
					r2 := r.Clone(r.Context())
					r2.URL = &u
					return next.RoundTrip(r2)
				})))
				f := g.call(t, in)
				require.ErrorIs(t, f, errForeignHost)
				assert.Equal(t, 1, f.Attempts)
				assert.Zero(t, g.hits())
			})
		}
	}
}

func TestAuthorizer_CredentialIsNotPrinted(t *testing.T) {
	t.Parallel()
	c := NewCredential("Authorization", "Bearer SECRET")
	holder := struct {
		C *Credential
		V Credential
	}{c, *c}
	var b strings.Builder
	for _, v := range []any{c, *c, holder, &holder, []*Credential{c}, map[string]*Credential{"a": c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
			fmt.Fprintf(&b, verb, v)
		}
		_ = json.NewEncoder(&b).Encode(v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "credential", v)
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "credential", v)
	}
	assert.NotContains(t, b.String(), "SECRET")
	assert.NotContains(t, b.String(), fmt.Sprintf("%x", "SECRET"))
	assert.NotContains(t, b.String(), fmt.Sprintf("%d", []byte("SECRET")))
}

func TestDo_HeadersOfOneRequestStayWithIt(t *testing.T) {
	t.Parallel()
	var seen []http.Header
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		seen = append(seen, r.Header)
		r.Header.Set("X-Base", "1")
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("{}"))}, nil
	})
	c := newTestClient(t, "https://api.example", base, nil)
	for range 2 {
		_, err := c.Do(t.Context(), read())
		require.NoError(t, err)
	}
	assert.NotContains(t, c.accept, "X-Base")
	assert.NotContains(t, c.accept, "Authorization")
	assert.Equal(t, []string{"application/json"}, seen[0]["Accept"])
	assert.Equal(t, []string{c.userAgent()}, seen[0]["User-Agent"])
	assert.NotContains(t, seen[0], "Content-Type", "there is no body")
}
