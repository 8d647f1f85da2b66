package harbor

import "time"

// feed is one loop over Changes. It is guarded by Watcher.mu.
type feed struct {
	ready   chan struct{} // one element: there is something to take
	joined  int           // looks begun before it
	told    map[LockerRef]*told
	queue   []Change
	pending map[LockerRef]int // where in the queue a locker is
	err     error
}

// told is what a feed was told last of a locker in our possession.
type told struct {
	status LockerStatus
	misses int // looks in a row at which it was not in the list
}

func newFeed() *feed {
	return &feed{ready: make(chan struct{}, 1), told: map[LockerRef]*told{}, pending: map[LockerRef]int{}}
}

func (w *Watcher) subscribe(f *feed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.feeds[f] = struct{}{}
	f.joined = w.attend()
}

func (w *Watcher) unsubscribe(f *feed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.feeds, f)
	w.rest()
}

// saw takes in a sight. Of lockers that were never ours nothing is told.
func (f *feed) saw(ref LockerRef, s sight) {
	t := f.told[ref]
	switch {
	case t == nil && !s.assigned:
		return
	case t == nil:
		f.told[ref] = &told{status: s.status}
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
	// Not in the list, and at the tower in somebody's hands or as before: the two answers
	// are of different moments, so the next look decides.
	if t.misses < 2 && (held(s.status) || from == s.status) {
		return
	}
	delete(f.told, ref)
	f.add(ref, from, s)
}

// left takes in that a locker is not ours any more, and that no more can be known of it.
func (f *feed) left(ref LockerRef, at time.Time) {
	if t := f.told[ref]; t != nil {
		delete(f.told, ref)
		f.add(ref, t.status, sight{t.status, at, false})
	}
}

// add queues a change, joined with one of the same locker that nobody took yet.
func (f *feed) add(ref LockerRef, from LockerStatus, s sight) {
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
