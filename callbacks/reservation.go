package callbacks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// ReservationChange is one change of a reservation that the partner did not cause itself.
// Every member after the first three depends on what the vendor switched on for the
// partner, each on its own, and more members will come: what is not known is ignored here
// and stays in Raw.
type ReservationChange struct {
	// ReservationID names the reservation. OUTLET: chosen by the partner, up to 100
	// characters of any kind. INLET: made by the vendor, so the partner has never seen it.
	// Compare it exactly, escape it in a path.
	ReservationID string `json:"reservationId"`
	// Status is the new state.
	Status Status `json:"status"`
	// ChangeTime is when the change happened, in UTC, not when it was sent.
	ChangeTime time.Time `json:"changeTime"`
	// FlowType is which way the parcel goes.
	FlowType Optional[FlowType] `json:"flowType,omitzero"`
	// Barcodes of the packages, in the order and the number they came; they are text, with
	// leading zeros.
	Barcodes Optional[[]string] `json:"barcodes,omitzero"`
	// DocNumber is the partner's additional number; often the reservation id (observed).
	DocNumber Optional[string] `json:"docNumber,omitzero"`
	// Blocked tells that the customer could not pick the parcel up at ChangeTime. Absent is
	// not false.
	Blocked Optional[bool] `json:"blocked,omitzero"`
	// ErrorState says why the status is INCOMPLETE, where the sender gave a reason.
	ErrorState Optional[ErrorState] `json:"errorState,omitzero"`
	// StartReservationDate is the new start, in UTC; null when the time slot did not change.
	StartReservationDate Optional[time.Time] `json:"startReservationDate,omitzero"`
	// ExpirationDate is the new end, in UTC; null when the time slot did not change.
	ExpirationDate Optional[time.Time] `json:"expirationDate,omitzero"`

	// Raw is the body as it came. It shares its bytes with what was decoded; do not change it.
	Raw []byte `json:"-"`
	// Repaired tells that the body was not JSON as it came: it ended in a comma, as two
	// examples of the vendor page do.
	Repaired bool `json:"-"`
}

// ReservationsFeedName is the name of the feed of reservation changes, wherever it is stored,
// logged or counted.
const ReservationsFeedName = "reservations"

// Reservations returns the feed of reservation changes. Two deliveries are the same change when
// all decoded members agree, times taken as instants; the same reservation, status and time
// with other content is an amendment. Order is kept for each reservation.
//
// The value is the caller's own: replace a field, for example Key, to decide otherwise.
func Reservations() Feed[ReservationChange] {
	return Feed[ReservationChange]{
		Name:     ReservationsFeedName,
		Decode:   Decode,
		Key:      reservationKey,
		Slot:     reservationSlot,
		Group:    func(c ReservationChange) string { return c.ReservationID },
		Time:     func(c ReservationChange) time.Time { return c.ChangeTime },
		Repaired: func(c ReservationChange) bool { return c.Repaired },
	}
}

func reservationSlot(c ReservationChange) Key {
	var buf [keySize]byte
	return digest(identify(buf[:0], c))
}

func identify(b []byte, c ReservationChange) []byte {
	b = appendText(b, c.ReservationID)
	b = appendText(b, string(c.Status))
	return appendInstant(b, c.ChangeTime)
}

func reservationKey(c ReservationChange) Key {
	var buf [keySize]byte
	b := identify(buf[:0], c)
	b = appendOptional(b, c.FlowType, appendText)
	b = appendOptional(b, c.Barcodes, appendTexts)
	b = appendOptional(b, c.DocNumber, appendText)
	b = appendOptional(b, c.Blocked, appendBool)
	b = appendOptional(b, c.ErrorState, appendText)
	b = appendOptional(b, c.StartReservationDate, appendInstant)
	b = appendOptional(b, c.ExpirationDate, appendInstant)
	return digest(b)
}

func appendOptional[T any](b []byte, o Optional[T], add func([]byte, T) []byte) []byte {
	switch o.state {
	case absent:
		return append(b, tagAbsent)
	case null:
		return append(b, tagNull)
	default:
		return add(b, o.value)
	}
}

// Optional is a member of a body that can be absent, null or a value, and keeps the three
// apart: absent most likely means that the sender has not switched the member on, null that
// the member has no value now. The zero Optional is absent. With the JSON option omitzero it is
// written back as it was read.
type Optional[T any] struct {
	value T
	state presence
}

type presence uint8

const (
	absent presence = iota
	null
	present
)

// Some returns an Optional with a value.
func Some[T any](v T) Optional[T] { return Optional[T]{value: v, state: present} }

// Null returns an Optional that is there without a value.
func Null[T any]() Optional[T] { return Optional[T]{state: null} }

// Get returns the value, and whether there is one. Without one it returns the zero value of
// T, which means nothing: a missing blocked flag does not mean "not blocked".
func (o Optional[T]) Get() (T, bool) { return o.value, o.state == present }

// Or returns the value, or fallback where there is none.
func (o Optional[T]) Or(fallback T) T {
	if o.state == present {
		return o.value
	}
	return fallback
}

// IsAbsent reports whether the body had no such member.
func (o Optional[T]) IsAbsent() bool { return o.state == absent }

// IsNull reports whether the member was there without a value.
func (o Optional[T]) IsNull() bool { return o.state == null }

// IsZero reports whether the member is absent; the JSON option omitzero asks it.
func (o Optional[T]) IsZero() bool { return o.state == absent }

// String returns the value as fmt prints it, or "absent" or "null".
func (o Optional[T]) String() string {
	switch o.state {
	case present:
		return fmt.Sprint(o.value)
	case null:
		return "null"
	default:
		return "absent"
	}
}

// MarshalJSON writes the value, a time in UTC, or null. An absent Optional becomes null too unless its
// field has the option omitzero.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.state != present {
		return []byte("null"), nil
	}
	if at, ok := any(o.value).(time.Time); ok {
		return json.Marshal(at.UTC())
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value or null; encoding/json calls it only for a member that is
// there. A time without a zone is UTC, and the zero date of .NET is null.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*o = Null[T]()
		return nil
	}
	var v T
	if at, ok := any(&v).(*time.Time); ok {
		var w wire.Time
		if err := w.UnmarshalJSON(data); err != nil || !w.Set {
			*o = Null[T]()
			return err
		}
		*at = w.At.UTC()
	} else if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Some(v)
	return nil
}
