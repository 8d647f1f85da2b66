package tokens

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

func TestCache_CloseEndsEverything(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the bubble fails when a goroutine is left
		i := &issue{life: time.Minute, takes: time.Hour}
		c := NewCache(i.exchange)
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				_, err := c.Token(t.Context())
				assert.ErrorIs(t, err, lockerline.ErrClosed)
			})
		}
		synctest.Wait()
		started := time.Now()
		c.Close()
		wg.Wait()
		assert.Zero(t, time.Since(started))
		_, err := c.Token(t.Context())
		require.ErrorIs(t, err, lockerline.ErrClosed)
		c.Close()
		assert.Equal(t, 1, i.count())
	})
}

func TestCache_ServesNoTokenAfterClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: time.Minute}
		c := NewCache(i.exchange)
		accessOf(t, c)
		c.Close()
		_, err := c.Token(t.Context())
		assert.ErrorIs(t, err, lockerline.ErrClosed)
	})
}

// An exchange that succeeds just as the cache is closed must not bring it back to life.
func TestCache_ExchangeThatEndsDuringCloseIsDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := NewCache(func(ctx context.Context) (*Token, error) {
			<-ctx.Done()
			time.Sleep(time.Second) // the answer was on its way
			return &Token{Access: "late", Expiry: time.Now().Add(time.Hour), Lifetime: time.Hour}, nil
		})
		go func() {
			_, err := c.Token(t.Context())
			assert.ErrorIs(t, err, lockerline.ErrClosed)
		}()
		synctest.Wait()
		c.Close()
		_, err := c.Token(t.Context())
		require.ErrorIs(t, err, lockerline.ErrClosed)
	})
}

func TestCache_CloseEndsARefreshInTheBackground(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		i := &issue{life: 5 * time.Minute}
		c := NewCache(i.exchange)
		accessOf(t, c)
		time.Sleep(271 * time.Second)
		i.takes = time.Hour
		accessOf(t, c)
		synctest.Wait()
		assert.Equal(t, 2, i.count())
		started := time.Now()
		c.Close()
		assert.Zero(t, time.Since(started))
	})
}

func TestCache_CloseAndTokenMayRace(t *testing.T) {
	t.Parallel()
	for range 50 {
		i := &issue{life: time.Minute}
		c := NewCache(i.exchange)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				tok, err := c.Token(t.Context())
				assert.True(t, (tok == nil) == (err != nil))
			})
		}
		wg.Go(c.Close)
		wg.Wait()
		_, err := c.Token(t.Context())
		assert.ErrorIs(t, err, lockerline.ErrClosed)
	}
}
