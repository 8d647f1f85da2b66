package sqlstore

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWriteLock_UrgentWritersComeFirstAndStarveNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var lock writeLock
		require.NoError(t, lock.take(t.Context(), false))
		var order string
		for _, c := range "ppuuuuuu" {
			go func() {
				assert.NoError(t, lock.take(t.Context(), c == 'u'))
				order += string(c)
				lock.release()
			}()
			synctest.Wait()
		}
		lock.release()
		synctest.Wait()
		assert.Equal(t, "uuuupuup", order)
		require.NoError(t, lock.take(t.Context(), true))
	})
}

func TestWriteLock_AbandonedTurnGoesToTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var lock writeLock
		require.NoError(t, lock.take(t.Context(), true))
		ctx, cancel := context.WithCancel(t.Context())
		for range 3 {
			go func() { assert.ErrorIs(t, lock.take(ctx, true), context.Canceled) }()
		}
		got := false
		go func() { got = lock.take(t.Context(), false) == nil }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		lock.release()
		synctest.Wait()
		assert.True(t, got)
	})
}
