package harbor

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/internal/tokens"
)

// authorizer is what each call of a client asks for its credential, with a token in hand.
func authorizer(tb testing.TB) tokens.Authorizer {
	tb.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"access_token":"x","token_type":"Bearer","expires_in":3600}`))
	}))
	tb.Cleanup(srv.Close)
	c, err := NewClient(Environment{APIURL: srv.URL, TokenURL: srv.URL + "/token"}, Credentials{ClientID: "id", ClientSecret: "s3cret"})
	require.NoError(tb, err)
	tb.Cleanup(func() { assert.NoError(tb, c.Close()) })
	auth := tokens.Authorizer{Cache: c.shared.tokens.cache}
	_, err = auth.Credential(tb.Context(), string(ScopeServiceProvider))
	require.NoError(tb, err)
	return auth
}

func TestTokenInHandCostsNoAllocation(t *testing.T) {
	auth := authorizer(t)
	ctx := t.Context()
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		if _, err := auth.Credential(ctx, string(ScopeServiceProvider)); err != nil {
			t.Error(err)
		}
	}))
}

// BenchmarkTokenInHand is what each call pays for its token, all callers at once.
func BenchmarkTokenInHand(b *testing.B) {
	auth := authorizer(b)
	ctx := b.Context()
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := auth.Credential(ctx, string(ScopeServiceProvider)); err != nil {
				b.Error(err)
			}
		}
	})
}

// All who ask for a scope set get the same cache, however they meet, or there would be
// more exchanges than scope sets.
func TestScopeSetHasOneCacheHoweverManyAsk(t *testing.T) {
	t.Parallel()
	for range 50 {
		s := tokenStore{exchange: func([]string) tokens.Exchange { return nil }}
		found := make([]*tokens.Cache, 16)
		var wg sync.WaitGroup
		for i := range found {
			wg.Go(func() { found[i] = s.cache([]string{"a", "b"}[i%2]) })
		}
		wg.Wait()
		s.close()
		for i, c := range found {
			assert.Same(t, found[i%2], c)
			assert.Same(t, c, s.cache([]string{"a", "b"}[i%2]))
		}
		assert.NotSame(t, found[0], found[1])
		_, err := s.cache("c").Token(t.Context())
		assert.ErrorIs(t, err, tokens.ErrClosed, "a cache made after Close is closed")
	}
}
