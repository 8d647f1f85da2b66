package delivery

import "time"

// Texts of Delivery.Why that do not follow from a sight.
const (
	whyCalledOff = "called off"
	whyOverdue   = "nothing was put in in time"
	whyNoSearch  = "no locker was reserved in time"
	whyFound     = "the locker was ours, and no delivery knew it"
)

// conclude draws what follows from a sight of the locker that is newer than the delivery
// as it is stored. It reports whether d changed.
func (d *record) conclude(s sight, now time.Time, cfg *config) (changed bool) {
	if d.Pending != nil && (!now.Before(d.Pending.Until) || d.Pending.Op.shows(s)) {
		d.fold()
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

// follow takes one step that a sight leads to.
func (d *record) follow(s sight, now time.Time) bool {
	row := d.read(s)
	if row == nil {
		return false
	}
	event, why := row.event, row.why
	if event.loses() && d.Pending != nil {
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
		return d.letGo(now)
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
	if d.step(event, now, why) != nil {
		return false
	}
	d.Claimed = d.Claimed || held(s)
	return true
}

// timeOut lets happen what time alone brings about.
func (d *record) timeOut(s sight, now time.Time, cfg *config) bool {
	waiting := d.Pending != nil
	switch {
	case d.Phase.Ended():
		if d.Claimed && !waiting && !held(s) && !now.Before(d.QuietAt) {
			d.Claimed = false
			return true
		}
	case waiting:
	case d.Phase == PhaseSearching && !now.Before(d.CreatedAt.Add(cfg.search)):
		if d.Claimed {
			return d.giveUp(now, PhaseExpired, whyNoSearch)
		}
		return d.step(EventExpired, now, whyNoSearch) == nil
	case s == seenReserved || s == seenRented:
		if end := d.overdue(cfg.grace); !end.IsZero() && !now.Before(end) {
			return d.giveUp(now, PhaseExpired, whyOverdue)
		}
	}
	return false
}

// giveUp decides to give the locker back, whoever has it.
func (d *record) giveUp(now time.Time, ending Phase, why string) bool {
	if d.step(EventGiveUp, now, why) != nil {
		return false
	}
	d.fold()
	d.Ending = ending
	return true
}

// fold stops waiting for an answer, but not for the request.
func (d *record) fold() {
	if d.Pending != nil {
		d.QuietAt = later(d.QuietAt, d.Pending.Until)
		d.Pending = nil
	}
}

// intend notes a request that is about to leave.
func (d *record) intend(op operation, now time.Time, cfg *config) {
	d.fold()
	d.Pending = &intent{Op: op, At: now, Until: now.Add(cfg.callTimeout + cfg.quiet)}
}

// answered stops waiting for an intent whose outcome is known. It reports whether it was
// still waited for.
func (d *record) answered(i *intent) bool {
	if i == nil || !sameIntent(d.Pending, i) {
		return false
	}
	d.Pending = nil
	return true
}

// choose claims a locker and intends to reserve it.
func (d *record) choose(l Locker, now time.Time, cfg *config) error {
	d.Locker, d.Claimed = &l, true
	d.HeldUntil, d.QuietAt = now.Add(d.Request.ReserveFor), time.Time{}
	d.intend(opReserve, now, cfg)
	return d.step(EventChosen, now, "")
}

// letGo turns away from a locker that is not to be had.
func (d *record) letGo(now time.Time) bool {
	if !d.Claimed || d.step(EventRefused, now, "") != nil {
		return false
	}
	d.Locker, d.Claimed, d.Pending = nil, false, nil
	d.HeldUntil, d.QuietAt = time.Time{}, time.Time{}
	return true
}
