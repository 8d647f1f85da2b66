package harbor

import (
	"slices"
	"time"
)

// sawList takes in the list of assigned lockers. It returns those that somebody waits
// for and that are not in it, by tower.
func (w *Watcher) sawList(generation int, assigned []Locker, at time.Time) map[TowerID][]LockerRef {
	w.mu.Lock()
	defer w.mu.Unlock()
	if generation != w.started {
		return nil
	}
	listed := make(map[LockerRef]struct{}, len(assigned))
	for i := range assigned {
		ref := w.refOf(&assigned[i])
		listed[ref] = struct{}{}
		if len(w.feeds) == 0 && w.waits[ref] == nil {
			continue
		}
		k := w.known(ref)
		k.ours, k.misses = true, 0
		w.saw(ref, k, assigned[i].Status, at, true)
	}
	missing := map[TowerID][]LockerRef{}
	for ref := range w.waits {
		if _, ok := listed[ref]; !ok {
			w.known(ref)
		}
	}
	for ref, k := range w.seen {
		if _, ok := listed[ref]; !ok {
			k.misses++
			missing[ref.Tower] = append(missing[ref.Tower], ref)
		}
	}
	return missing
}

// refOf names a listed locker. An answer that leaves the tower out is matched by the
// locker's own number, which no other locker of Harbor has.
func (w *Watcher) refOf(l *Locker) LockerRef {
	if l.Tower == "" {
		for ref := range w.waits {
			if ref.Locker == l.ID {
				return ref
			}
		}
	}
	return l.Ref()
}

// sawMissing takes in what a tower says of lockers that were not in the list.
func (w *Watcher) sawMissing(generation int, refs []LockerRef, lockers []Locker, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if generation != w.started {
		return
	}
	at := time.Now()
	status := make(map[LockerID]LockerStatus, len(lockers))
	for _, l := range lockers {
		status[l.ID] = l.Status
	}
	for _, ref := range refs {
		k := w.seen[ref]
		if k == nil {
			continue
		}
		s, found := status[ref.Locker]
		switch {
		case err != nil && !hopeless(err):
			for _, o := range w.waits[ref] {
				o.polls++
				o.missed = err
			}
		case err != nil:
			w.end(ref, err)
		case !found:
			w.end(ref, ErrNotFound)
		default:
			w.saw(ref, k, s, at, false)
		}
	}
}

// sawNudged takes in what a tower says between two lists. Only a locker that was ours at
// the last list counts: of another nothing can be concluded from its status.
func (w *Watcher) sawNudged(generation int, tower TowerID, lockers []Locker, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if generation != w.started || err != nil {
		return
	}
	at := time.Now()
	for i := range lockers {
		ref := LockerRef{tower, lockers[i].ID}
		if k := w.seen[ref]; k != nil && k.ours && k.misses == 0 {
			w.saw(ref, k, lockers[i].Status, at, lockers[i].Status != StatusAvailable)
		}
	}
}

// known returns the notes about a locker, new ones if need be.
func (w *Watcher) known(ref LockerRef) *watched {
	k := w.seen[ref]
	if k == nil {
		k = new(watched)
		w.seen[ref] = k
	}
	return k
}

// saw notes a status and tells who waits for it, or can no longer hope for it.
func (w *Watcher) saw(ref LockerRef, k *watched, status LockerStatus, at time.Time, assigned bool) {
	c := Change{Ref: ref, Observation: k.life.Observe(status, at), Assigned: assigned}
	if c.Kind == ObservedStale {
		return
	}
	// Not in the list but as before at the tower: the two answers may be of different
	// moments, so the next look decides.
	settled := assigned || c.Kind != ObservedRepeated || k.misses > 1
	for _, o := range slices.Clone(w.waits[ref]) {
		o.last, o.lastAt = status, at
		o.polls++
		switch {
		case slices.Contains(o.want, status):
			w.remove(o)
			o.finish(c, nil)
		case !settled:
		case !assigned && passedAvailable(k, status, o.want):
			w.remove(o)
			o.finish(c, nil)
		case !assigned && lost(k, status, o.want), assigned && !hope(status, o.want):
			w.remove(o)
			o.finish(Change{}, ErrUnreachable)
		}
	}
	if settled && (c.Kind != ObservedRepeated || !assigned) {
		for f := range w.feeds {
			f.add(c)
		}
	}
	if settled && !assigned && w.waits[ref] == nil {
		delete(w.seen, ref)
	}
	w.rest()
}

// passedAvailable reports that a locker of ours left our hands and another provider has
// it, so that it was available in between, while somebody waits for just that.
func passedAvailable(k *watched, status LockerStatus, want []LockerStatus) bool {
	taken := status == StatusReserved || status == StatusRented || status == StatusOccupied
	return k.ours && taken && slices.Contains(want, StatusAvailable)
}

// lost reports that a locker is not ours, and that what is awaited comes only to lockers
// that are. One that was never seen as ours gets a second look, since it may just have
// been taken, and the benefit of the doubt while its status can still lead there.
func lost(k *watched, status LockerStatus, want []LockerStatus) bool {
	for _, s := range want {
		if s == StatusAvailable || s == StatusOutOfService || !s.Known() {
			return false
		}
	}
	if k.ours {
		return true
	}
	nobodys := status == StatusAvailable || status == StatusOutOfService
	return k.misses > 1 && (nobodys || !hope(status, want))
}

// hope reports whether a locker of ours can come from one status to a wanted one before
// it is given back.
func hope(from LockerStatus, want []LockerStatus) bool {
	if !from.Known() {
		return true
	}
	for _, to := range want {
		if !to.Known() {
			return true
		}
		if kind, _ := judge(from, to); kind != ObservedImpossible {
			return true
		}
	}
	return false
}

// end finishes every wait for a locker with an error.
func (w *Watcher) end(ref LockerRef, err error) {
	for _, o := range slices.Clone(w.waits[ref]) {
		w.remove(o)
		o.finish(Change{}, err)
	}
	delete(w.seen, ref)
	w.rest()
}
