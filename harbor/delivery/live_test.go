package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/internal/racetest"
)

// heard is what an application was told, across all the processes that told it.
type heard struct {
	mu      sync.Mutex
	rng     *rand.Rand
	last    map[string]int64 // the newest notice of a delivery that was acknowledged
	twice   int
	wrong   []string
	process *process
}

// hook fails now and then, and refuses what comes out of order.
func (h *heard) hook(_ context.Context, n delivery.Notice) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch last := h.last[n.Reference]; {
	case h.process.dead():
		return errKilled // the process that calls is no more
	case n.Seq <= last:
		h.twice++
	case n.Seq > last+1:
		h.wrong = append(h.wrong, fmt.Sprintf("%s: %d after %d", n.Reference, n.Seq, last))
	}
	if h.rng.IntN(5) == 0 {
		return errors.New("the application is busy")
	}
	h.last[n.Reference] = max(h.last[n.Reference], n.Seq)
	if h.rng.IntN(20) == 0 {
		h.process.steps.Store(-1) // killed before it could acknowledge
	}
	return nil
}

// Processes that run are killed at random, with everything that may go wrong on the way to
// Harbor, while parcels go in and out. Whatever happened must have been told, in order.
func TestWithNotify_EveryNoticeComesInOrderWhenTheProcessDies(t *testing.T) {
	t.Parallel()
	twice, notices := 0, int64(0)
	worlds := uint64(12)
	if testing.Short() || racetest.Enabled {
		worlds = 4
	}
	for seed := range worlds {
		synctest.Test(t, func(t *testing.T) {
			h := &heard{rng: rand.New(rand.NewPCG(seed, 3)), last: map[string]int64{}}
			hooks := delivery.WithNotify(h.hook)
			w := newWorld(3000+seed, 20, rules{options: []delivery.Option{hooks}})
			defer w.close()
			h.process = w.process
			ctx := context.Background()
			stop := w.keepRunning(ctx)
			for range 400 {
				w.act(ctx, w.orders[w.rng.IntN(len(w.orders))])
				time.Sleep(time.Duration(w.rng.IntN(8)) * time.Second)
				if w.process.dead() {
					stop()
					_ = w.process.client.Close()
					w.process = w.spawn(100 + w.rng.IntN(2000))
					h.mu.Lock()
					h.process = w.process
					h.mu.Unlock()
					stop = w.keepRunning(ctx)
				}
			}
			stop()
			w.calm(ctx)
			h.process = &process{} // not to be killed any more
			h.process.steps.Store(1 << 40)
			stop = w.keepRunning(ctx)
			time.Sleep(time.Hour)
			stop()
			assert.Empty(t, h.wrong)
			for _, o := range w.orders {
				d, err := w.get(ctx, o.reference)
				if err != nil {
					continue
				}
				require.Empty(t, d.Outbox, "%s is owed", o.reference)
				assert.Equal(t, d.Notices, h.last[o.reference], o.reference)
				notices += d.Notices
			}
			assert.Empty(t, w.judge(ctx, seed).violated)
			twice += h.twice
		})
	}
	t.Logf("%d notices, %d of them more than once", notices, twice)
	assert.Positive(t, twice)
}

// keepRunning lets the process run until it is stopped.
func (w *world) keepRunning(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	p := w.process
	go func() {
		defer close(done)
		_ = p.Run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}
