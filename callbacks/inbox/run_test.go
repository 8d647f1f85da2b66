package inbox_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

func TestRun_GroupIsSerialAndGroupsAreConcurrent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, inbox.NewMemory())
		b.accept(move{Parcel: "a", Minute: 2}, move{Parcel: "a", Minute: 1}, move{Parcel: "b", Minute: 1}, move{Parcel: "a", Minute: 3})
		start := time.Now()
		stop := b.run(func(context.Context, inbox.Event[move]) error {
			time.Sleep(time.Second)
			return nil
		})
		synctest.Wait()
		assert.ElementsMatch(t, []string{"a1", "b1"}, b.handled(), "both groups begin at once")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"a2", "a3"}, b.handled()[2:])
		assert.Zero(t, b.stats().Depth)
		assert.Equal(t, 3*time.Second, time.Since(start))
		require.NoError(t, stop())
	})
}

func TestRun_NewCallbackIsHandedOverAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, inbox.NewMemory())
		stop := b.run(nil, inbox.WithPoll(time.Hour))
		synctest.Wait()
		start := time.Now()
		b.accept(move{Parcel: "a"})
		synctest.Wait()
		assert.Equal(t, []string{"a0"}, b.handled())
		assert.Zero(t, time.Since(start))
		require.NoError(t, stop())
	})
}

func TestRun_FailingGroupWaitsWhileOthersGoOn(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(){
		"error": func() {},
		"panic": func() { panic("no\nluck") },
		"exit":  runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, inbox.NewMemory())
				var began []time.Duration
				start := time.Now()
				b.accept(move{Parcel: "a", Minute: 1}, move{Parcel: "a", Minute: 2}, move{Parcel: "b", Minute: 1})
				stop := b.run(func(_ context.Context, e inbox.Event[move]) error {
					if e.Value.Parcel == "a" && e.Value.Minute == 1 {
						assert.Equal(t, len(began)+1, e.Attempt)
						began = append(began, time.Since(start))
						if len(began) < 4 {
							fail()
							return errors.New("no luck")
						}
					}
					return nil
				}, inbox.WithPoll(time.Hour))
				time.Sleep(500 * time.Millisecond)
				synctest.Wait()
				assert.ElementsMatch(t, []string{"a1", "b1"}, b.handled())
				require.NotEmpty(t, b.list()[0].LastError)
				assert.NotContains(t, b.list()[0].LastError, "\n")
				time.Sleep(time.Minute)
				synctest.Wait()
				assert.Equal(t, []string{"a1", "a1", "a1", "a2"}, b.handled()[2:])
				for i, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
					assert.InDelta(t, want, began[i+1]-began[i], float64(want)/5, "pause %d", i+1)
				}
				require.NoError(t, stop())
			})
		})
	}
}

func TestRun_LastTryMakesADeadLetter(t *testing.T) {
	t.Parallel()
	for _, hold := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var dead []inbox.Handled
			b := newBench(t, inbox.NewMemory(), inbox.WithObserver(inbox.Observer{
				Dead: func(_ context.Context, i inbox.Handled) { dead = append(dead, i) },
			}))
			b.accept(move{Parcel: "a", Minute: 1}, move{Parcel: "a", Minute: 2})
			luck := false
			opts := []inbox.RunOption{inbox.WithTries(3), inbox.WithBackoff(time.Second, time.Second)}
			if hold {
				opts = append(opts, inbox.WithHold())
			}
			stop := b.run(func(_ context.Context, e inbox.Event[move]) error {
				if e.Value.Minute == 1 && !luck {
					return errors.New("no luck")
				}
				return nil
			}, opts...)
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Len(t, dead, 1)
			assert.Equal(t, 3, dead[0].Attempt)
			entries := b.list(inbox.StateDead)
			require.Len(t, entries, 1)
			assert.Equal(t, "no luck", entries[0].LastError)

			want := []string{"a1", "a1", "a1"}
			if !hold {
				want = append(want, "a2")
			}
			assert.Equal(t, want, b.handled())
			luck = true
			done, err := inbox.Requeue(t.Context(), b.box, moves, entries[0].ID)
			require.NoError(t, err)
			assert.Equal(t, inbox.Requeued{Waiting: 1}, done)
			synctest.Wait()
			want = append(want, "a1")
			if hold {
				want = append(want, "a2")
			}
			assert.Equal(t, want, b.handled())
			again := slices.IndexFunc(b.events[1:], func(e inbox.Event[move]) bool { return e.Attempt == 1 && e.Value.Minute == 1 })
			assert.Equal(t, !hold, b.events[again+1].Late, "late unless the group waited")
			require.NoError(t, stop())
		})
	}
}

func TestPermanent_ErrorIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, inbox.NewMemory())
		b.accept(move{Parcel: "a"})
		stop := b.run(func(context.Context, inbox.Event[move]) error {
			return inbox.Permanent(errors.New("never"))
		})
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Equal(t, []string{"a0"}, b.handled())
		assert.Equal(t, 1, b.stats().Dead)
		require.NoError(t, stop())
	})
	require.NoError(t, inbox.Permanent(nil))
}

func TestEvent_LateAndAmendedChangesAreFlagged(t *testing.T) {
	t.Parallel()
	for _, skip := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, inbox.NewMemory())
			var opts []inbox.RunOption
			if skip {
				opts = append(opts, inbox.WithoutLate())
			}
			stop := b.run(nil, opts...)
			for _, m := range []move{{"a", 5, ""}, {"a", 5, "more"}, {"a", 3, ""}, {"a", 6, ""}} {
				b.accept(m)
				synctest.Wait()
			}
			var got []string
			for _, e := range b.events {
				got = append(got, map[[2]bool]string{{}: "plain", {true, false}: "late", {false, true}: "amended"}[[2]bool{e.Late, e.Amended}])
			}
			if skip {
				assert.Equal(t, []string{"plain", "amended", "plain"}, got)
			} else {
				assert.Equal(t, []string{"plain", "amended", "late", "plain"}, got)
			}
			assert.Len(t, b.list(inbox.StateHandled), 4)
			require.NoError(t, stop())
		})
	}
}

func TestRun_UnreadableChangeIsADeadLetter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, inbox.NewMemory())
		d := delivery(move{Parcel: "a"})
		d.Raw = []byte("{")
		_, err := b.sink.Accept(t.Context(), d)
		require.NoError(t, err)
		b.accept(move{Parcel: "a", Minute: 1})
		stop := b.run(nil)
		synctest.Wait()
		assert.Equal(t, []string{"a1"}, b.handled())
		require.Len(t, b.list(inbox.StateDead), 1)
		assert.Contains(t, b.list(inbox.StateDead)[0].LastError, "cannot be read any more")
		require.NoError(t, stop())
	})
}

func TestRun_CallbackThatKillsTheProcessBecomesADeadLetter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := inbox.NewMemory()
		b := newBench(t, m)
		b.accept(move{Parcel: "a"})
		for range 3 { // each time the process died
			_, err := m.Claim(t.Context(), moves.Name, 1, time.Nanosecond)
			require.NoError(t, err)
			time.Sleep(time.Millisecond)
		}
		stop := b.run(nil, inbox.WithTries(3))
		synctest.Wait()
		assert.Empty(t, b.handled())
		require.Len(t, b.list(inbox.StateDead), 1)
		assert.Contains(t, b.list(inbox.StateDead)[0].LastError, "3 tries, the last of which never ended")
		require.NoError(t, stop())
	})
}

func TestValues_PassesTheDecodedValue(t *testing.T) {
	t.Parallel()
	e := inbox.Event[move]{Received: delivery(move{Parcel: "a"})}
	require.NoError(t, inbox.Values(func(_ context.Context, m move) error {
		assert.Equal(t, "a", m.Parcel)
		return nil
	})(t.Context(), e))
}
