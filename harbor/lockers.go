package harbor

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// LockersService reserves lockers and gets the tokens that open them.
//
// Harbor has no idempotency key. A write of this service is sent again only when it
// provably never left, when Harbor refused to look at it (429), and after the first 401.
// When the answer is lost the error matches lockerline.ErrOutcomeUnknown: the write may have
// happened.
type LockersService struct{ c *Client }

type durationBody struct {
	Duration int64 `json:"duration"`
}

// Reserve takes a locker for d, in whole seconds: until then no other provider gets a
// drop-off token for it (vendor page). Another provider may be faster: then Harbor refuses
// (lockerline.ErrRefused), and another locker should be tried.
//
// Not safe to repeat. After lockerline.ErrOutcomeUnknown, look before asking again: the locker is
// among those of Assigned when it was taken by you, or TowersService.Lockers says what
// became of it. A reservation of yours can be used as if the answer had come.
func (s *LockersService) Reserve(ctx context.Context, ref LockerRef, d time.Duration, opts ...lockerline.CallOption) (*Reservation, error) {
	if err := check(opLockersReserve, ref.problems(), durationProblems(d)); err != nil {
		return nil, err
	}
	body, _ := json.Marshal(durationBody{seconds(d)})
	asked := time.Now()
	out := &Reservation{}
	_, err := s.c.call(ctx, opLockersReserve, transport.Call{Args: ref.args(), Body: body, Out: out, AllowEmpty: true}, opts)
	if err != nil {
		return nil, err
	}
	out.Ref = LockerRef{ref.Tower.Normalize(), ref.Locker}
	if out.ExpiresAt.IsZero() {
		out.ExpiresAt = asked.Add(d)
	}
	return out, nil
}

// CancelReservation gives up a reservation (vendor page). Which route does so is not
// documented: this takes the one the resource suggests, DELETE on reservations; see
// lockerline.WithOperationPath. A locker with a drop-off token out is not reserved any more but
// rented: use Release.
//
// Not repeated by the client, since the locker may have been reserved again meanwhile.
func (s *LockersService) CancelReservation(ctx context.Context, ref LockerRef, opts ...lockerline.CallOption) error {
	if err := check(opLockersCancelReservation, ref.problems()); err != nil {
		return err
	}
	var out rawAnswer // whatever it is, it must be an answer of Harbor
	_, err := s.c.call(ctx, opLockersCancelReservation, transport.Call{Args: ref.args(), Out: &out, AllowEmpty: true}, opts)
	return err
}

// TokenRequest is what a drop-off or pick-up token is asked for with.
type TokenRequest struct {
	// Duration is how long the token opens the door, in whole seconds. An unused
	// drop-off token keeps the locker yours until it expires (vendor page).
	Duration time.Duration
	// ClientInfo comes back in Harbor's webhooks. Put an order number there, never
	// personal data. It is sent also when empty.
	ClientInfo string
}

type tokenBody struct {
	Duration   int64  `json:"duration"`
	ClientInfo string `json:"client_info"`
}

// DropoffToken gets the token by which a phone opens the locker to put something in. The
// locker is rented from then on, reserved before or not; one reserved by another provider
// is refused (vendor page). Using the token at the tower makes it occupied.
//
// Asking again for the same locker is legal and gives another token, so Idempotent() does
// no harm; without it a lost answer is lockerline.ErrOutcomeUnknown and the locker may be rented.
func (s *LockersService) DropoffToken(ctx context.Context, ref LockerRef, req TokenRequest, opts ...lockerline.CallOption) (*LockerToken, error) {
	return s.token(ctx, opLockersDropoffToken, ref, req, opts)
}

// PickupToken gets the token by which a phone opens the locker to take something out. It
// can be had only once the drop-off really happened (observed); the locker stays occupied
// until the token is used.
//
// Not repeated by the client after the answer may have been lost; asking again gives
// another token.
func (s *LockersService) PickupToken(ctx context.Context, ref LockerRef, req TokenRequest, opts ...lockerline.CallOption) (*LockerToken, error) {
	return s.token(ctx, opLockersPickupToken, ref, req, opts)
}

func (s *LockersService) token(ctx context.Context, id opID, ref LockerRef, req TokenRequest, opts []lockerline.CallOption) (*LockerToken, error) {
	problems := durationProblems(req.Duration)
	if strings.ContainsRune(req.ClientInfo, 0) {
		problems = append(problems, lockerline.FieldError{Field: "ClientInfo", Message: "must not contain NUL"})
	}
	if err := check(id, ref.problems(), problems); err != nil {
		return nil, err
	}
	body, err := json.Marshal(tokenBody{seconds(req.Duration), req.ClientInfo})
	if err != nil {
		return nil, err
	}
	out := &LockerToken{}
	if _, err := s.c.call(ctx, id, transport.Call{Args: ref.args(), Body: body, Out: out}, opts); err != nil {
		return nil, err
	}
	if out.Tower == "" {
		out.Tower = ref.Tower.Normalize()
	}
	if out.Locker != nil && out.Locker.Tower == "" {
		out.Locker.Tower = out.Tower
	}
	if out.Locker != nil {
		s.c.reportUnknown(ctx, id, out.Locker.Status)
	}
	return out, nil
}

// Release gives up a rented locker (observed). It becomes available when any phone
// next connects to the tower; until then a drop-off token that is out still opens it. The
// locker is returned as Harbor answered; of one about which it said nothing only the
// reference is set.
//
// Not repeated by the client, since the locker may have been rented again meanwhile.
func (s *LockersService) Release(ctx context.Context, ref LockerRef, opts ...lockerline.CallOption) (*Locker, error) {
	if err := check(opLockersRelease, ref.problems()); err != nil {
		return nil, err
	}
	var out releaseWire
	_, err := s.c.call(ctx, opLockersRelease, transport.Call{Args: ref.args(), Body: []byte("{}"), Out: &out, AllowEmpty: true}, opts)
	if err != nil {
		return nil, err
	}
	l := Locker(out)
	if l.ID == 0 {
		l.ID = ref.Locker
	}
	if l.Tower == "" {
		l.Tower = ref.Tower.Normalize()
	}
	s.c.reportUnknown(ctx, opLockersRelease, l.Status)
	return &l, nil
}

// ErrHoldsParcel is what GiveBack returns for a locker that is occupied: get the parcel out
// with a pick-up token.
var ErrHoldsParcel = errors.New("harbor: the locker holds a parcel: use a pick-up token")

// maxGiveBacks is how often GiveBack looks when answers get lost.
const maxGiveBacks = 3

// GiveBack gives up a locker of yours, whatever it is: it looks among those assigned to
// you, cancels a reservation, releases a rental, and does nothing for a locker that is not
// or no longer yours. An occupied locker is ErrHoldsParcel.
//
// Safe to repeat, also after ErrOutcomeUnknown: it looks before it acts, and looks again
// when an answer was lost. Do not reserve the same locker anew at the same time.
func (s *LockersService) GiveBack(ctx context.Context, ref LockerRef, opts ...lockerline.CallOption) error {
	if err := check(opLockersRelease, ref.problems()); err != nil {
		return err
	}
	var lost error
	for range maxGiveBacks {
		status, err := s.assignedStatus(ctx, ref, opts)
		if err != nil {
			return errors.Join(err, lost)
		}
		switch status {
		case LockerStatusReserved:
			err = s.CancelReservation(ctx, ref, opts...)
		case LockerStatusRented:
			_, err = s.Release(ctx, ref, opts...)
		case LockerStatusOccupied:
			return ErrHoldsParcel
		}
		if !errors.Is(err, lockerline.ErrOutcomeUnknown) && !errors.Is(err, lockerline.ErrRefused) {
			return err
		}
		lost = err // it may be given back, or be in another state than a moment ago
	}
	return lost
}

// assignedStatus returns the status of a locker that is ours; empty when it is not.
func (s *LockersService) assignedStatus(ctx context.Context, ref LockerRef, opts []lockerline.CallOption) (LockerStatus, error) {
	mine, err := s.Assigned(ctx, opts...)
	for _, l := range mine {
		if l.ID == ref.Locker && (l.Tower == "" || l.Tower == ref.Tower.Normalize()) {
			return l.Status, err
		}
	}
	return "", err
}

// releaseWire is a locker-like answer: its status is all that was observed.
type releaseWire Locker

func (r *releaseWire) UnmarshalJSON(b []byte) error {
	if err := refuseErrorBody(b); err != nil {
		return err
	}
	if json.Unmarshal(b, (*Locker)(r)) == nil {
		return nil
	}
	var w struct {
		Status statusWire `json:"status"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*r = releaseWire{Status: w.Status.Status, StatusID: w.Status.ID}
	return nil
}

// Assigned returns every locker in your possession: reserved, rented or occupied by you
// (vendor page). It is the way to find out what became of a write whose answer was lost.
// A read: safe to repeat.
func (s *LockersService) Assigned(ctx context.Context, opts ...lockerline.CallOption) ([]Locker, error) {
	return listLockers(ctx, s.c, opLockersAssigned, nil, "", opts)
}
