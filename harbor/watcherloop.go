package harbor

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// ErrUnreachable is what a wait ends with when no status it waits for can come any more.
var ErrUnreachable = errors.New("harbor: the locker cannot reach that status any more")

// watched is what the watcher knows of one locker.
type watched struct {
	life   Lifecycle
	ours   bool // it was in the list once
	misses int  // looks in a row at which it was not in the list
}

// join adds a wait and makes the loop look soon.
func (w *Watcher) join(o *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits[o.ref] = append(w.waits[o.ref], o)
	w.run()
}

func (w *Watcher) leave(o *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove(o)
	w.rest()
}

// remove takes a wait off the list. The lock is held.
func (w *Watcher) remove(o *wait) {
	left := slices.DeleteFunc(w.waits[o.ref], func(x *wait) bool { return x == o })
	if len(left) > 0 {
		w.waits[o.ref] = left
		return
	}
	delete(w.waits, o.ref)
	if len(w.feeds) == 0 {
		delete(w.seen, o.ref)
	}
}

func (w *Watcher) subscribe(f *feed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.feeds[f] = struct{}{}
	w.run()
}

func (w *Watcher) unsubscribe(f *feed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.feeds, f)
	w.rest()
}

// run starts the loops, or makes the list be asked for before its next tick. The lock is
// held.
func (w *Watcher) run() {
	w.fresh = true
	if w.stop != nil {
		signal(w.wake)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	w.started++
	go w.poll(ctx, w.started)
	go w.followNudges(ctx, w.started)
}

// rest ends the loop when nobody waits. The lock is held.
func (w *Watcher) rest() {
	if w.stop == nil || len(w.waits) > 0 || len(w.feeds) > 0 {
		return
	}
	w.stop()
	w.stop = nil
	clear(w.seen)
	clear(w.nudged)
}

// poll asks for the list, sleeps, and asks again, until nobody waits. The waits own it.
func (w *Watcher) poll(ctx context.Context, generation int) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var next, last time.Time
	failures := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			last = time.Now()
			failures = w.look(ctx, generation, failures)
			next = time.Now().Add(w.interval << min(failures, 4))
		case <-w.wake:
		}
		w.mu.Lock()
		fresh := w.fresh
		w.mu.Unlock()
		if fresh { // many who come at once share a look
			next = earlier(next, last.Add(w.interval/10))
		}
		timer.Reset(time.Until(next))
	}
}

// followNudges looks at the towers that somebody pointed to: a small answer, where the
// whole list may be large and under way.
func (w *Watcher) followNudges(ctx context.Context, generation int) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.nudge:
		}
		w.mu.Lock()
		towers := make(map[TowerID][]LockerRef, len(w.nudged))
		for t := range w.nudged {
			towers[t] = nil
		}
		clear(w.nudged)
		w.mu.Unlock()
		w.lookUp(ctx, towers, func(t TowerID, _ []LockerRef, lockers []Locker, err error) {
			w.sawNudged(generation, t, lockers, err)
		})
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// look gets the list, looks up what is not in it, and tells who waits. It returns how
// many looks in a row have failed.
func (w *Watcher) look(ctx context.Context, generation, failures int) int {
	w.mu.Lock()
	w.fresh = false
	w.mu.Unlock()
	assigned, err := w.client.Lockers.Assigned(ctx)
	if ctx.Err() != nil {
		return 0
	}
	if err != nil {
		w.failed(generation, err)
		return failures + 1
	}
	missing := w.sawList(generation, assigned, time.Now())
	w.lookUp(ctx, missing, func(_ TowerID, refs []LockerRef, lockers []Locker, err error) {
		w.sawMissing(generation, refs, lockers, err)
	})
	return 0
}

const towersAtOnce = 8

// lookUp asks towers about their lockers, a few at a time.
func (w *Watcher) lookUp(ctx context.Context, towers map[TowerID][]LockerRef, saw func(TowerID, []LockerRef, []Locker, error)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, towersAtOnce)
	for t, refs := range towers {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			lockers, err := w.client.Towers.Lockers(ctx, t)
			if ctx.Err() == nil {
				saw(t, refs, lockers, err)
			}
		})
	}
	wg.Wait()
}

// failed passes a failed look over, or ends every wait when asking again is no use.
func (w *Watcher) failed(generation int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if generation != w.started {
		return
	}
	end := hopeless(err)
	for _, waits := range w.waits {
		for _, o := range slices.Clone(waits) {
			o.polls++
			o.missed = err
			if end {
				w.remove(o)
				o.finish(Change{}, err)
			}
		}
	}
	if end {
		for f := range w.feeds {
			f.err = err
			signal(f.ready)
		}
		w.rest()
	}
}

// hopeless tells an answer that asking again does not change from a passing one.
func hopeless(err error) bool {
	if Retryable(err) {
		return false
	}
	for _, kind := range []error{ErrUnauthorized, ErrForbidden, ErrNotFound, ErrInvalid, ErrClosed} {
		if errors.Is(err, kind) {
			return true
		}
	}
	auth, ok := errors.AsType[*AuthError](err)
	return ok && auth.Permanent
}
