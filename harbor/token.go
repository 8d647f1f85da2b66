package harbor

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/oauth2"

	"github.com/lockerline/lockerline-go/internal/tokens"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Token returns an access token good for the given scopes, from the client's cache or,
// when that has none with enough life left, from Harbor. A token for ScopeTowerAccess is
// what the mobile SDK on a phone wants. Tokens live 300 s (vendor page); hand out one you
// just got. The value is the caller's own; printing it prints the token.
//
// Waiting ends with ctx. Errors are *Error with an *AuthError in it. Safe to repeat.
func (c *Client) Token(ctx context.Context, scopes ...Scope) (*oauth2.Token, error) {
	if len(scopes) == 0 {
		return nil, &ArgumentError{Op: opToken.Name, Fields: []FieldError{{Field: "scopes", Message: "at least one scope is needed"}}}
	}
	t, err := c.shared.tokens.cache(scopeSet(scopes)).Token(ctx)
	if err != nil {
		return nil, newError(&transport.Failure{Op: opToken, Attempts: 1, Cause: err})
	}
	return &oauth2.Token{AccessToken: t.Access, TokenType: t.Type, Expiry: t.Expiry, ExpiresIn: int64(t.Lifetime.Seconds())}, nil
}

// TokenSource returns a source over the same cache, for code that wants an
// oauth2.TokenSource. Each of its calls waits no longer than ctx.
func (c *Client) TokenSource(ctx context.Context, scopes ...Scope) oauth2.TokenSource {
	return tokenSource{ctx, c, slices.Clone(scopes)}
}

type tokenSource struct {
	ctx    context.Context
	client *Client
	scopes []Scope
}

func (s tokenSource) Token() (*oauth2.Token, error) { return s.client.Token(s.ctx, s.scopes...) }

var opToken = &transport.Operation{Name: "token", Method: "POST", Path: tokenPath, Idempotent: true}

// scopeSet is the canonical text of a set of scopes: the order asked in does not make
// another token.
func scopeSet(scopes []Scope) string {
	if len(scopes) == 1 {
		return string(scopes[0])
	}
	set := map[string]bool{}
	for _, s := range scopes {
		for one := range strings.FieldsSeq(string(s)) {
			set[one] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(set)), " ")
}

// tokenStore has one cache for each scope set that was asked for.
type tokenStore struct {
	exchange func(scopes []string) tokens.Exchange
	mu       sync.RWMutex
	caches   map[string]*tokens.Cache
	closed   bool
}

func (s *tokenStore) cache(scope string) *tokens.Cache {
	s.mu.RLock()
	c := s.caches[scope]
	s.mu.RUnlock()
	if c != nil {
		return c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c = s.caches[scope]; c == nil {
		c = tokens.NewCache(s.exchange(strings.Fields(scope)))
		if s.closed {
			c.Close()
		}
		if s.caches == nil {
			s.caches = map[string]*tokens.Cache{}
		}
		s.caches[scope] = c
	}
	return c
}

func (s *tokenStore) close() {
	s.mu.Lock()
	s.closed = true
	caches := slices.Collect(maps.Values(s.caches))
	s.mu.Unlock()
	for _, c := range caches {
		c.Close()
	}
}
