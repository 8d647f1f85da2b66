package inbox_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

func TestRequeue_QuarantinedBodyIsReadAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, inbox.NewMemory())
		b.accept(move{Parcel: "a", Minute: 1})
		for _, raw := range []string{`a 2`, `a 1`, `?`} {
			_, err := b.sink.Accept(t.Context(), broken(raw))
			require.NoError(t, err)
		}
		var ids []int64
		for _, e := range b.list(inbox.StateQuarantined) {
			ids = append(ids, e.ID)
		}
		done, err := inbox.Requeue(t.Context(), b.box, moves, ids...)
		require.NoError(t, err)
		assert.Equal(t, inbox.Requeued{Unreadable: ids}, done, "not yet")

		updated := moves
		updated.Decode = func(raw []byte) (m move, err error) {
			if m, err = moves.Decode(raw); err == nil {
				return m, nil
			}
			switch string(raw) {
			case "a 2":
				return move{Parcel: "a", Minute: 2}, nil
			case "a 1":
				return move{Parcel: "a", Minute: 1}, nil
			}
			return m, err
		}
		done, err = inbox.Requeue(t.Context(), b.box, updated, ids...)
		require.NoError(t, err)
		assert.Equal(t, inbox.Requeued{Waiting: 1, Duplicates: 1, Unreadable: ids[2:]}, done)

		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		var got []move
		go func() {
			ended <- inbox.Run(ctx, b.box, updated, inbox.Values(func(_ context.Context, m move) error {
				got = append(got, m)
				return nil
			}))
		}()
		synctest.Wait()
		stop()
		require.NoError(t, <-ended)
		assert.Equal(t, []move{{Parcel: "a", Minute: 1}, {Parcel: "a", Minute: 2}}, got)
		assert.Equal(t, inbox.Stats{Quarantined: 1}, b.stats())
	})
}

func TestRequeue_UnknownIDIsAnError(t *testing.T) {
	t.Parallel()
	b := newBench(t, inbox.NewMemory())
	b.accept(move{Parcel: "a"})
	_, err := inbox.Requeue(t.Context(), b.box, moves, 77)
	require.ErrorIs(t, err, inbox.ErrNotFound)
	other := moves
	other.Name = "other"
	_, err = inbox.Requeue(t.Context(), b.box, other, b.list()[0].ID)
	require.ErrorContains(t, err, "belongs to feed moves")
}

func TestRun_OldHandledCallbacksAreDeleted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, inbox.NewMemory())
		b.accept(move{Parcel: "a"}, move{Parcel: "b"})
		stop := b.run(func(_ context.Context, e inbox.Event[move]) error {
			if e.Value.Parcel == "b" {
				return inbox.Permanent(errors.New("never"))
			}
			return nil
		}, inbox.WithPoll(time.Hour))
		time.Sleep(inbox.DefaultRetention - time.Minute)
		out, err := b.sink.Accept(t.Context(), delivery(move{Parcel: "a"}))
		require.NoError(t, err)
		assert.Equal(t, callbacks.OutcomeDuplicate, out)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		assert.Empty(t, b.list(inbox.StateHandled))
		assert.Len(t, b.list(inbox.StateDead), 1, "a dead letter is kept")
		require.NoError(t, stop())
	})
}

func TestPrune_DeletesAllInSmallSteps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, inbox.NewMemory(), inbox.WithRetention(0))
		for i := range 1200 {
			b.accept(move{Parcel: "a", Minute: i})
		}
		stop := b.run(nil)
		synctest.Wait()
		require.NoError(t, stop())
		time.Sleep(time.Hour)
		n, err := b.box.Prune(t.Context(), time.Minute)
		require.NoError(t, err)
		assert.Equal(t, 1200, n)
		_, err = b.box.Prune(t.Context(), -time.Minute)
		require.Error(t, err)
	})
}

func TestResume_WakesTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, inbox.NewMemory())
		b.accept(move{Parcel: "a", Minute: 1}, move{Parcel: "a", Minute: 2})
		stop := b.run(func(_ context.Context, e inbox.Event[move]) error {
			if e.Value.Minute == 1 {
				return inbox.Permanent(errors.New("never"))
			}
			return nil
		}, inbox.WithHold(), inbox.WithPoll(time.Hour))
		synctest.Wait()
		assert.Equal(t, 1, b.stats().Held)
		require.NoError(t, b.box.Resume(t.Context(), moves.Name, "a"))
		synctest.Wait()
		assert.Equal(t, []string{"a1", "a2"}, b.handled())
		require.NoError(t, stop())
	})
}
