package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/internal/redact"
)

// DoorToken is what is kept of a drop-off or pick-up token.
type DoorToken struct {
	// AskedAt is when the token was asked for: it may exist from then on.
	AskedAt time.Time `json:"askedAt"`
	// ExpiresAt is the end of its life: as Harbor said, or as was asked for. Of several
	// tokens it is the latest.
	ExpiresAt time.Time `json:"expiresAt"`
	// Payload and PayloadAuth open the door; empty unless the manager was told to keep
	// them, see WithPayloads. No verb of fmt and no logger prints them; JSON does.
	Payload     string `json:"payload,omitempty"`
	PayloadAuth string `json:"payloadAuth,omitempty"`
}

// String is the token without what opens the door.
func (t DoorToken) String() string {
	return fmt.Sprintf("delivery.DoorToken{AskedAt:%s, ExpiresAt:%s}", t.AskedAt.Format(time.RFC3339), t.ExpiresAt.Format(time.RFC3339))
}

// Format writes the token without what opens the door, whatever the verb.
func (t DoorToken) Format(s fmt.State, verb rune) { redact.Format(s, verb, t.String()) }

// LogValue is the token without what opens the door.
func (t DoorToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// DropoffToken gets the token by which a courier's phone opens the locker to put the parcel
// in. Give it to that phone; it is not stored (see WithPayloads). An empty ClientInfo is
// that of the request.
//
// Safe to repeat: it gives another token for the same locker, which the vendor allows, and
// never takes a second one. So when an answer was lost the locker is looked up and, if it is
// ours or free, asked for again. A delivery that is stored gets a token to open the door
// once more. In any other phase than reserved, rented or stored the error is a *PhaseError.
func (m *Manager) DropoffToken(ctx context.Context, reference string, r harbor.TokenRequest) (*harbor.LockerToken, error) {
	return m.token(ctx, reference, r, &dropoff)
}

// PickupToken gets the token by which the customer's phone opens the locker to take the
// parcel out. Give it to that phone; it is not stored (see WithPayloads). Harbor gives it
// only once the parcel is in (observed), so a delivery that is not known to be stored is
// looked up first; if it is not, the error is a *PhaseError.
//
// Safe to repeat: it gives another token for the same locker.
func (m *Manager) PickupToken(ctx context.Context, reference string, r harbor.TokenRequest) (*harbor.LockerToken, error) {
	return m.token(ctx, reference, r, &pickup)
}

// tokenKind is what differs between the two tokens.
type tokenKind struct {
	name    string
	op      operation
	event   Event
	allowed []Phase
	slot    func(d *record) **DoorToken
	ask     func(s *harbor.LockersService, ctx context.Context, ref harbor.LockerRef, r harbor.TokenRequest) (*harbor.LockerToken, error)
}

var dropoff = tokenKind{
	name: "dropoff token", op: opDropoffToken, event: EventDropoffToken,
	allowed: []Phase{PhaseReserved, PhaseRented, PhaseStored},
	slot:    func(d *record) **DoorToken { return &d.Dropoff },
	ask: func(s *harbor.LockersService, ctx context.Context, ref harbor.LockerRef, r harbor.TokenRequest) (*harbor.LockerToken, error) {
		return s.DropoffToken(ctx, ref, r)
	},
}

var pickup = tokenKind{
	name: "pickup token", op: opPickupToken, event: EventPickupToken,
	allowed: []Phase{PhaseStored},
	slot:    func(d *record) **DoorToken { return &d.Pickup },
	ask: func(s *harbor.LockersService, ctx context.Context, ref harbor.LockerRef, r harbor.TokenRequest) (*harbor.LockerToken, error) {
		return s.PickupToken(ctx, ref, r)
	},
}

func (k *tokenKind) check(d *record) error {
	if slices.Contains(k.allowed, d.Phase) {
		return nil
	}
	return &PhaseError{Op: k.name, Reference: d.Reference, Phase: d.Phase, Why: d.Why, Allowed: k.allowed}
}

func (m *Manager) token(ctx context.Context, reference string, r harbor.TokenRequest, k *tokenKind) (*harbor.LockerToken, error) {
	unlock, err := m.locks.lock(ctx, reference)
	if err != nil {
		return nil, failed(k.name, err)
	}
	defer unlock()
	d, err := m.records.Get(ctx, reference)
	if err != nil {
		return nil, failed(k.name, err)
	}
	if k.check(d) != nil && !d.Phase.Ended() && d.Claimed {
		if d, err = m.refresh(ctx, k.name, d); err != nil {
			return nil, failed(k.name, err)
		}
	}
	if r.ClientInfo == "" {
		r.ClientInfo = d.Request.ClientInfo
	}
	for range maxAsks {
		var t *harbor.LockerToken
		var before *DoorToken
		if d, before, err = m.intendToken(ctx, reference, r.Duration, k); err != nil {
			return nil, err
		}
		call, cancel := m.call(ctx)
		t, err = k.ask(m.client.Lockers, call, d.lockerRef(), r)
		cancel()
		switch answerOf(err) {
		case done:
			if err := m.recordToken(ctx, d, t, k); err != nil {
				return nil, failed(k.name, err)
			}
			return t, nil
		case unknown:
			next, lookErr := m.refresh(ctx, k.name, d)
			if lookErr != nil {
				return nil, failed(k.name, errors.Join(err, lookErr))
			}
			if lookErr = k.check(next); lookErr != nil {
				return nil, lookErr
			}
		case refused:
			if _, aside := m.recordNoToken(ctx, d, before, k); aside != nil {
				return nil, failed(k.name, errors.Join(err, aside))
			}
			if next, lookErr := m.refresh(ctx, k.name, d); lookErr == nil {
				if gone := k.check(next); gone != nil {
					return nil, gone
				}
			}
			return nil, failed(k.name, err)
		default:
			_, aside := m.recordNoToken(ctx, d, before, k)
			return nil, failed(k.name, errors.Join(err, aside))
		}
	}
	return nil, failed(k.name, err)
}

// intendToken stores that a token is about to be asked for. It returns also what was known
// of an earlier one.
func (m *Manager) intendToken(ctx context.Context, reference string, life time.Duration, k *tokenKind) (*record, *DoorToken, error) {
	var before *DoorToken
	d, err := m.change(ctx, k.name, reference, func(d *record, now time.Time) error {
		if err := k.check(d); err != nil {
			return err
		}
		slot := k.slot(d)
		before = *slot
		*slot = withRequest(before, now, life)
		d.intend(k.op, now, &m.cfg)
		return nil
	})
	return d, before, err
}

// recordToken writes down a token that came. It is no use when the delivery went elsewhere
// meanwhile.
func (m *Manager) recordToken(ctx context.Context, mine *record, t *harbor.LockerToken, k *tokenKind) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	var gone error
	_, err := m.change(ctx, k.name, mine.Reference, func(d *record, now time.Time) error {
		d.answered(mine.Pending)
		if slot := *k.slot(d); slot != nil {
			slot.record(t, m.cfg.payloads)
		}
		if gone = k.check(d); gone == nil {
			return d.apply(k.event, now, "")
		}
		return nil
	})
	return errors.Join(err, gone)
}

// recordNoToken writes down that no token came, and that none can.
func (m *Manager) recordNoToken(ctx context.Context, mine *record, before *DoorToken, k *tokenKind) (*record, error) {
	ctx, cancel := detached(ctx)
	defer cancel()
	return m.change(ctx, k.name, mine.Reference, func(d *record, _ time.Time) error {
		if !d.answered(mine.Pending) {
			return errUnchanged
		}
		// An earlier token, or a lost one, may still exist.
		if slot := k.slot(d); before != nil || !d.QuietAt.After(mine.Pending.At) {
			*slot = before
		}
		return nil
	})
}

// refresh looks at the delivery's locker and stores what follows.
func (m *Manager) refresh(ctx context.Context, op string, d *record) (*record, error) {
	for {
		var err error
		if d, err = m.records.Get(ctx, d.Reference); err != nil {
			return nil, err
		}
		if _, ok := d.claim(); !ok {
			return d, nil
		}
		s, err := m.lookAt(ctx, d)
		if err != nil {
			return nil, err
		}
		if !d.conclude(s, utcNow(), &m.cfg) {
			return d, nil
		}
		if err := m.put(ctx, d); !errors.Is(err, ErrStale) {
			return d, failed(op, err)
		}
	}
}

// withRequest notes that a token may exist from now on.
func withRequest(t *DoorToken, now time.Time, life time.Duration) *DoorToken {
	until := now.Add(life)
	if t == nil {
		return &DoorToken{AskedAt: now, ExpiresAt: until}
	}
	n := *t
	n.AskedAt, n.ExpiresAt = now, later(t.ExpiresAt, until)
	return &n
}

// record notes a token that came.
func (t *DoorToken) record(h *harbor.LockerToken, keep bool) {
	t.ExpiresAt = later(t.ExpiresAt, h.ExpiresAt.UTC())
	t.Payload, t.PayloadAuth = "", ""
	if keep {
		t.Payload, t.PayloadAuth = h.Payload, h.PayloadAuth
	}
}
