package tokens

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/memnet"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// api is a client of the real pipeline over the real cache, before a server in memory.
type api struct {
	*transport.Client
	hits atomic.Int32
}

var (
	opGet  = &lockerline.Operation{Name: "things.get", Method: "GET", Path: "/v1/things", Scope: "a", Idempotent: true}
	opPost = &lockerline.Operation{Name: "things.create", Method: "POST", Path: "/v1/things", Scope: "a"}
)

func newAPI(t *testing.T, store *Store, h func(w http.ResponseWriter, bearer string, n int)) *api {
	t.Helper()
	a := new(api)
	base, _ := memnet.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h(w, r.Header.Get("Authorization"), int(a.hits.Add(1)))
	}))
	a.Client = newClient(t, base, store)
	return a
}

// newClient is a client of the real pipeline.
func newClient(t *testing.T, base http.RoundTripper, store *Store, opts ...lockerline.Option) *transport.Client {
	t.Helper()
	c, err := transport.New(&transport.Service{
		Name: "things", BaseURL: "http://localhost", BaseURLFrom: "the URL",
		Auth: func(http.RoundTripper, string) transport.Authorizer { return store },
	}, append([]lockerline.Option{lockerline.WithHTTPClient(&http.Client{Transport: base})}, opts...))
	require.NoError(t, err)
	return c
}

// one is a store of one cache.
func one(c *Cache) *Store { return storeOf(map[string]*Cache{"a": c}) }

func storeOf(caches map[string]*Cache) *Store {
	s := NewStore(nil)
	var list []scopeCache
	for scope, c := range caches {
		list = append(list, scopeCache{scope, c})
	}
	s.caches.Store(&list)
	return s
}

// The whole herd is refused with one token, some early and some late: all calls succeed,
// and one exchange serves them.
func TestStore_RevokedTokenIsRefreshedOnceForAll(t *testing.T) {
	t.Parallel()
	for _, op := range []*lockerline.Operation{opGet, opPost} {
		synctest.Test(t, func(t *testing.T) {
			i := &issue{life: time.Hour, takes: 20 * time.Millisecond}
			c := i.cache(t)
			accessOf(t, c)
			a := newAPI(t, one(c), func(w http.ResponseWriter, bearer string, n int) {
				if bearer == "Bearer token-1" {
					time.Sleep(time.Duration(n%7) * 30 * time.Millisecond)
					w.WriteHeader(401)
				}
			})
			var wg sync.WaitGroup
			for k := range 50 {
				wg.Go(func() {
					time.Sleep(time.Duration(k%5) * time.Millisecond)
					_, err := a.Do(t.Context(), transport.Call{Op: op})
					assert.NoError(t, err)
				})
			}
			wg.Wait()
			assert.Equal(t, 2, i.count())
		})
	}
}

func TestStore_TokenIsRefreshedOncePerCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: time.Hour}
		a := newAPI(t, one(i.cache(t)), func(w http.ResponseWriter, _ string, n int) { w.WriteHeader([]int{503, 401, 503, 401, 200}[n-1]) })
		_, err := a.Do(t.Context(), transport.Call{Op: opGet})
		f, ok := errors.AsType[*lockerline.Error](err)
		require.True(t, ok)
		assert.Equal(t, 401, f.StatusCode)
		assert.EqualValues(t, 4, a.hits.Load())
		assert.Equal(t, 2, i.count())
	})
}

func TestStore_AttemptCarriesTheTokenOfItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: 5 * time.Second}
		var bearers []string
		a := newAPI(t, one(i.cache(t)), func(w http.ResponseWriter, bearer string, n int) {
			bearers = append(bearers, bearer)
			if n < 3 {
				w.Header().Set("Retry-After", "20")
				w.WriteHeader(503)
			}
		})
		_, err := a.Do(t.Context(), transport.Call{Op: opGet})
		require.NoError(t, err)
		assert.Equal(t, []string{"Bearer token-1", "Bearer token-2", "Bearer token-3"}, bearers)
	})
}

func TestStore_ScopesHaveTheirOwnTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		caches := map[string]*Cache{}
		for _, scope := range []string{"a", "b"} {
			caches[scope] = (&issue{life: time.Hour}).cache(t)
		}
		first, err := caches["a"].Token(t.Context())
		require.NoError(t, err)
		auth := storeOf(caches)
		a, err := auth.Credential(t.Context(), "a")
		require.NoError(t, err)
		b, err := auth.Credential(t.Context(), "b")
		require.NoError(t, err)
		assert.NotSame(t, a, b)
		auth.Reject("b", a)
		again, err := auth.Credential(t.Context(), "a")
		require.NoError(t, err)
		assert.Same(t, a, again, "a refusal in one scope says nothing about another")
		auth.Reject("a", a)
		second, err := caches["a"].Token(t.Context())
		require.NoError(t, err)
		assert.NotSame(t, first, second)
	})
}

func TestStore_TokenFailureIsNotRepeatedByThePipeline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := serve(t, says(401, "application/json", `{"error":"invalid_client"}`))
		c := NewCache(e.Exchange)
		defer c.Close()
		a := newAPI(t, one(c), func(http.ResponseWriter, string, int) {})
		_, err := a.Do(t.Context(), transport.Call{Op: opPost})
		f, ok := errors.AsType[*lockerline.Error](err)
		require.True(t, ok)
		_, ok = f.Err.(*lockerline.AuthError)
		assert.True(t, ok, "%T", f.Err)
		assert.False(t, f.MaybeApplied)
		assert.Zero(t, a.hits.Load())
		assert.Len(t, e.asked(), 1)
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "s3cr")
	})
}

// A user may allow an attempt less than the token endpoint takes: the attempt ends, the
// exchange goes on, and the next attempt finds its token.
func TestStore_SlowTokenOutlivesTheAttempt(t *testing.T) {
	t.Parallel()
	for _, op := range []*lockerline.Operation{opGet, opPost} {
		synctest.Test(t, func(t *testing.T) {
			i := &issue{life: time.Hour, takes: 3 * time.Second}
			c := i.cache(t)
			base, _ := memnet.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			cl := newClient(t, base, one(c), lockerline.WithAttemptTimeout(2*time.Second))
			res, err := cl.Do(t.Context(), transport.Call{Op: op})
			require.NoError(t, err)
			assert.Equal(t, 2, res.Attempts)
			assert.Equal(t, 1, i.count())
		})
	}
}

func TestStore_DeadlineOfACallBoundsItsWaitForAToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: time.Hour, takes: 5 * time.Second}
		a := newAPI(t, one(i.cache(t)), func(http.ResponseWriter, string, int) {})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		started := time.Now()
		_, err := a.Do(ctx, transport.Call{Op: opPost})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 100*time.Millisecond, time.Since(started))
		f, _ := errors.AsType[*lockerline.Error](err)
		assert.False(t, f.MaybeApplied)
	})
}

func TestStore_CallOnAClosedCacheSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := (&issue{life: time.Hour}).cache(t)
		c.Close()
		a := newAPI(t, one(c), func(http.ResponseWriter, string, int) {})
		_, err := a.Do(t.Context(), transport.Call{Op: opGet})
		require.ErrorIs(t, err, lockerline.ErrClosed)
		assert.Zero(t, a.hits.Load())
	})
}
