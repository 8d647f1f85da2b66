package harbor_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// moment is a locker's true state from a time on.
type moment struct {
	at     time.Time
	status harbor.LockerStatus
	owner  string
}

// truth is what really became of a locker, which no watcher sees whole.
type truth []moment

// during returns the states of the locker between two times.
func (h truth) during(from, to time.Time) truth {
	first := 0
	for i, m := range h {
		if !m.at.After(from) {
			first = i
		}
	}
	last := slices.IndexFunc(h, func(m moment) bool { return m.at.After(to) })
	if last < 0 {
		last = len(h)
	}
	return h[first:last]
}

func (h truth) was(ok func(moment) bool) bool { return slices.ContainsFunc(h, ok) }

func heldStatus(s harbor.LockerStatus) bool {
	return s == harbor.LockerStatusReserved || s == harbor.LockerStatusRented || s == harbor.LockerStatusOccupied
}

// withinRental reports whether a locker comes from one status to another before it is
// given back.
func withinRental(from, to harbor.LockerStatus) bool {
	path, ok := from.PathTo(to)
	for i := 0; ok && i < len(path)-1; i++ {
		from, _ = from.Next(path[i])
		ok = from != harbor.LockerStatusAvailable && from != harbor.LockerStatusOutOfService
	}
	return ok
}

// jitter makes answers late, each by another time: they are of the past.
type jitter struct {
	next http.RoundTripper
	mu   sync.Mutex
	dice *rand.Rand
}

func (j *jitter) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := j.next.RoundTrip(r)
	j.mu.Lock()
	d := time.Duration(j.dice.IntN(1500)) * time.Millisecond
	j.mu.Unlock()
	select {
	case <-time.After(d):
		return resp, err
	case <-r.Context().Done():
		if err == nil {
			_ = resp.Body.Close()
		}
		return nil, r.Context().Err()
	}
}

// walk lets a locker live at random while a wait is under way at random, and compares what the
// watcher concludes with the truth.
func walk(t *testing.T, seed uint64, rounds int) (conclusions map[string]int) {
	conclusions = map[string]int{}
	synctest.Test(t, func(t *testing.T) {
		dice := rand.New(rand.NewPCG(seed, 42))
		slow := func(next http.RoundTripper) http.RoundTripper {
			return &jitter{next: next, dice: rand.New(rand.NewPCG(seed, 7))}
		}
		quirks := harbortest.Quirks{ReleasedIsUnassigned: seed%2 == 1}
		w := watchThrough(t, time.Duration(1+dice.IntN(10))*time.Second, slow, harbortest.WithQuirks(quirks))
		var history truth
		var mu sync.Mutex
		set := func(s harbor.LockerStatus, owner string) {
			mu.Lock()
			defer mu.Unlock()
			w.set(free, s, owner)
			if !heldStatus(s) && s != harbor.LockerStatusReleased {
				owner = ""
			}
			history = append(history, moment{time.Now(), s, owner})
		}
		set(harbor.LockerStatusAvailable, "")
		if seed%3 == 0 { // a loop over Changes runs all the while
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				for range w.w.Changes(ctx) {
					continue
				}
			}()
		}
		for range rounds {
			want := harbor.LockerStatuses()
			dice.Shuffle(len(want), func(i, j int) { want[i], want[j] = want[j], want[i] })
			want = want[:1+dice.IntN(2)]
			if dice.IntN(2) == 0 {
				set(harbor.LockerStatusReserved, self)
			}
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			done := w.wait(ctx, free, want...)
			var end outcome
			for alive := true; alive; {
				select {
				case end = <-done:
					alive = false
				case <-time.After(time.Duration(1+dice.IntN(15_000)) * time.Millisecond):
					owner := []string{self, self, neighbour}[dice.IntN(3)]
					set(harbor.LockerStatuses()[dice.IntN(6)], owner)
					if dice.IntN(2) == 0 {
						w.w.Nudge(free)
					}
				}
			}
			cancel()
			mu.Lock()
			conclusions[check(t, history.during(began, end.at), want, end)]++
			mu.Unlock()
		}
	})
	return conclusions
}

// check says what the wait came to, and fails when the truth is otherwise.
func check(t *testing.T, real truth, want []harbor.LockerStatus, end outcome) string {
	t.Helper()
	mine := func(m moment) bool { return m.owner == self }
	switch {
	case end.err == nil && !end.Inferred:
		require.Contains(t, want, end.To)
		require.True(t, real.was(func(m moment) bool {
			return m.status == end.To && (mine(m) || !heldStatus(m.status))
		}), "never %s for us: %v", end.To, real)
		return "reached"
	case end.err == nil:
		require.Contains(t, want, harbor.LockerStatusAvailable)
		require.Equal(t, harbor.LockerStatusAvailable, end.To)
		require.True(t, real.was(func(m moment) bool { return !mine(m) }), "never out of our hands: %v", real)
		require.True(t, real.was(func(m moment) bool { return m.status == end.Seen }), "never %s: %v", end.Seen, real)
		return "inferred"
	case errors.Is(end.err, harbor.ErrUnreachable):
		unreachable := func(m moment) bool {
			return !mine(m) || !slices.ContainsFunc(want, func(to harbor.LockerStatus) bool { return withinRental(m.status, to) })
		}
		require.True(t, real.was(unreachable), "it could have become %v: %v", want, real)
		return "unreachable"
	default:
		require.ErrorIs(t, end.err, context.DeadlineExceeded)
		return "deadline"
	}
}

func TestWatcher_RandomLivesAreJudgedRightly(t *testing.T) {
	t.Parallel()
	total := map[string]int{}
	for seed := range uint64(12) {
		for k, n := range walk(t, seed, 40) {
			total[k] += n
		}
	}
	for _, k := range []string{"reached", "inferred", "unreachable", "deadline"} {
		require.Positive(t, total[k], "%v", total)
	}
}

func FuzzWatcher(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { walk(t, seed, 20) })
}
