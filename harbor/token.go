package harbor

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

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

// tokenStore has one cache for each scope set that was asked for. Every call looks here,
// so the list is never changed, only replaced, and looking takes no lock. It is short: a
// map would take longer.
type tokenStore struct {
	exchange func(scopes []string) tokens.Exchange
	caches   atomic.Pointer[[]scopeCache]
	mu       sync.Mutex // of whoever replaces the list
	closed   bool
}

type scopeCache struct {
	scope string
	cache *tokens.Cache
}

func (s *tokenStore) cache(scope string) *tokens.Cache {
	if c := s.find(scope); c != nil {
		return c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.find(scope); c != nil {
		return c
	}
	c := tokens.NewCache(s.exchange(strings.Fields(scope)))
	if s.closed {
		c.Close()
	}
	more := append(slices.Clone(s.all()), scopeCache{scope, c})
	s.caches.Store(&more)
	return c
}

func (s *tokenStore) find(scope string) *tokens.Cache {
	for _, e := range s.all() {
		if e.scope == scope {
			return e.cache
		}
	}
	return nil
}

func (s *tokenStore) all() []scopeCache {
	if list := s.caches.Load(); list != nil {
		return *list
	}
	return nil
}

func (s *tokenStore) close() {
	s.mu.Lock()
	s.closed = true
	list := s.all()
	s.mu.Unlock()
	for _, e := range list {
		e.cache.Close()
	}
}
