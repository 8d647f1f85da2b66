package foxtrot

import (
	"encoding/json"
	"time"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// WaypointDelivery is a product that is handed over at a waypoint; the vendor calls it a
// delivery.
type WaypointDelivery struct {
	ID       DeliveryID        `json:"id"`
	Name     string            `json:"name"`     // of the product
	Quantity *float64          `json:"quantity"` // as imported; nil when not said
	Attempts []DeliveryAttempt `json:"attempts"` // in the order they came, presumably oldest first (observed)
}

// LastAttempt returns the attempt that counts, and false when there was none. A successful
// attempt followed by a failed one means that the customer refused a part (observed); the
// API does not say how much.
func (d WaypointDelivery) LastAttempt() (DeliveryAttempt, bool) {
	if len(d.Attempts) == 0 {
		return DeliveryAttempt{}, false
	}
	return d.Attempts[len(d.Attempts)-1], true
}

// DeliveryAttempt is a driver's report about a delivery.
type DeliveryAttempt struct {
	Status      DeliveryStatus `json:"attempt_status"`
	At          *time.Time     `json:"timestamp"`
	DriverNotes string         `json:"driver_notes"`     // empty when there are none
	Code        string         `json:"delivery_code"`    // reason, from the integrator's own list; empty when there is none
	Message     string         `json:"delivery_message"` // text of that reason
}

// DeliveryStatus is an open set: an unknown status is kept as it came.
type DeliveryStatus string

// The documented statuses.
const (
	DeliveryStatusSuccessful         DeliveryStatus = "SUCCESSFUL"
	DeliveryStatusFailed             DeliveryStatus = "FAILED"
	DeliveryStatusVisitLater         DeliveryStatus = "VISIT_LATER"
	DeliveryStatusAuthorizeReattempt DeliveryStatus = "AUTHORIZE_REATTEMPT" // after an earlier attempt
)

// Known reports whether the vendor's pages name the status.
func (s DeliveryStatus) Known() bool {
	switch s {
	case DeliveryStatusSuccessful, DeliveryStatusFailed, DeliveryStatusVisitLater, DeliveryStatusAuthorizeReattempt:
		return true
	}
	return false
}

// UnmarshalJSON reads the wire's form.
func (d *WaypointDelivery) UnmarshalJSON(raw []byte) error {
	var w struct {
		ID       wire.Text         `json:"id"`
		Name     wire.Text         `json:"name"`
		Quantity wire.Float        `json:"quantity"`
		Attempts []DeliveryAttempt `json:"attempts"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	*d = WaypointDelivery{DeliveryID(w.ID.Value), w.Name.Value, w.Quantity.Ptr(), w.Attempts}
	return nil
}

func (d *WaypointDelivery) unknown(report func(field, value string)) {
	for _, a := range d.Attempts {
		if !a.Status.Known() {
			report("attempt.attempt_status", string(a.Status))
		}
	}
}

// UnmarshalJSON reads the wire's form.
func (a *DeliveryAttempt) UnmarshalJSON(raw []byte) error {
	var w struct {
		AttemptStatus    wire.Text `json:"attempt_status"`
		Timestamp        wire.Time `json:"timestamp"`
		AttemptTimestamp wire.Time `json:"attempt_timestamp"`
		DriverNotes      wire.Text `json:"driver_notes"`
		DeliveryCode     wire.Text `json:"delivery_code"`
		DeliveryMessage  wire.Text `json:"delivery_message"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	if !w.Timestamp.Set {
		w.Timestamp = w.AttemptTimestamp
	}
	*a = DeliveryAttempt{
		DeliveryStatus(w.AttemptStatus.Value), w.Timestamp.Ptr(), w.DriverNotes.Value, w.DeliveryCode.Value, w.DeliveryMessage.Value,
	}
	return nil
}

// MarshalJSON writes the wire's form: the time in milliseconds.
func (a DeliveryAttempt) MarshalJSON() ([]byte, error) {
	type plain DeliveryAttempt
	return json.Marshal(struct {
		plain
		At          *int64  `json:"timestamp"`
		DriverNotes *string `json:"driver_notes"`
		Code        *string `json:"delivery_code"`
		Message     *string `json:"delivery_message"`
	}{plain(a), millis(a.At), orNull(a.DriverNotes), orNull(a.Code), orNull(a.Message)})
}
