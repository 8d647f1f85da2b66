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

// Report is what Reconcile found.
type Report struct {
	At time.Time // when Harbor was asked
	// Findings has one element for each delivery that was looked at, in the order of
	// the references.
	Findings []Finding
	// Unknown are lockers that are reserved, rented or occupied in our name and that no
	// delivery knows. With WithReleaseUnknown, those that hold nothing are given back
	// by a delivery made for it, and are among the Findings of the next comparison.
	Unknown []harbor.Locker
}

// Count returns how many findings have each outcome.
func (r *Report) Count() map[Outcome]int {
	n := map[Outcome]int{}
	for i := range r.Findings {
		n[r.Findings[i].Outcome]++
	}
	return n
}

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
	r := &Report{At: v.asked, Findings: m.judgeAll(ctx, all, v)}
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
func (m *Manager) unclaimed(ctx context.Context, known []*record, v *view, r *Report) (out []harbor.Locker, err error) {
	claims := make(map[harbor.LockerRef]bool, len(known))
	for _, d := range known {
		claims[d.lockerRef()] = d.Claimed || claims[d.lockerRef()]
	}
	for _, l := range v.assigned {
		if claims[l.Ref()] || ours[l.Status]&(canGiveBack|observedOccupied) == 0 {
			continue
		}
		var at []*record
		if l.Tower != "" { // else it cannot be named, and so not be given back
			if at, err = m.records.At(ctx, l.Ref()); err != nil {
				return out, err
			}
		}
		if len(at) > 0 {
			if at[0].Claimed {
				continue // taken while we looked
			}
			if f := m.judge(ctx, at[0], v); f.From != f.To {
				r.Findings = append(r.Findings, f)
				continue
			}
			if slices.ContainsFunc(at, func(d *record) bool { return !d.UpdatedAt.Before(v.asked) }) {
				continue // ended while we looked
			}
		}
		out = append(out, l)
		if m.cfg.releaseUnknown && l.Tower != "" && l.Status != harbor.LockerStatusOccupied {
			if err := m.giveBackUnknown(ctx, l); err != nil {
				return out, err
			}
		}
	}
	slices.SortFunc(r.Findings, func(a, b Finding) int { return strings.Compare(a.Reference, b.Reference) })
	return out, nil
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
	err := m.records.Create(ctx, d)
	if err == nil {
		_, err = inTurn(ctx, m, "reconcile", d.Reference, func() (*record, error) { return m.giveBack(ctx, d, ours[l.Status]) })
		if ctx.Err() == nil {
			return nil // what failed is tried again when it is due
		}
	}
	if errors.Is(err, ErrLockerClaimed) {
		return nil
	}
	return err
}
