package harbor

import (
	"time"

	"github.com/lockerline/lockerline-go"
)

// sawList takes in the list of assigned lockers. It returns those that somebody waits
// for, or had, and that are not in it, by tower. Who came after the look began is not
// told: the list may be from before that.
func (w *Watcher) sawList(look int, assigned []Locker, at time.Time) map[TowerID][]LockerRef {
	w.mu.Lock()
	defer w.mu.Unlock()
	listed := make(map[LockerRef]struct{}, len(assigned))
	named := w.namer()
	for i := range assigned {
		ref := named(&assigned[i])
		listed[ref] = struct{}{}
		w.tell(look, ref, sight{assigned[i].Status, at, true})
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
		for ref := range f.told {
			if _, ok := listed[ref]; ok {
				continue
			}
			if ref.Tower == "" { // there is no tower to ask
				f.left(ref, at)
				continue
			}
			f.told[ref].misses++
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
				for ref := range f.told {
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

// sawTower takes in what a tower says of lockers that were not in the list.
func (w *Watcher) sawTower(look int, refs []LockerRef, lockers []Locker, err error) {
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
		case err != nil && !hopeless(err):
			w.missed(look, ref, err, false)
		case err != nil:
			w.gone(look, ref, err, at)
		case !found:
			w.gone(look, ref, lockerline.ErrNotFound, at)
		default:
			w.tell(look, ref, sight{s, at, false})
		}
	}
}

// sight is a locker's status at a moment.
type sight struct {
	status   LockerStatus
	at       time.Time
	assigned bool // it was in the list
}

// tell passes on what was seen of a locker. The lock is held.
func (w *Watcher) tell(look int, ref LockerRef, s sight) {
	waits := w.waits[ref]
	for i := len(waits) - 1; i >= 0; i-- { // backwards, since those that end are taken out
		if o := waits[i]; o.joined < look {
			w.judge(o, s)
		}
	}
	for f := range w.feeds {
		if f.joined < look {
			f.saw(ref, s)
		}
	}
}

// judge tells one wait what was seen, and ends it when that settles it. The lock is held.
func (w *Watcher) judge(o *wait, s sight) {
	c := Change{Ref: o.ref, Observation: o.life.Observe(s.status, s.at), Assigned: s.assigned}
	o.last, o.lastAt = s.status, s.at
	o.polls++
	switch o.verdict(s) {
	case waitReached:
		w.finish(o, c, nil)
	case waitLost:
		w.finish(o, Change{}, ErrUnreachable)
	}
}

// failed passes a failed list over, or ends who waits when asking again is no use.
func (w *Watcher) failed(look int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	end := hopeless(err)
	for ref := range w.waits {
		w.missed(look, ref, err, end)
	}
	for f := range w.feeds {
		if end && f.joined < look {
			f.fail(err)
		}
	}
}

// missed tells those who wait for a locker that a look failed. The lock is held.
func (w *Watcher) missed(look int, ref LockerRef, err error, end bool) {
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

// gone ends every wait for a locker that Harbor does not know, or does not speak of. The
// lock is held.
func (w *Watcher) gone(look int, ref LockerRef, err error, at time.Time) {
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
