package harbor

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go"
)

// watchLoop asks for the list, sleeps, and asks again, as long as a wait or a loop over
// Changes is under way. One goroutine asks, so answers come in the order in which they were
// true.
type watchLoop struct {
	ctx  context.Context
	stop context.CancelFunc
	wake chan struct{} // one element: look at eager

	eager bool // a look is wanted that begins from now on. Guarded by Watcher.mu
	looks int  // begun so far. Guarded by Watcher.mu
}

// minGap is the shortest time from one look to the next when it is asked for before its
// time: many callers at once share a look.
const minGap = 100 * time.Millisecond

// maxStretch is by how many doublings failures stretch the time to the next look.
const maxStretch = 4

// wakeSoon asks for a look before the next tick. The watcher's lock is held.
func (l *watchLoop) wakeSoon() {
	l.eager = true
	signal(l.wake)
}

// ensureLoop starts the loop, or makes it look soon, and returns how many looks it has begun:
// their answers are older than the new wait. The lock is held.
func (w *Watcher) ensureLoop() (looks int) {
	if w.loop == nil {
		l := &watchLoop{wake: make(chan struct{}, 1)}
		l.ctx, l.stop = context.WithCancel(context.Background())
		w.loop = l
		go w.run(l)
	}
	w.loop.wakeSoon()
	return w.loop.looks
}

// stopIfIdle ends the loop when nothing waits. The lock is held.
func (w *Watcher) stopIfIdle() {
	if w.loop != nil && len(w.waits) == 0 && len(w.feeds) == 0 {
		w.loop.stop()
		w.loop = nil
	}
}

// run is the loop. It ends when nothing waits any more.
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

// look gets the list, looks up what is not in it, and tells the waits and feeds. It reports whether
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
	missing := w.onList(number, assigned, time.Now())
	w.askTowers(l.ctx, missing, func(refs []LockerRef, lockers []Locker, err error) {
		w.onTower(number, refs, lockers, err)
	})
	return true
}

const towersAtOnce = 8

// askTowers asks towers about their lockers, a few at a time.
func (w *Watcher) askTowers(ctx context.Context, towers map[TowerID][]LockerRef, saw func([]LockerRef, []Locker, error)) {
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

// permanent reports an answer that asking again does not change. What cannot be read may
// be the page of a proxy, and passes.
func permanent(err error) bool {
	if lockerline.Retryable(err) {
		return false
	}
	auth, ok := errors.AsType[*lockerline.AuthError](err)
	return ok && auth.Permanent || slices.ContainsFunc([]error{
		lockerline.ErrUnauthorized, lockerline.ErrForbidden, lockerline.ErrNotFound, lockerline.ErrInvalid, lockerline.ErrClosed,
	}, func(kind error) bool { return errors.Is(err, kind) })
}

// signal fills a channel of one element, unless it is full.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// onList takes in the list of assigned lockers. It returns, by tower, those that are waited
// for, or were in a feed, and are not in it. A wait that began after the look is not told:
// the list may be older.
func (w *Watcher) onList(look int, assigned []Locker, at time.Time) map[TowerID][]LockerRef {
	w.mu.Lock()
	defer w.mu.Unlock()
	listed := make(map[LockerRef]struct{}, len(assigned))
	named := w.namer()
	for i := range assigned {
		ref := named(&assigned[i])
		listed[ref] = struct{}{}
		w.notify(look, ref, observed{assigned[i].Status, at, true})
	}
	missing := map[LockerRef]struct{}{}
	for ref, waits := range w.waits {
		if _, ok := listed[ref]; ok {
			continue
		}
		for _, o := range waits {
			if o.joined < look {
				o.misses++
				missing[ref] = struct{}{}
			}
		}
	}
	for f := range w.feeds {
		for ref := range f.lastSeen {
			if _, ok := listed[ref]; ok {
				continue
			}
			if ref.Tower == "" { // there is no tower to ask
				f.left(ref, at)
				continue
			}
			f.lastSeen[ref].misses++
			missing[ref] = struct{}{}
		}
	}
	towers := map[TowerID][]LockerRef{}
	for ref := range missing {
		towers[ref.Tower] = append(towers[ref.Tower], ref)
	}
	return towers
}

// namer returns what names a listed locker. One whose answer leaves the tower out is
// matched by the locker's own number, which no other locker of Harbor has.
func (w *Watcher) namer() func(*Locker) LockerRef {
	var byID map[LockerID]LockerRef
	return func(l *Locker) LockerRef {
		if l.Tower != "" {
			return l.Ref()
		}
		if byID == nil {
			byID = make(map[LockerID]LockerRef, len(w.waits))
			for f := range w.feeds {
				for ref := range f.lastSeen {
					byID[ref.Locker] = ref
				}
			}
			for ref := range w.waits {
				byID[ref.Locker] = ref
			}
		}
		if ref, ok := byID[l.ID]; ok {
			return ref
		}
		return l.Ref()
	}
}

// onTower takes in what a tower says of lockers that were not in the list.
func (w *Watcher) onTower(look int, refs []LockerRef, lockers []Locker, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := time.Now()
	status := make(map[LockerID]LockerStatus, len(lockers))
	for i := range lockers {
		status[lockers[i].ID] = lockers[i].Status
	}
	for _, ref := range refs {
		s, found := status[ref.Locker]
		switch {
		case err != nil && !permanent(err):
			w.lookFailed(look, ref, err, false)
		case err != nil:
			w.lockerUnknown(look, ref, err, at)
		case !found:
			w.lockerUnknown(look, ref, lockerline.ErrNotFound, at)
		default:
			w.notify(look, ref, observed{s, at, false})
		}
	}
}

// observed is a locker's status at a moment.
type observed struct {
	status   LockerStatus
	at       time.Time
	assigned bool // it was in the list
}

// notify passes on what was observed of a locker. The lock is held.
func (w *Watcher) notify(look int, ref LockerRef, s observed) {
	waits := w.waits[ref]
	for i := len(waits) - 1; i >= 0; i-- { // backwards, since those that end are taken out
		if o := waits[i]; o.joined < look {
			w.conclude(o, s)
		}
	}
	for f := range w.feeds {
		if f.joined < look {
			f.observe(ref, s)
		}
	}
}

// conclude tells one wait what was observed, and ends it when that settles it. The lock is
// held.
func (w *Watcher) conclude(o *wait, s observed) {
	c := Change{Ref: o.ref, Observation: o.life.Observe(s.status, s.at), Assigned: s.assigned}
	o.last, o.lastAt = s.status, s.at
	o.polls++
	switch o.verdict(s) {
	case waitReached:
		w.finish(o, c, nil)
	case waitInferred:
		c.Kind, c.Path = judge(o.had, LockerStatusAvailable)
		c.From, c.To, c.Inferred, c.Seen = o.had, LockerStatusAvailable, true, s.status
		w.finish(o, c, nil)
	case waitLost:
		w.finish(o, Change{}, ErrUnreachable)
	}
}

// failed passes a failed list over, or ends the waits when asking again is no use.
func (w *Watcher) failed(look int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	end := permanent(err)
	for ref := range w.waits {
		w.lookFailed(look, ref, err, end)
	}
	for f := range w.feeds {
		if end && f.joined < look {
			f.fail(err)
		}
	}
}

// lookFailed tells the waits for a locker that a look failed. The lock is held.
func (w *Watcher) lookFailed(look int, ref LockerRef, err error, end bool) {
	waits := w.waits[ref]
	for i := len(waits) - 1; i >= 0; i-- {
		o := waits[i]
		if o.joined >= look {
			continue
		}
		o.polls++
		o.missed = err
		if end {
			w.finish(o, Change{}, err)
		}
	}
}

// lockerUnknown ends every wait for a locker that Harbor does not know, or does not list. The
// lock is held.
func (w *Watcher) lockerUnknown(look int, ref LockerRef, err error, at time.Time) {
	waits := w.waits[ref]
	for i := len(waits) - 1; i >= 0; i-- {
		if o := waits[i]; o.joined < look {
			o.polls++
			w.finish(o, Change{}, err)
		}
	}
	for f := range w.feeds {
		if f.joined < look {
			f.left(ref, at)
		}
	}
}

// feed is one loop over Changes. It is guarded by Watcher.mu.
type feed struct {
	ready    chan struct{} // one element: there is something to take
	joined   int           // looks begun before it
	lastSeen map[LockerRef]*lastSeen
	queue    []Change
	pending  map[LockerRef]int // where in the queue a locker is
	err      error
}

// lastSeen is what a feed saw last of a locker in our possession.
type lastSeen struct {
	status LockerStatus
	misses int // looks in a row at which it was not in the list
}

func newFeed() *feed {
	return &feed{ready: make(chan struct{}, 1), lastSeen: map[LockerRef]*lastSeen{}, pending: map[LockerRef]int{}}
}

func (w *Watcher) subscribe(f *feed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.feeds[f] = struct{}{}
	f.joined = w.ensureLoop()
}

func (w *Watcher) unsubscribe(f *feed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.feeds, f)
	w.stopIfIdle()
}

// observe takes in an observation. A locker that was never ours makes no change.
func (f *feed) observe(ref LockerRef, s observed) {
	t := f.lastSeen[ref]
	switch {
	case t == nil && !s.assigned:
		return
	case t == nil:
		f.lastSeen[ref] = &lastSeen{status: s.status}
		f.add(ref, "", s)
		return
	}
	from := t.status
	if s.assigned {
		t.status, t.misses = s.status, 0
		if from != s.status {
			f.add(ref, from, s)
		}
		return
	}
	// Not in the list, and at the tower taken or as before: the two answers are of different
	// moments, so the next look decides.
	if t.misses < 2 && (owned(s.status) || from == s.status) {
		return
	}
	delete(f.lastSeen, ref)
	f.add(ref, from, s)
}

// left takes in that a locker is not ours any more, and that no more can be known of it.
func (f *feed) left(ref LockerRef, at time.Time) {
	if t := f.lastSeen[ref]; t != nil {
		delete(f.lastSeen, ref)
		f.add(ref, t.status, observed{t.status, at, false})
	}
}

// add queues a change, joined with one of the same locker that was not taken yet.
func (f *feed) add(ref LockerRef, from LockerStatus, s observed) {
	i, waiting := f.pending[ref]
	if waiting {
		from = f.queue[i].From
	}
	c := Change{Ref: ref, Observation: Observation{From: from, To: s.status, At: s.at}, Assigned: s.assigned}
	switch from {
	case "":
		c.Kind = ObservationFirst
	case s.status:
		c.Kind = ObservationRepeated
	default:
		c.Kind, c.Path = judge(from, s.status)
	}
	if waiting {
		f.queue[i] = c
	} else {
		f.pending[ref] = len(f.queue)
		f.queue = append(f.queue, c)
	}
	signal(f.ready)
}

// fail ends the feed after what is queued.
func (f *feed) fail(err error) {
	f.err = err
	signal(f.ready)
}

func (f *feed) take() ([]Change, error) {
	batch := f.queue
	f.queue = nil
	clear(f.pending)
	return batch, f.err
}
