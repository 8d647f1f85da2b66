package tokens

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lockerline/lockerline-go"
)

// All who ask for a scope set get the same cache, however they meet, or there would be
// more exchanges than scope sets.
func TestStore_ScopeSetHasOneCacheHoweverManyAsk(t *testing.T) {
	t.Parallel()
	for range 50 {
		s := NewStore(func([]string) Exchange { return nil })
		found := make([]*Cache, 16)
		var wg sync.WaitGroup
		for i := range found {
			wg.Go(func() { found[i] = s.Cache([]string{"a", "b"}[i%2]) })
		}
		wg.Wait()
		s.Close()
		for i, c := range found {
			assert.Same(t, found[i%2], c)
			assert.Same(t, c, s.Cache([]string{"a", "b"}[i%2]))
		}
		assert.NotSame(t, found[0], found[1])
		_, err := s.Cache("c").Token(t.Context())
		assert.ErrorIs(t, err, lockerline.ErrClosed, "a cache made after Close is closed")
	}
}
