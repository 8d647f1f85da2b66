package harbor

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go"
)

// watchLoop asks for the list, sleeps, and asks again, as long as somebody waits. All that
// it asks is asked by one goroutine: what it hears is in the order in which it was true.
type watchLoop struct {
	ctx  context.Context
	stop context.CancelFunc
	wake chan struct{} // one element: look at eager

	eager bool // somebody wants a look that begins from now on. Guarded by Watcher.mu
	looks int  // begun so far. Guarded by Watcher.mu
}

// minGap is the shortest time from one look to the next when it is asked for before its
// time: many who come at once share a look.
const minGap = 100 * time.Millisecond

// maxStretch is by how many doublings failures stretch the time to the next look.
const maxStretch = 4

// hurry asks for a look before the next tick. The watcher's lock is held.
func (l *watchLoop) hurry() {
	l.eager = true
	signal(l.wake)
}

// attend starts the loop, or makes it look soon, and returns how many looks it has begun:
// what they bring is no answer to who comes now. The lock is held.
func (w *Watcher) attend() (looks int) {
	if w.loop == nil {
		l := &watchLoop{wake: make(chan struct{}, 1)}
		l.ctx, l.stop = context.WithCancel(context.Background())
		w.loop = l
		go w.run(l)
	}
	w.loop.hurry()
	return w.loop.looks
}

// rest ends the loop when nobody waits. The lock is held.
func (w *Watcher) rest() {
	if w.loop != nil && len(w.waits) == 0 && len(w.feeds) == 0 {
		w.loop.stop()
		w.loop = nil
	}
}

// run is the loop. It ends when nobody waits any more.
func (w *Watcher) run(l *watchLoop) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var tick, soonest time.Time // of the next look: in its time, and when it is asked for
	failures := 0
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-l.wake:
		case <-timer.C:
			began := time.Now()
			if w.look(l) {
				failures = 0
			} else {
				failures = min(failures+1, maxStretch)
			}
			took := time.Since(began)
			tick = time.Now().Add(w.interval << failures)
			soonest = began.Add(min(max(minGap<<failures, 4*took), w.interval))
		}
		w.mu.Lock()
		eager := l.eager
		w.mu.Unlock()
		next := tick
		if eager && soonest.Before(tick) {
			next = soonest
		}
		timer.Reset(time.Until(next))
	}
}

// look gets the list, looks up what is not in it, and tells who waits. It reports whether
// the list came.
func (w *Watcher) look(l *watchLoop) bool {
	w.mu.Lock()
	l.looks++
	number := l.looks
	l.eager = false
	w.mu.Unlock()
	assigned, err := w.client.Lockers.Assigned(l.ctx)
	if l.ctx.Err() != nil {
		return false
	}
	if err != nil {
		w.failed(number, err)
		return false
	}
	missing := w.sawList(number, assigned, time.Now())
	w.lookUp(l.ctx, missing, func(refs []LockerRef, lockers []Locker, err error) {
		w.sawTower(number, refs, lockers, err)
	})
	return true
}

const towersAtOnce = 8

// lookUp asks towers about their lockers, a few at a time.
func (w *Watcher) lookUp(ctx context.Context, towers map[TowerID][]LockerRef, saw func([]LockerRef, []Locker, error)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, towersAtOnce)
	for t, refs := range towers {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			lockers, err := w.client.Towers.Lockers(ctx, t)
			if ctx.Err() == nil {
				saw(refs, lockers, err)
			}
		})
	}
	wg.Wait()
}

// hopeless tells an answer that asking again does not change from a passing one.
func hopeless(err error) bool {
	if lockerline.Retryable(err) {
		return false
	}
	for _, kind := range []error{lockerline.ErrUnauthorized, lockerline.ErrForbidden, lockerline.ErrNotFound, lockerline.ErrInvalid, lockerline.ErrClosed} {
		if errors.Is(err, kind) {
			return true
		}
	}
	auth, ok := errors.AsType[*lockerline.AuthError](err)
	return ok && auth.Permanent
}

// signal fills a channel of one element, unless it is full.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
