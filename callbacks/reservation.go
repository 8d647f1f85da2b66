package callbacks

import "time"

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

// Reservations is the feed of reservation changes. Two deliveries are the same change when
// all decoded members agree, times taken as instants; the same reservation, status and time
// with other content is an amendment. Order is kept for each reservation.
//
// The value is the caller's own: replace a field, for example Key, to decide otherwise.
func Reservations(opts ...DecodeOption) Feed[ReservationChange] {
	d := newDecoder(opts)
	return Feed[ReservationChange]{
		Name:     ReservationsFeedName,
		Decode:   d.decode,
		Key:      reservationKey,
		Slot:     reservationSlot,
		Group:    func(c ReservationChange) string { return c.ReservationID },
		Time:     func(c ReservationChange) time.Time { return c.ChangeTime },
		Repaired: func(c ReservationChange) bool { return c.Repaired },
	}
}

func reservationSlot(c ReservationChange) Key {
	var b KeyBuilder
	return identify(&b, c).Key()
}

func identify(b *KeyBuilder, c ReservationChange) *KeyBuilder {
	return b.Text(c.ReservationID).Text(string(c.Status)).Instant(c.ChangeTime)
}

func reservationKey(c ReservationChange) Key {
	var b KeyBuilder
	identify(&b, c)
	addOptional(&b, c.FlowType, func(v FlowType) { b.Text(string(v)) })
	addOptional(&b, c.Barcodes, func(v []string) { b.Texts(v) })
	addOptional(&b, c.DocNumber, func(v string) { b.Text(v) })
	addOptional(&b, c.Blocked, func(v bool) { b.Bool(v) })
	addOptional(&b, c.ErrorState, func(v ErrorState) { b.Text(string(v)) })
	addOptional(&b, c.StartReservationDate, func(v time.Time) { b.Instant(v) })
	addOptional(&b, c.ExpirationDate, func(v time.Time) { b.Instant(v) })
	return b.Key()
}

func addOptional[T any](b *KeyBuilder, o Optional[T], add func(T)) {
	switch {
	case o.IsAbsent():
		b.Absent()
	case o.IsNull():
		b.Null()
	default:
		add(o.value)
	}
}
