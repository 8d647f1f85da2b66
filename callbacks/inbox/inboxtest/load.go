package inboxtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// nothingIsLostUnderLoad handles each change once, in its order or flagged late, while
// senders repeat and reorder and some handlers fail.
func nothingIsLostUnderLoad(t storeTest, s inbox.Store) {
	const groups, changes, senders, handlers = 12, 15, 4, 4
	var sending, handling sync.WaitGroup
	var sent atomic.Bool
	for sender := range senders {
		sending.Go(func() {
			var mine []callbacks.Record
			for g := sender; g < groups; g += senders {
				for c := range changes {
					mine = append(mine, change(fmt.Sprint("group ", g), c))
				}
			}
			mine = append(mine, mine[:len(mine)/10]...)
			rng := rand.New(rand.NewPCG(1, uint64(sender)))
			rng.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
			for batch := range slices.Chunk(mine, 5) {
				if _, err := s.Put(t.ctx, batch); err != nil {
					t.Errorf("Put: %v", err)
				}
			}
		})
	}
	log := handLog{newest: make(map[string]time.Time), times: make(map[callbacks.Key]int)}
	for range handlers {
		handling.Go(func() {
			for !t.Failed() && t.ctx.Err() == nil {
				finished := sent.Load()
				items, err := s.Claim(t.ctx, storeFeed, 3, longLease)
				if err != nil {
					t.Errorf("Claim: %v", err)
					return
				}
				for _, item := range items {
					log.handle(t, s, item)
				}
				if finished && len(items) == 0 && t.stats(s).Depth == 0 {
					return
				}
			}
		})
	}
	sending.Wait()
	sent.Store(true)
	handling.Wait()
	log.check(t, groups*changes)
}

// handLog records what was handed over.
type handLog struct {
	mu     sync.Mutex
	newest map[string]time.Time // by group
	times  map[callbacks.Key]int
}

func (h *handLog) handle(t storeTest, s inbox.Store, item inbox.Item) {
	if item.Attempt == 1 && item.Key[0]%8 == 0 {
		if err := s.Retry(t.ctx, item.Lease, time.Millisecond, "no luck"); err != nil {
			t.Errorf("Retry: %v", err)
		}
		return
	}
	h.mu.Lock()
	h.times[item.Key]++
	if late := item.Time.Before(h.newest[item.Group]); late != item.Late {
		t.Errorf("%s at %v after %v: late %t", item.Group, item.Time, h.newest[item.Group], item.Late)
	} else if !late {
		h.newest[item.Group] = item.Time
	}
	h.mu.Unlock()
	if lost, err := s.Done(t.ctx, item.Lease); err != nil || len(lost) > 0 {
		t.Errorf("Done: lost %v, error %v", lost, err)
	}
}

func (h *handLog) check(t storeTest, want int) {
	for key, n := range h.times {
		if n != 1 {
			t.Errorf("%v was handled %d times", key, n)
		}
	}
	if len(h.times) != want {
		t.Errorf("%d of %d changes were handled", len(h.times), want)
	}
}
