package delivery

import (
	"maps"
	"slices"
	"sync"

	"github.com/lockerline/lockerline-go/harbor"
)

// runState holds the hints and the queue of notices between Run and the other methods. The
// zero value is ready.
type runState struct {
	mu      sync.Mutex
	on      bool
	wake    chan struct{} // one element: something is to be looked at
	soon    map[harbor.LockerRef]struct{}
	queue   []string // deliveries with a notice to give
	queued  map[string]bool
	giving  map[string]bool // true: again when done
	notices chan struct{}   // one element: the queue is not empty
}

func (r *runState) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.on {
		return false
	}
	r.on = true
	r.wake, r.notices = make(chan struct{}, 1), make(chan struct{}, 1)
	r.soon = map[harbor.LockerRef]struct{}{}
	r.queue, r.queued, r.giving = nil, map[string]bool{}, map[string]bool{}
	return true
}

func (r *runState) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = false
}

func (r *runState) running() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.on
}

// lookSoon asks for a look at lockers with the next batch, now.
func (r *runState) lookSoon(refs ...harbor.LockerRef) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ref := range refs {
		if r.on && ref != (harbor.LockerRef{}) {
			r.soon[ref] = struct{}{}
			signal(r.wake)
		}
	}
}

func (r *runState) takeSoon() []harbor.LockerRef {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer clear(r.soon)
	return slices.Collect(maps.Keys(r.soon))
}

// noticesOf puts a delivery into the queue of those that have a notice to give.
func (r *runState) noticesOf(reference string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.on || r.queued[reference] {
		return
	}
	if _, busy := r.giving[reference]; busy {
		r.giving[reference] = true
		return
	}
	r.enqueue(reference)
}

func (r *runState) enqueue(reference string) {
	r.queued[reference] = true
	r.queue = append(r.queue, reference)
	signal(r.notices)
}

// nextNotice takes a delivery from the queue: no other worker gets it until noticesGiven.
func (r *runState) nextNotice() (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		return "", false
	}
	reference := r.queue[0]
	r.queue = r.queue[1:]
	delete(r.queued, reference)
	r.giving[reference] = false
	if len(r.queue) > 0 {
		signal(r.notices) // for the next worker
	}
	return reference, true
}

func (r *runState) noticesGiven(reference string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	again := r.giving[reference]
	delete(r.giving, reference)
	if again && r.on {
		r.enqueue(reference)
	}
}

// signal fills a channel of one element, unless it is full.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
