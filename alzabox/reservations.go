package alzabox

import (
	"context"
	"errors"
	"iter"
	"net/url"
	"strconv"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/callbacks"
)

// ReservationsService makes reservations and changes them.
type ReservationsService struct{ c *Client }

// Get returns a reservation with all its attributes. One that does not exist is
// lockerline.ErrNotFound, whether AlzaBox answers 404 or null. Safe to repeat.
func (s *ReservationsService) Get(ctx context.Context, id string, opts ...lockerline.CallOption) (*Reservation, error) {
	return s.get(ctx, id, lockerline.NewCallConfig(opts))
}

func (s *ReservationsService) get(ctx context.Context, id string, cfg lockerline.CallConfig) (*Reservation, error) {
	var bad faults
	bad.id("id", id, maxID)
	q := fields("reservation", nil, reservationFields)
	q.Set("filter[id]", id)
	r, _, err := one[Reservation](ctx, s.c, opReservationsGet, q, "reservation", nil, bad, cfg)
	return r, err
}

// ReservationFilter chooses reservations: those that fit all that is given (observed).
type ReservationFilter struct {
	ListOptions
	IDs     []string         // at most 100
	Status  callbacks.Status // one; AlzaBox documents no list
	Barcode string           // one
	Blocked *bool
}

// List returns a page of reservations; All reads every page. How long ended ones are kept
// is not documented. Safe to repeat.
func (s *ReservationsService) List(ctx context.Context, f ReservationFilter, opts ...lockerline.CallOption) ([]Reservation, error) {
	var bad faults
	bad.page(f.ListOptions)
	bad.add(len(f.IDs) > maxIDs, "IDs", "must be at most 100")
	q := f.query("reservation", reservationFields)
	for _, id := range f.IDs {
		bad.id("IDs", id, maxID)
		q.Add("filter[id]", id)
	}
	bad.text("Barcode", f.Barcode, maxBarcode)
	for key, v := range map[string]string{"filter[status]": string(f.Status), "filter[barcode]": f.Barcode} {
		if v != "" {
			q.Set(key, v)
		}
	}
	if f.Blocked != nil {
		q.Set("filter[blocked]", strconv.FormatBool(*f.Blocked))
	}
	return list[Reservation](ctx, s.c, opReservationsList, q, "reservations", bad, lockerline.NewCallConfig(opts))
}

// All yields every reservation that fits, f.Limit at a time. A failure is yielded last.
// Without IDs, rows that leave the filter while pages are read make it skip others.
func (s *ReservationsService) All(ctx context.Context, f ReservationFilter, opts ...lockerline.CallOption) iter.Seq2[Reservation, error] {
	return all(ctx, f.ListOptions, func(ctx context.Context, p ListOptions) ([]Reservation, error) {
		f.ListOptions = p
		return s.List(ctx, f, opts...)
	})
}

// Create makes a reservation. It is sent once; when its answer is lost, or says that the id
// exists, Create looks the reservation up and compares:
//
//   - created: the reservation that exists is what r asks for, and is returned. So a program
//     that was killed can repeat Create.
//   - different: lockerline.ErrConflict; Error.Fields name what differs, without values. So
//     is an id whose reservation has ended, which AlzaBox may not give again (unknown).
//   - unknown: lockerline.ErrOutcomeUnknown when the look-up failed or found nothing: the
//     request may still be on its way. Create may be repeated.
//
// A success may be a prereservation that holds no compartment: see Reservation.Waits. A
// box without a compartment is ErrBoxFull or ErrTooLarge, and nothing is left behind.
func (s *ReservationsService) Create(ctx context.Context, r ReservationRequest, opts ...lockerline.CallOption) (*Reservation, error) {
	cfg := lockerline.NewCallConfig(opts)
	q := fields("reservation", nil, reservationFields)
	made, _, err := one[Reservation](ctx, s.c, opReservationsCreate, q, "reservation", r.wire(), r.check(), cfg)
	e, ok := errors.AsType[*lockerline.Error](err)
	if !ok || !e.MaybeApplied && !errors.Is(e, lockerline.ErrConflict) {
		return made, err
	}
	is, lookup := s.get(ctx, r.ID, cfg)
	if lookup != nil {
		return nil, err
	}
	if e.Fields = r.differences(is); e.Fields == nil {
		return is, nil
	}
	e.StatusCode, e.Code, e.MaybeApplied, e.Err = 409, CodeConflict, false, nil
	return nil, e
}

// ReservationUpdate is what to change of a reservation. What is zero or absent stays as it
// is. Type, PIN, box, document number, flow and products cannot be changed.
type ReservationUpdate struct {
	// Status is StatusCanceled, or StatusStockedLocked and StatusStocked in place of Blocked.
	Status callbacks.Status `json:"status,omitzero"`
	Times
	Blocked  callbacks.Optional[bool] `json:"blocked,omitzero"`
	Packages []Package                `json:"packages,omitempty"` // found by their barcodes; AlzaBox looks for a compartment again
	Payment  *Payment                 `json:"paymentData,omitempty"`
	// NextTimes are the slots of a prereservation to change, found by Start; their other
	// two times can be changed. Those not named stay as they are.
	NextTimes []Times `json:"nextReservationTimes,omitempty"`
}

// Update changes a reservation. AlzaBox loses the next times of a prereservation unless each
// PATCH has all of them, so Update reads the reservation first and sends them complete; a
// next time that the reservation has not is refused. Safe to repeat, not against a second
// writer of next times.
func (s *ReservationsService) Update(ctx context.Context, id string, u ReservationUpdate, opts ...lockerline.CallOption) (*Reservation, error) {
	return s.update(ctx, id, u, lockerline.NewCallConfig(opts))
}

func (s *ReservationsService) update(ctx context.Context, id string, u ReservationUpdate, cfg lockerline.CallConfig) (*Reservation, error) {
	bad := u.check(id)
	if bad == nil && u.Status != callbacks.StatusCanceled {
		is, err := s.get(ctx, id, cfg)
		if err != nil {
			return nil, err
		}
		bad.add(!u.complete(is.NextTimes.Or(nil)), "NextTimes", "must be among those of the reservation")
	}
	type attributes ReservationUpdate
	data := map[string]any{"reservation": map[string]any{"id": id, "attributes": attributes(u)}}
	r, _, err := one[Reservation](ctx, s.c, opReservationsUpdate, fields("reservation", nil, reservationFields), "reservation", data, bad, cfg)
	return r, err
}

// complete adds the next times that u does not change. It reports false when u has one of
// another start.
func (u *ReservationUpdate) complete(is []Times) bool {
	changes := map[int64]Times{}
	for _, t := range u.NextTimes {
		changes[t.Start.Or(time.Time{}).UnixMilli()] = t
	}
	u.NextTimes = nil
	for _, t := range is {
		start := t.Start.Or(time.Time{}).UnixMilli()
		c := changes[start]
		delete(changes, start)
		if !c.Expiration.IsAbsent() {
			t.Expiration = c.Expiration
		}
		if !c.PrereservationExpiration.IsAbsent() {
			t.PrereservationExpiration = c.PrereservationExpiration
		}
		u.NextTimes = append(u.NextTimes, t)
	}
	return len(changes) == 0
}

func (u *ReservationUpdate) check(id string) (bad faults) {
	bad.id("id", id, maxID)
	bad.times("", u.Times)
	for _, p := range u.Packages {
		bad.id("Packages.Barcode", p.Barcode, maxBarcode)
		bad.dimensions("Packages", p.Dimensions)
	}
	for _, t := range u.NextTimes {
		bad.times("NextTimes.", t)
	}
	bad.payment(u.Payment)
	return bad
}

// Extend moves the end of a reservation. Safe to repeat.
func (s *ReservationsService) Extend(ctx context.Context, id string, until time.Time, opts ...lockerline.CallOption) (*Reservation, error) {
	return s.Update(ctx, id, ReservationUpdate{Times: Times{Expiration: callbacks.Some(until)}}, opts...)
}

// Block keeps the customer from picking the parcel up, also one that is not in the box yet.
// It sets Blocked, as the vendor recommends, not STOCKED_LOCKED. Safe to repeat.
func (s *ReservationsService) Block(ctx context.Context, id string, opts ...lockerline.CallOption) (*Reservation, error) {
	return s.Update(ctx, id, ReservationUpdate{Blocked: callbacks.Some(true)}, opts...)
}

// Unblock lets the customer pick the parcel up. Safe to repeat.
func (s *ReservationsService) Unblock(ctx context.Context, id string, opts ...lockerline.CallOption) (*Reservation, error) {
	return s.Update(ctx, id, ReservationUpdate{Blocked: callbacks.Some(false)}, opts...)
}

// Cancel ends a reservation. From which statuses that is allowed is not documented. Safe to
// repeat: when AlzaBox refuses, a reservation that is cancelled already is a success.
func (s *ReservationsService) Cancel(ctx context.Context, id string, opts ...lockerline.CallOption) (*Reservation, error) {
	cfg := lockerline.NewCallConfig(opts)
	r, err := s.update(ctx, id, ReservationUpdate{Status: callbacks.StatusCanceled}, cfg)
	if errors.Is(err, lockerline.ErrConflict) || errors.Is(err, lockerline.ErrInvalid) {
		if is, lookup := s.get(ctx, id, cfg); lookup == nil && is.Status == callbacks.StatusCanceled {
			return is, nil
		}
	}
	return r, err
}

// StoreRequest is a parcel that a customer stands with before a box.
type StoreRequest struct {
	QRCode         string `json:"qrCode"`       // of the box: "alza://alzabox/" and its number
	AlzaPortCode   string `json:"alzaPortCode"` // what the customer would scan
	DocumentNumber string `json:"documentNumber"`
}

// Store opens a compartment for a parcel and makes an INLET reservation of it, whose id
// only a callback or a list tells. It returns the state of the package; empty when AlzaBox
// told none. An answer that says that the parcel is not stored, though its HTTP status is
// 200, is ErrNotStored. Never repeat it: a door may be open.
func (s *ReservationsService) Store(ctx context.Context, r StoreRequest, opts ...lockerline.CallOption) (PackageState, error) {
	var bad faults
	bad.id("QRCode", r.QRCode, maxBarcode)
	bad.id("AlzaPortCode", r.AlzaPortCode, maxBarcode)
	bad.text("DocumentNumber", r.DocumentNumber, maxBarcode)
	var out struct {
		Success bool         `json:"success"`
		State   PackageState `json:"state"`
		Message string       `json:"errorMessage"`
	}
	data := map[string]any{"reservation": map[string]any{"attributes": r}}
	res, err := s.c.call(ctx, opReservationsStore, url.Values{}, data, &envelope{out: &out}, bad, lockerline.NewCallConfig(opts))
	if err == nil && !out.Success {
		e := s.c.transport.Failed(opReservationsStore, res.CallMeta, ErrNotStored)
		e.Detail = out.Message
		err = e
	}
	return out.State, err
}
