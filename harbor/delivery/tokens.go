package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go"
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
	ask     func(*harbor.LockersService, context.Context, harbor.LockerRef, harbor.TokenRequest, ...lockerline.CallOption) (*harbor.LockerToken, error)
}

var dropoff = tokenKind{
	"dropoff token", opDropoffToken, EventDropoffToken,
	[]Phase{PhaseReserved, PhaseRented, PhaseStored},
	func(d *record) **DoorToken { return &d.Dropoff }, (*harbor.LockersService).DropoffToken,
}

var pickup = tokenKind{
	"pickup token", opPickupToken, EventPickupToken,
	[]Phase{PhaseStored},
	func(d *record) **DoorToken { return &d.Pickup }, (*harbor.LockersService).PickupToken,
}

func (k *tokenKind) check(d *record) error {
	if slices.Contains(k.allowed, d.Phase) {
		return nil
	}
	return d.not(k.name, k.allowed...)
}

func (m *Manager) token(ctx context.Context, reference string, r harbor.TokenRequest, k *tokenKind) (*harbor.LockerToken, error) {
	return inTurn(ctx, m, k.name, reference, func() (*harbor.LockerToken, error) {
		d, err := m.records.Get(ctx, reference)
		if err != nil {
			return nil, err
		}
		if k.check(d) != nil && !d.Phase.Ended() {
			if _, _, err = m.refresh(ctx, d); err != nil {
				return nil, err
			}
		}
		r.ClientInfo = cmp.Or(r.ClientInfo, d.Request.ClientInfo)
		for range maxAsks {
			var t *harbor.LockerToken
			var before *DoorToken
			if d, before, err = m.intendToken(ctx, reference, r.Duration, k); err != nil {
				return nil, err
			}
			t, err = call(ctx, m, func(ctx context.Context) (*harbor.LockerToken, error) {
				return k.ask(m.client.Lockers, ctx, d.lockerRef(), r)
			})
			kind := answerOf(err)
			if kind == done {
				if err := m.recordToken(ctx, d, t, k); err != nil {
					return nil, err
				}
				return t, nil
			}
			if kind != unknown {
				var aside error
				if d, aside = m.recordNoToken(ctx, d, before, k); aside != nil || kind == failing {
					return nil, errors.Join(err, aside)
				}
			}
			next, _, aside := m.refresh(ctx, d)
			if aside != nil {
				return nil, errors.Join(err, aside)
			}
			if gone := k.check(next); gone != nil || kind == refused {
				return nil, cmp.Or(gone, err)
			}
		}
		return nil, err
	})
}

// intendToken stores that a token is about to be asked for. It returns also what was known
// of an earlier one.
func (m *Manager) intendToken(ctx context.Context, reference string, life time.Duration, k *tokenKind) (d *record, before *DoorToken, err error) {
	d, err = m.change(ctx, reference, func(d *record, now time.Time) (bool, error) {
		if err := k.check(d); err != nil {
			return false, err
		}
		slot := k.slot(d)
		before = *slot
		*slot = &DoorToken{AskedAt: now, ExpiresAt: now.Add(life)}
		if before != nil {
			**slot = *before
			(*slot).AskedAt, (*slot).ExpiresAt = now, later(before.ExpiresAt, now.Add(life))
		}
		d.intend(k.op, now, &m.cfg)
		return true, nil
	})
	return d, before, err
}

// recordToken writes down a token that came. It is no use when the delivery went elsewhere
// meanwhile.
func (m *Manager) recordToken(ctx context.Context, mine *record, t *harbor.LockerToken, k *tokenKind) error {
	d, err := m.settle(ctx, mine.Reference, func(d *record, now time.Time) (bool, error) {
		d.answered(mine.Pending)
		if slot := *k.slot(d); slot != nil {
			slot.ExpiresAt = later(slot.ExpiresAt, t.ExpiresAt.UTC())
			slot.Payload, slot.PayloadAuth = "", ""
			if m.cfg.payloads {
				slot.Payload, slot.PayloadAuth = t.Payload, t.PayloadAuth
			}
		}
		if k.check(d) != nil {
			return true, nil
		}
		return true, d.apply(k.event, now, "")
	})
	if err == nil {
		err = k.check(d)
	}
	return err
}

// recordNoToken writes down that no token came, and that none can.
func (m *Manager) recordNoToken(ctx context.Context, mine *record, before *DoorToken, k *tokenKind) (*record, error) {
	return m.settle(ctx, mine.Reference, func(d *record, _ time.Time) (bool, error) {
		if !d.answered(mine.Pending) {
			return false, nil
		}
		// An earlier token, or a lost one, may still exist.
		if before != nil || !d.QuietAt.After(mine.Pending.At) {
			*k.slot(d) = before
		}
		return true, nil
	})
}
