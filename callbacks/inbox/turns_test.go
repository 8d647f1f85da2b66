package inbox

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUrgentTurnsComeFirstButStarveNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var turn turns
		require.NoError(t, turn.take(t.Context(), false))
		var order string
		for _, c := range "ppuuuuuu" {
			go func() {
				assert.NoError(t, turn.take(t.Context(), c == 'u'))
				order += string(c)
				turn.give()
			}()
			synctest.Wait()
		}
		turn.give()
		synctest.Wait()
		assert.Equal(t, "uuuupuup", order)
		require.NoError(t, turn.take(t.Context(), true))
	})
}

func TestTurnThatIsNotWaitedForGoesToTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var turn turns
		require.NoError(t, turn.take(t.Context(), true))
		ctx, cancel := context.WithCancel(t.Context())
		for range 3 {
			go func() { assert.ErrorIs(t, turn.take(ctx, true), context.Canceled) }()
		}
		got := false
		go func() { got = turn.take(t.Context(), false) == nil }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		turn.give()
		synctest.Wait()
		assert.True(t, got)
	})
}
