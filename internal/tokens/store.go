package tokens

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// Store has one cache for each scope set that was asked for, and hands their credentials
// to the transport. Every call looks here, so the list is never changed, only replaced,
// and looking takes no lock. It is short: a map would take longer.
type Store struct {
	exchange func(scopes []string) Exchange
	caches   atomic.Pointer[[]scopeCache]
	mu       sync.Mutex // held to replace the list
	closed   bool
}

type scopeCache struct {
	scope string
	cache *Cache
}

// NewStore returns an empty store whose caches use exchange. Close ends what they may have
// running.
func NewStore(exchange func(scopes []string) Exchange) *Store { return &Store{exchange: exchange} }

// ScopeSet is the canonical text of a set of scopes: the order asked in does not make
// another token.
func ScopeSet(scopes ...string) string {
	if len(scopes) == 1 && !strings.Contains(scopes[0], " ") {
		return scopes[0]
	}
	set := map[string]bool{}
	for _, s := range scopes {
		for one := range strings.FieldsSeq(s) {
			set[one] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(set)), " ")
}

// Cache returns the cache for a scope set, as ScopeSet spells it: always the same one for
// the same set.
func (s *Store) Cache(scope string) *Cache {
	if c := s.find(scope); c != nil {
		return c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.find(scope); c != nil {
		return c
	}
	c := NewCache(s.exchange(strings.Fields(scope)))
	if s.closed {
		c.Close()
	}
	more := append(slices.Clone(s.all()), scopeCache{scope, c})
	s.caches.Store(&more)
	return c
}

func (s *Store) find(scope string) *Cache {
	for _, e := range s.all() {
		if e.scope == scope {
			return e.cache
		}
	}
	return nil
}

func (s *Store) all() []scopeCache {
	if list := s.caches.Load(); list != nil {
		return *list
	}
	return nil
}

// Close closes every cache. A later call fails, for want of a token.
func (s *Store) Close() {
	s.mu.Lock()
	s.closed = true
	list := s.all()
	s.mu.Unlock()
	for _, e := range list {
		e.cache.Close()
	}
}

// Credential returns the header for a scope set.
func (s *Store) Credential(ctx context.Context, scope string) (*transport.Credential, error) {
	t, err := s.Cache(scope).Token(ctx)
	if err != nil {
		return nil, err
	}
	return t.credential, nil
}

// Reject drops the token behind c, if it is still in use.
func (s *Store) Reject(scope string, c *transport.Credential) bool {
	cache := s.Cache(scope)
	if t := cache.current.Load(); t != nil && t.credential == c {
		cache.Reject(t)
	}
	return true
}
