package delivery

import (
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/machine"
)

// Phase is how far a delivery has come. The constants are all there are.
type Phase string

// The phases of a delivery, in the order in which one meets them. The last three are ends.
const (
	// PhaseSearching has no locker yet; it may have asked for one.
	PhaseSearching Phase = "searching"
	// PhaseReserved has a locker for which no other provider gets a token.
	PhaseReserved Phase = "reserved"
	// PhaseRented has a drop-off token out.
	PhaseRented Phase = "rented"
	// PhaseStored has its parcel in the locker.
	PhaseStored Phase = "stored"
	// PhaseReleasing gives its locker back. Until the tower has heard of it, a drop-off
	// token that is out still opens the door, so the parcel may yet come.
	PhaseReleasing Phase = "releasing"
	// PhaseInDoubt met something that a person must look at: Delivery.Why says what. It
	// keeps its locker, goes on by itself when Harbor makes sense again, and is ended by
	// Manager.Resolve.
	PhaseInDoubt Phase = "in_doubt"
	// PhaseCollected is over: the parcel was taken out.
	PhaseCollected Phase = "collected"
	// PhaseCancelled is over: it was called off and its locker is given back.
	PhaseCancelled Phase = "cancelled"
	// PhaseExpired is over: nothing was put in in time, or no locker was found.
	PhaseExpired Phase = "expired"
)

var phases = [...]Phase{
	PhaseSearching, PhaseReserved, PhaseRented, PhaseStored, PhaseReleasing, PhaseInDoubt,
	PhaseCollected, PhaseCancelled, PhaseExpired,
}

// Phases returns all phases, in the order in which a delivery meets them.
func Phases() []Phase { return slices.Clone(phases[:]) }

// Known reports whether p is one of the constants of this package.
func (p Phase) Known() bool { return slices.Contains(phases[:], p) }

// Ended reports whether a delivery in this phase is over. One that is cancelled or expired
// still becomes stored when it turns out that the parcel was put in after all: a phone
// without a connection had used the token, and Harbor heard of it late.
func (p Phase) Ended() bool {
	return p == PhaseCollected || p == PhaseCancelled || p == PhaseExpired
}

// Event is something that happens to a delivery.
type Event string

// The events of a delivery.
const (
	// EventChosen is a locker that is going to be asked for.
	EventChosen Event = "chosen"
	// EventRefused is a locker that was not to be had.
	EventRefused Event = "refused"
	// EventReserved is a reservation, confirmed or found.
	EventReserved Event = "reserved"
	// EventDropoffToken is a drop-off token handed out, or a rental found.
	EventDropoffToken Event = "dropoff_token"
	// EventStored is a parcel put in.
	EventStored Event = "stored"
	// EventPickupToken is a pick-up token handed out.
	EventPickupToken Event = "pickup_token"
	// EventCollected is a parcel taken out.
	EventCollected Event = "collected"
	// EventGiveUp is the decision to give the locker back: called off, or out of time.
	EventGiveUp Event = "give_up"
	// EventCancelled is the end of a delivery that was called off.
	EventCancelled Event = "cancelled"
	// EventExpired is the end of a delivery that ran out of time, or lost its locker
	// before anything was in it.
	EventExpired Event = "expired"
	// EventDoubted is something that does not fit.
	EventDoubted Event = "doubted"
)

// Transition is one row of the life of a delivery: what happens to it in a phase, and the
// phase it has then.
type Transition struct {
	From  Phase
	Event Event
	To    Phase
}

var transitions = [...]Transition{
	{PhaseSearching, EventChosen, PhaseSearching},
	{PhaseSearching, EventRefused, PhaseSearching},
	{PhaseSearching, EventReserved, PhaseReserved},
	{PhaseSearching, EventGiveUp, PhaseReleasing},
	{PhaseSearching, EventCancelled, PhaseCancelled},
	{PhaseSearching, EventExpired, PhaseExpired},
	{PhaseSearching, EventDoubted, PhaseInDoubt},

	{PhaseReserved, EventDropoffToken, PhaseRented},
	{PhaseReserved, EventStored, PhaseStored},
	{PhaseReserved, EventGiveUp, PhaseReleasing},
	{PhaseReserved, EventExpired, PhaseExpired},
	{PhaseReserved, EventDoubted, PhaseInDoubt},

	{PhaseRented, EventDropoffToken, PhaseRented},
	{PhaseRented, EventStored, PhaseStored},
	{PhaseRented, EventGiveUp, PhaseReleasing},
	{PhaseRented, EventExpired, PhaseExpired},
	{PhaseRented, EventDoubted, PhaseInDoubt},

	{PhaseStored, EventDropoffToken, PhaseStored},
	{PhaseStored, EventPickupToken, PhaseStored},
	{PhaseStored, EventCollected, PhaseCollected},
	{PhaseStored, EventDoubted, PhaseInDoubt},

	{PhaseReleasing, EventStored, PhaseStored},
	{PhaseReleasing, EventCancelled, PhaseCancelled},
	{PhaseReleasing, EventExpired, PhaseExpired},
	{PhaseReleasing, EventDoubted, PhaseInDoubt},

	{PhaseInDoubt, EventStored, PhaseStored},
	{PhaseInDoubt, EventCollected, PhaseCollected},
	{PhaseInDoubt, EventGiveUp, PhaseReleasing},
	{PhaseInDoubt, EventCancelled, PhaseCancelled},
	{PhaseInDoubt, EventExpired, PhaseExpired},

	// The parcel came, and Harbor heard of it late.
	{PhaseCancelled, EventStored, PhaseStored},
	{PhaseExpired, EventStored, PhaseStored},
}

// Transitions returns the whole life of a delivery as a table, ordered by From. No event
// leads to two phases from one.
func Transitions() []Transition { return slices.Clone(transitions[:]) }

var lifecycle = machine.Table[Transition, Phase, Event]{
	Rows: transitions[:],
	Step: func(t *Transition) (Phase, Event, Phase) { return t.From, t.Event, t.To },
}

// Next is the phase after the event. An event that does not belong to p is a
// *TransitionError, which names those that do.
func (p Phase) Next(event Event) (Phase, error) {
	to, ok := lifecycle.Next(p, event)
	if !ok {
		return p, &TransitionError{From: p, Event: event, Allowed: p.Events()}
	}
	return to, nil
}

// Events returns what may happen to a delivery in phase p, in the order of the table.
func (p Phase) Events() []Event { return lifecycle.Events(p) }

// Diagram draws Transitions as a Mermaid state diagram. Events with the same two ends
// share an arrow. The text changes only with the table.
func Diagram() string {
	return lifecycle.Diagram(PhaseSearching, slices.DeleteFunc(Phases(), func(p Phase) bool { return !p.Ended() })...)
}

// conclusion is one row of what an observation means for a delivery in a phase. Of several rows
// for the same two, the first whose condition holds counts; no row means nothing.
type conclusion struct {
	phase Phase
	seen  observation // any of these
	when  condition
	event Event
	why   string
}

// condition restricts a row to some deliveries.
type condition func(d *record) bool

var (
	always    condition                                                       // no restriction
	dropAsked condition = func(d *record) bool { return d.Dropoff != nil }    // a drop-off token may exist
	dropNever condition = func(d *record) bool { return d.Dropoff == nil }    // none was ever asked for
	pickAsked condition = func(d *record) bool { return d.Pickup != nil }     // a pick-up token may exist
	neverIn   condition = func(d *record) bool { return d.StoredAt.IsZero() } // nothing was ever observed in the locker
	// pickedLate: one may exist, and a lost request may have come after it was used.
	pickedLate condition = func(d *record) bool { return d.Pickup != nil && !d.QuietAt.IsZero() }
)

const (
	whyUnasked   = "the locker is occupied, though no drop-off token was asked for"
	whyLapsed    = "the reservation ended"
	whyUnused    = "the rental ended with nothing put in"
	whyByHand    = "the locker was released by hand"
	whyOutEmpty  = "the locker is out of service, and the parcel may be in it"
	whyGone      = "the locker is no longer ours, though no pick-up token was asked for"
	whyOutFull   = "the locker is out of service with the parcel in it"
	whyNoLocker  = "the tower no longer knows the locker"
	whySetByHand = "the locker is not occupied any more, though the parcel is in it: its status was set by hand"
	whyResolved  = "the locker is free, and nothing was ever in it"
	whyLate      = "the parcel was put in by a token that Harbor heard of late"
)

// Texts of Delivery.Why that do not follow from an observation.
const (
	whyCalledOff = "called off"
	whyOverdue   = "nothing was put in in time"
	whyNoSearch  = "no locker was reserved in time"
	whyFound     = "the locker was ours, and no delivery knew it"
)

var conclusions = [...]conclusion{
	{PhaseSearching, observedReserved | observedRented, always, EventReserved, ""},
	{PhaseSearching, observedOccupied, always, EventDoubted, whyUnasked},
	{PhaseSearching, observedAvailable | observedTaken | observedOutOfService | observedMissing, always, EventRefused, ""},

	{PhaseReserved, observedRented, always, EventDropoffToken, ""},
	{PhaseReserved, observedOccupied, dropAsked, EventStored, ""},
	{PhaseReserved, observedOccupied, dropNever, EventDoubted, whyUnasked},
	{PhaseReserved, observedReleased, always, EventGiveUp, whyByHand},
	{PhaseReserved, observedAvailable | observedTaken, always, EventExpired, whyLapsed},
	{PhaseReserved, observedOutOfService, dropNever, EventExpired, whyLapsed},
	{PhaseReserved, observedOutOfService, dropAsked, EventDoubted, whyOutEmpty},
	{PhaseReserved, observedMissing, always, EventExpired, whyNoLocker},

	{PhaseRented, observedOccupied, dropAsked, EventStored, ""},
	{PhaseRented, observedOccupied, dropNever, EventDoubted, whyUnasked},
	{PhaseRented, observedReleased, always, EventGiveUp, whyByHand},
	{PhaseRented, observedAvailable | observedTaken, always, EventExpired, whyUnused},
	{PhaseRented, observedOutOfService, always, EventDoubted, whyOutEmpty},
	{PhaseRented, observedMissing, always, EventDoubted, whyNoLocker},

	{PhaseStored, observedAvailable | observedTaken, pickAsked, EventCollected, ""},
	{PhaseStored, observedAvailable | observedTaken, always, EventDoubted, whyGone},
	// A lost request arrived when the parcel was out again. The locker is given back after
	// the end.
	{PhaseStored, observedReserved | observedRented, pickedLate, EventCollected, ""},
	{PhaseStored, observedReserved | observedRented | observedReleased, always, EventDoubted, whySetByHand},
	{PhaseStored, observedOutOfService, always, EventDoubted, whyOutFull},
	{PhaseStored, observedMissing, always, EventDoubted, whyNoLocker},

	{PhaseReleasing, observedOccupied, dropAsked, EventStored, whyLate},
	{PhaseReleasing, observedOccupied, dropNever, EventDoubted, whyUnasked},
	// This ends it as record.Ending says.
	{PhaseReleasing, observedAvailable | observedTaken | observedOutOfService | observedMissing, always, EventExpired, ""},

	{PhaseInDoubt, observedOccupied, dropAsked, EventStored, ""},
	{PhaseInDoubt, observedAvailable, neverIn, EventExpired, whyResolved},

	{PhaseCancelled, observedOccupied, dropAsked, EventStored, whyLate},
	{PhaseExpired, observedOccupied, dropAsked, EventStored, whyLate},
}

// conclusionFor finds the row for a delivery whose locker was observed so.
func (d *record) conclusionFor(s observation) *conclusion {
	for i := range conclusions {
		c := &conclusions[i]
		if c.phase == d.Phase && c.seen&s != 0 && (c.when == nil || c.when(d)) {
			return c
		}
	}
	return nil
}

// conclude draws what follows from an observation of the locker that is newer than the delivery
// as it is stored. It reports whether d changed.
func (d *record) conclude(s observation, now time.Time, cfg *config) (changed bool) {
	if d.Pending != nil && (!now.Before(d.Pending.Until) || confirmedBy[d.Pending.Op]&s != 0) {
		d.parkPending()
		changed = true
	}
	for range phases {
		was := d.Phase
		if !d.follow(s, now) {
			break
		}
		changed = true
		if d.Phase == was {
			break
		}
	}
	return d.timeOut(s, now, cfg) || changed
}

// follow takes one step that an observation leads to.
func (d *record) follow(s observation, now time.Time) bool {
	row := d.conclusionFor(s)
	if row == nil {
		return false
	}
	event, why := row.event, row.why
	if event.givesUpLocker() && d.Pending != nil {
		return false // it may be ours again in a moment
	}
	if d.Phase == PhaseReleasing && event == EventExpired {
		why = d.Why
		if d.Ending == PhaseCancelled {
			event = EventCancelled
		}
	}
	switch event {
	case EventRefused:
		return d.dropClaim(now)
	case EventGiveUp:
		return d.giveUp(now, PhaseExpired, why)
	case EventExpired, EventCancelled:
		if !now.Before(d.QuietAt) {
			break
		}
		if d.Phase == PhaseReleasing {
			d.RestUntil = d.QuietAt
			return false
		}
		return d.giveUp(now, PhaseExpired, why)
	}
	if d.apply(event, now, why) != nil {
		return false
	}
	d.Claimed = d.Claimed || s&canGiveBack != 0
	return true
}

// timeOut lets happen what time alone brings about.
func (d *record) timeOut(s observation, now time.Time, cfg *config) bool {
	waiting := d.Pending != nil
	switch {
	case d.Phase.Ended():
		if d.Claimed && !waiting && s&canGiveBack == 0 && !now.Before(d.QuietAt) {
			d.Claimed = false
			return true
		}
	case waiting:
	case d.Phase == PhaseSearching && !now.Before(d.CreatedAt.Add(cfg.search)):
		if d.Claimed {
			return d.giveUp(now, PhaseExpired, whyNoSearch)
		}
		return d.apply(EventExpired, now, whyNoSearch) == nil
	case s&canGiveBack != 0:
		if end := d.overdue(cfg.grace); !end.IsZero() && !now.Before(end) {
			return d.giveUp(now, PhaseExpired, whyOverdue)
		}
	}
	return false
}

// giveUp decides to give the locker back.
func (d *record) giveUp(now time.Time, ending Phase, why string) bool {
	if d.apply(EventGiveUp, now, why) != nil {
		return false
	}
	d.parkPending()
	d.Ending = ending
	return true
}

// givesUpLocker reports whether an event gives the locker up: what must not be concluded while a
// request may be on its way that would take it again.
func (e Event) givesUpLocker() bool {
	return slices.Contains([]Event{EventRefused, EventExpired, EventCancelled, EventGiveUp, EventDoubted}, e)
}

// apply lets an event happen, by the table alone.
func (d *record) apply(event Event, now time.Time, why string) error {
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
