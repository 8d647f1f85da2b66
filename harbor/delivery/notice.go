package delivery

import (
	"strings"
	"time"
)

// Notice is something an application is told of by a hook. It is stored in the same write
// as what it tells of, and stays stored until its hook returns nil: it is told at least
// once, and the notices of a delivery one after the other.
type Notice struct {
	Reference string `json:"reference"`
	// Seq counts the notices of the delivery from 1. With Reference it names the notice:
	// one that comes again has the same.
	Seq  int64      `json:"seq"`
	Kind NoticeKind `json:"kind"`
	At   time.Time  `json:"at"` // when it was found out
	// Locker is where the parcel is or was; nil when there was no locker.
	Locker *Locker `json:"locker,omitempty"`
	Why    string  `json:"why,omitempty"` // as Delivery.Why

	// Attempt counts how often the notice was given, this time included.
	Attempt int `json:"attempt,omitempty"`
}

// owed is a notice that was not acknowledged yet.
type owed struct {
	Notice
	// NotBefore is the end of a pause after a failure, or of the lease of the manager
	// that gives it.
	NotBefore time.Time `json:"notBefore,omitzero"`
	// LeasedBy is the manager that gives it; empty when none does.
	LeasedBy string `json:"leasedBy,omitempty"`
}

// NoticeKind says what a notice is about.
type NoticeKind string

// The kinds of notices.
const (
	NoticeStored    NoticeKind = "stored"    // the parcel is in the locker
	NoticeCollected NoticeKind = "collected" // the parcel was taken out
	NoticeExpired   NoticeKind = "expired"   // out of time, or the locker was lost before anything was in it
	NoticeCancelled NoticeKind = "cancelled" // called off, and the locker is given back
	NoticeInDoubt   NoticeKind = "in_doubt"  // a person must look at it: Why says what
)

// noticeOn is the table of what is told when a phase is entered.
var noticeOn = map[Phase]NoticeKind{
	PhaseStored: NoticeStored, PhaseCollected: NoticeCollected, PhaseExpired: NoticeExpired,
	PhaseCancelled: NoticeCancelled, PhaseInDoubt: NoticeInDoubt,
}

// step lets an event happen, by the table alone.
func (d *record) step(event Event, now time.Time, why string) error {
	to, err := d.Phase.Next(event)
	if err != nil {
		return err
	}
	e := Entry{At: now, Event: event, From: d.Phase, To: to, Why: why}
	if d.Locker != nil {
		e.Locker = new(d.Locker.Ref)
	}
	if over := len(d.History) + 1 - maxHistory; over > 0 {
		d.History = d.History[over:]
	}
	d.History = append(d.History, e)
	if to != d.Phase {
		d.enter(to, now, why)
	}
	return nil
}

func (d *record) enter(to Phase, now time.Time, why string) {
	d.moves = append(d.moves, move{d.Phase, to, now.Sub(d.Since)})
	from := d.Phase
	d.Phase, d.Since, d.Why, d.RestUntil = to, now, why, time.Time{}
	if to != PhaseReleasing {
		d.Ending = ""
	}
	switch {
	case to.Ended():
		d.EndedAt = now
		d.Claimed = d.Claimed && now.Before(d.QuietAt)
	case from.Ended():
		d.EndedAt, d.Claimed = time.Time{}, true
	}
	if to == PhaseStored && d.StoredAt.IsZero() {
		d.StoredAt = now
	}
	kind, tell := noticeOn[to]
	if !tell || kind == NoticeCancelled && strings.HasPrefix(d.Reference, foundPrefix) {
		return
	}
	d.Notices++
	d.Outbox = append(d.Outbox, owed{Notice: Notice{
		Reference: d.Reference, Seq: d.Notices, Kind: kind, At: now, Locker: copied(d.Locker), Why: why,
	}})
}
