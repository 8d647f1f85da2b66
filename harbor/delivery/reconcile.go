package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// Reconcile compares every open delivery with Harbor and settles each. Call it after a
// crash; Run does so when it begins and once a sweep. It asks for our lockers once, for
// each tower that has a missing one once, and gives back what is held for nothing.
//
// What proves that a lost request took effect is believed at once. That it did not is
// concluded only when it no longer can (WithCallTimeout, WithQuietTime): until then the
// delivery is still open.
//
// The error says that nothing could be compared; what failed about one delivery is in its
// Finding. Safe to repeat, and to call while other managers work on the same store.
func (m *Manager) Reconcile(ctx context.Context) (*Report, error) {
	r, err := m.reconcile(ctx)
	return r, failed("reconcile", err)
}

const pageSize = 500

func (m *Manager) reconcile(ctx context.Context) (_ *Report, err error) {
	began, n := time.Now(), 0
	defer func() { m.looked(n, began, err) }()
	// Loaded before Harbor is asked: an observation must be newer than what it is held against.
	var all []*record
	for page := (Filter{Open: true, Limit: pageSize}); ; {
		ds, err := m.records.List(ctx, page)
		if err != nil {
			return nil, err
		}
		all = append(all, ds...)
		if len(ds) < pageSize {
			break
		}
		page.After = ds[len(ds)-1].Reference
	}
	over, err := m.records.EndedClaims(ctx, utcNow(), pageSize)
	if err != nil {
		return nil, err
	}
	all = append(all, over...)
	n = len(all)
	v, err := m.look(ctx, all, true)
	if err != nil {
		return nil, err
	}
	r := &Report{At: v.asked, Findings: m.settle(ctx, all, v)}
	if r.Unknown, err = m.unclaimed(ctx, all, v, r); err != nil {
		return r, err
	}
	if m.cfg.observer.Unknown != nil {
		m.cfg.observer.Unknown(len(r.Unknown))
	}
	return r, nil
}

// unclaimed returns the lockers of ours that no delivery claims. One that an ended delivery
// had and that holds something is its parcel, come late.
func (m *Manager) unclaimed(ctx context.Context, known []*record, v *view, r *Report) ([]harbor.Locker, error) {
	claims := make(map[harbor.LockerRef]bool, len(known))
	for _, d := range known {
		if ref, ok := d.claim(); ok {
			claims[ref] = true
		}
	}
	var out []harbor.Locker
	for _, l := range v.assigned {
		if s := observe(l.Status, true, true); claims[l.Ref()] || (!canGiveBack(s) && s != observedOccupied) {
			continue
		}
		if l.Tower == "" { // it cannot be named, and so not be given back
			out = append(out, l)
			continue
		}
		at, err := m.records.At(ctx, l.Ref())
		if err != nil {
			return out, err
		}
		if len(at) > 0 && at[0].Claimed {
			continue // taken while we looked
		}
		if f, late := m.reopenLate(ctx, at, l); late {
			r.Findings = append(r.Findings, f)
			continue
		}
		if slices.ContainsFunc(at, func(d *record) bool { return !d.UpdatedAt.Before(v.asked) }) {
			continue // ended while we looked
		}
		out = append(out, l)
		if m.cfg.releaseUnknown && l.Status != harbor.LockerStatusOccupied {
			if err := m.giveBackUnknown(ctx, l); err != nil {
				return out, err
			}
		}
	}
	slices.SortFunc(r.Findings, func(a, b Finding) int { return strings.Compare(a.Reference, b.Reference) })
	return out, nil
}

// reopenLate opens the last delivery at a locker again, when its parcel is in there after
// all. That is so at whatever time the locker was seen as occupied in our name, since the
// delivery had ended with nothing in it.
func (m *Manager) reopenLate(ctx context.Context, at []*record, l harbor.Locker) (Finding, bool) {
	if len(at) == 0 || l.Status != harbor.LockerStatusOccupied {
		return Finding{}, false
	}
	d := at[0]
	unlock, ok := m.locks.try(d)
	if !ok {
		return Finding{}, false
	}
	defer unlock()
	from := d.Phase
	if !d.Phase.Ended() || !d.conclude(observedOccupied, utcNow(), &m.cfg) || d.Phase != PhaseStored {
		return Finding{}, false
	}
	if err := m.put(ctx, d); err != nil {
		if !errors.Is(err, ErrLockerClaimed) {
			m.run.lookSoon(l.Ref())
		}
		return Finding{}, false
	}
	return Finding{Reference: d.Reference, Outcome: OutcomeAdvanced, From: from, To: d.Phase, Why: d.Why}, true
}

// foundPrefix begins the references of deliveries that are made to give back a locker that
// no delivery knew.
const foundPrefix = "lockerline:found:"

// giveBackUnknown makes a delivery of a locker that no delivery knows, so that giving it
// back is as safe as ever.
func (m *Manager) giveBackUnknown(ctx context.Context, l harbor.Locker) error {
	now := utcNow()
	d := &record{Ending: PhaseCancelled, Delivery: Delivery{
		Reference: fmt.Sprintf("%s%s:%d", foundPrefix, l.Ref(), now.UnixMicro()),
		Phase:     PhaseReleasing, Since: now, Why: whyFound,
		Locker: &Locker{Ref: l.Ref(), Name: l.Name, Type: l.Type.Name, Low: l.IsLow}, Claimed: true,
		CreatedAt: now, UpdatedAt: now,
	}}
	d.DueAt = d.due(&m.cfg, now)
	if err := m.records.Create(ctx, d); err != nil {
		if errors.Is(err, ErrLockerClaimed) {
			return nil
		}
		return err
	}
	unlock, err := m.locks.lock(ctx, d.Reference)
	if err != nil {
		return err
	}
	defer unlock()
	_, err = m.giveBack(ctx, d, observe(l.Status, true, true))
	if err != nil && ctx.Err() == nil {
		return nil // it is tried again when it is due
	}
	return err
}
