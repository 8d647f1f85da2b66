package harbor

import (
	"errors"
	"slices"
	"time"
)

// ErrUnreachable is what a wait ends with when no status it waits for can come any more.
var ErrUnreachable = errors.New("harbor: the locker cannot reach that status any more")

// wait is one caller of Wait. What is below done is guarded by Watcher.mu, until done is
// closed or the wait has left.
type wait struct {
	ref  LockerRef
	want []LockerStatus
	done chan struct{}

	place  int // in the list of waits for ref
	joined int // looks begun before it
	life   Lifecycle
	ours   bool // the locker was ours
	misses int  // looks in a row at which it was not in the list
	others int  // and at its tower in somebody's hands
	last   LockerStatus
	lastAt time.Time
	polls  int
	missed error
	change Change
	err    error
}

// join adds a wait and makes the loop look soon.
func (w *Watcher) join(o *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o.ours = w.have(o.ref)
	o.place = len(w.waits[o.ref])
	w.waits[o.ref] = append(w.waits[o.ref], o)
	o.joined = w.attend()
}

// have reports whether the locker was ours at the last look. The lock is held.
func (w *Watcher) have(ref LockerRef) bool {
	for _, o := range w.waits[ref] {
		if o.ours && o.misses == 0 {
			return true
		}
	}
	for f := range w.feeds {
		if t := f.told[ref]; t != nil && t.misses == 0 {
			return true
		}
	}
	return false
}

// leave takes off a wait that its caller gave up.
func (w *Watcher) leave(o *wait) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if o.place >= 0 {
		w.remove(o)
		w.rest()
	}
}

// finish ends a wait. The lock is held.
func (w *Watcher) finish(o *wait, c Change, err error) {
	w.remove(o)
	o.change = c
	if err != nil {
		o.err = o.failed(err)
	}
	close(o.done)
	w.rest()
}

// remove takes a wait off the list. The lock is held.
func (w *Watcher) remove(o *wait) {
	waits := w.waits[o.ref]
	last := len(waits) - 1
	waits[o.place] = waits[last]
	waits[o.place].place = o.place
	waits[last] = nil
	o.place = -1
	if last == 0 {
		delete(w.waits, o.ref)
		return
	}
	w.waits[o.ref] = waits[:last]
}

func (o *wait) failed(err error) error {
	return &WaitError{o.ref, slices.Clone(o.want), o.last, o.lastAt, o.polls, o.missed, err}
}

// verdict is what a look means for a wait.
type verdict int

const (
	waitGoesOn verdict = iota
	waitReached
	waitLost
)

// verdict concludes from what was seen.
func (o *wait) verdict(s sight) verdict {
	wanted := slices.Contains(o.want, s.status)
	if s.assigned {
		o.ours, o.misses, o.others = true, 0, 0
		switch {
		case wanted:
			return waitReached
		case !hope(s.status, o.want):
			return waitLost
		}
		return waitGoesOn
	}
	if wanted && !held(s.status) {
		return waitReached
	}
	// The list and the tower's answer are of different moments: whether what is in
	// somebody's hands is in ours is decided by the next look.
	if !held(s.status) {
		o.others = 0
	} else if o.others++; o.others < 2 {
		return waitGoesOn
	}
	// Somebody else has what was ours: in between it was available.
	if o.ours && held(s.status) && slices.Contains(o.want, LockerStatusAvailable) {
		return waitReached
	}
	if o.lost(s.status) {
		return waitLost
	}
	return waitGoesOn
}

// held reports whether a locker in this status is in the possession of whoever has it in
// the list, and of nobody else.
func held(s LockerStatus) bool {
	return s == LockerStatusReserved || s == LockerStatusRented || s == LockerStatusOccupied
}

// lost reports that a locker that is not in the list will not come to a wanted status.
func (o *wait) lost(status LockerStatus) bool {
	for _, s := range o.want {
		if !held(s) && s != LockerStatusReleased {
			return false // comes to lockers of anybody
		}
	}
	switch {
	case status == LockerStatusReleased && hope(status, o.want):
		return false // taken off the list, but a token that is out still opens it
	case o.ours:
		return true
	case status == LockerStatusAvailable || status == LockerStatusOutOfService || !hope(status, o.want):
		return o.misses > 1 // the first time it may just have been taken
	}
	return o.misses > 2
}

// hope reports whether a locker of ours can come from one status to a wanted one before
// it is given back.
func hope(from LockerStatus, want []LockerStatus) bool {
	if !from.Known() {
		return true
	}
	for _, to := range want {
		if from == to || !to.Known() {
			return true
		}
		if kind, _ := judge(from, to); kind != ObservationImpossible {
			return true
		}
	}
	return false
}
