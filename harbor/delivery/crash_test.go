package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/internal/racetest"
)

// tally is what happened in a world, so that a test can show that it was worth its name.
type tally struct {
	orders, taken, kills, lost                            int
	spoiled, never, stored, collected, cancelled, expired int
	violated                                              []string
}

func (t *tally) add(o tally) {
	t.orders += o.orders
	t.taken += o.taken
	t.kills += o.kills
	t.lost += o.lost
	t.never += o.never
	t.spoiled += o.spoiled
	t.stored += o.stored
	t.collected += o.collected
	t.cancelled += o.cancelled
	t.expired += o.expired
	t.violated = append(t.violated, o.violated...)
}

func (t tally) String() string {
	return fmt.Sprintf("%d deliveries, %d kills, %d answers lost, %d lockers taken: %d never begun, %d stored, %d collected, %d cancelled, %d expired, %d spoiled",
		t.orders, t.kills, t.lost, t.taken, t.never, t.stored, t.collected, t.cancelled, t.expired, t.spoiled)
}

// playWorld plays one world to its end and says what was found wrong.
func playWorld(t *testing.T, seed uint64, n int, r rules) (out tally) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(seed, n, r)
		defer w.close()
		ctx := context.Background()
		w.play(ctx)
		w.calm(ctx)
		out = w.judge(ctx, seed)
	})
	return out
}

// get returns what is stored of a delivery.
func (w *world) get(ctx context.Context, reference string) (*delivery.Record, error) {
	r, err := w.store.Get(ctx, reference)
	if err != nil {
		return nil, err
	}
	return delivery.ReadRow(r)
}

// judge compares what is stored with the simulator's truth.
func (w *world) judge(ctx context.Context, seed uint64) tally {
	out := tally{orders: len(w.orders), taken: w.faulty.taken, kills: w.kills, lost: w.faulty.lost}
	wrong := func(format string, args ...any) {
		out.violated = append(out.violated, fmt.Sprintf("seed %d: ", seed)+fmt.Sprintf(format, args...))
	}
	for _, v := range w.faulty.violated {
		wrong("%s", v)
	}
	at := map[harbor.LockerRef]string{}
	for _, o := range w.orders {
		d, err := w.get(ctx, o.reference)
		if err == nil && w.faulty.spoiled[o.reference] {
			out.spoiled++
			if d.Claimed {
				at[d.Locker.Ref] = o.reference // stored, or in doubt as it should be
			}
			continue
		}
		if err != nil {
			if o.want != wantLocker && o.want != wantCancel {
				wrong("%s is gone: %v", o.reference, err)
			}
			out.never++
			continue
		}
		switch d.Phase {
		case delivery.PhaseStored:
			out.stored++
			at[d.Locker.Ref] = o.reference
			if !o.putIn || o.takenOut {
				wrong("%s is stored, but its parcel is not in (put in %v, taken out %v)", o.reference, o.putIn, o.takenOut)
			}
		case delivery.PhaseCollected:
			out.collected++
			if !o.putIn || !o.takenOut {
				wrong("%s is collected, but its parcel was put in: %v, taken out: %v", o.reference, o.putIn, o.takenOut)
			}
		case delivery.PhaseCancelled, delivery.PhaseExpired:
			out.cancelled++
			if d.Phase == delivery.PhaseExpired {
				out.cancelled--
				out.expired++
			}
			if o.putIn && !o.takenOut {
				wrong("%s is %s, but its parcel is in a locker", o.reference, d.Phase)
			}
		default:
			wrong("%s did not settle: it is %s, %q", o.reference, d.Phase, d.Why)
		}
		if o.takenOut && d.Phase != delivery.PhaseCollected {
			wrong("%s was collected, but it is %s", o.reference, d.Phase)
		}
	}
	for _, v := range w.srv.Snapshot() {
		if v.Owner == w.faulty.us && at[v.Ref] == "" {
			wrong("%s is %s in our name, and no delivery knows it (taken by %s)", v.Ref, v.Status, w.faulty.holder[v.Ref])
		}
		if at[v.Ref] != "" && !w.faulty.spoiled[at[v.Ref]] && (v.Owner != w.faulty.us || v.Status != harbor.LockerStatusOccupied) {
			wrong("%s is said to be in %s, which is %s", at[v.Ref], v.Ref, v.Status)
		}
	}
	return out
}

func TestManager_NoLockerIsLostOrTakenTwiceWhenTheProcessDies(t *testing.T) {
	t.Parallel()
	worlds := 100
	switch {
	case testing.Short():
		worlds = 12
	case racetest.Enabled:
		worlds = 40
	}
	const groups = 4 // at once
	var all [groups]tally
	t.Run("worlds", func(t *testing.T) {
		for g := range groups {
			t.Run(fmt.Sprint(g), func(t *testing.T) {
				t.Parallel()
				for seed := g; seed < worlds && all[g].violated == nil; seed += groups {
					all[g].add(playWorld(t, uint64(seed), 30, rules{}))
				}
			})
		}
	})
	var sum tally
	for _, one := range all {
		sum.add(one)
	}
	t.Log(sum)
	assert.Less(t, sum.spoiled, sum.orders/50)
	assert.Empty(t, sum.violated)
}
