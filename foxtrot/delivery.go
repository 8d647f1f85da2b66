package foxtrot

import (
	"encoding/json"
	"time"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// Delivery is what is handed over at a waypoint.
type Delivery struct {
	ID       DeliveryID `json:"id"`
	Name     string     `json:"name"`     // of the product
	Quantity *float64   `json:"quantity"` // as imported; nil when not said
	Attempts []Attempt  `json:"attempts"` // as they came, presumably oldest first (observed)
}

// LastAttempt returns the attempt that counts, and false when there was none. A successful
// one followed by a failed one means that a part was refused (observed); how much, the API
// does not say.
func (d Delivery) LastAttempt() (Attempt, bool) {
	if len(d.Attempts) == 0 {
		return Attempt{}, false
	}
	return d.Attempts[len(d.Attempts)-1], true
}

// Attempt is what a driver reported about a delivery.
type Attempt struct {
	Status      DeliveryStatus
	At          *time.Time
	DriverNotes string // empty when there are none
	Code        string // reason, from the integrator's own list; empty when there is none
	Message     string // text of that reason
}

// DeliveryStatus is an open set: a status that is not known is kept as it came.
type DeliveryStatus string

// The documented statuses.
const (
	DeliverySuccessful         DeliveryStatus = "SUCCESSFUL"
	DeliveryFailed             DeliveryStatus = "FAILED"
	DeliveryVisitLater         DeliveryStatus = "VISIT_LATER"
	DeliveryAuthorizeReattempt DeliveryStatus = "AUTHORIZE_REATTEMPT" // after an earlier attempt
)

// Known reports whether the vendor's pages name the status.
func (s DeliveryStatus) Known() bool {
	switch s {
	case DeliverySuccessful, DeliveryFailed, DeliveryVisitLater, DeliveryAuthorizeReattempt:
		return true
	}
	return false
}

// UnmarshalJSON reads the wire's form.
func (d *Delivery) UnmarshalJSON(raw []byte) error {
	var w struct {
		ID       wire.Text  `json:"id"`
		Name     wire.Text  `json:"name"`
		Quantity wire.Float `json:"quantity"`
		Attempts []Attempt  `json:"attempts"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	*d = Delivery{DeliveryID(w.ID.Value), w.Name.Value, w.Quantity.Ptr(), w.Attempts}
	return nil
}

// UnmarshalJSON reads the wire's form.
func (a *Attempt) UnmarshalJSON(raw []byte) error {
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
	*a = Attempt{
		DeliveryStatus(w.AttemptStatus.Value), w.Timestamp.Ptr(), w.DriverNotes.Value, w.DeliveryCode.Value, w.DeliveryMessage.Value,
	}
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads, as the vendor's page has it.
func (a Attempt) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		AttemptStatus   DeliveryStatus `json:"attempt_status"`
		Timestamp       *int64         `json:"timestamp"`
		DriverNotes     *string        `json:"driver_notes"`
		DeliveryCode    *string        `json:"delivery_code"`
		DeliveryMessage *string        `json:"delivery_message"`
	}{a.Status, millis(a.At), orNull(a.DriverNotes), orNull(a.Code), orNull(a.Message)})
}

func (d Delivery) unknown(report func(field, value string)) {
	for _, a := range d.Attempts {
		if !a.Status.Known() {
			report("attempt.attempt_status", string(a.Status))
		}
	}
}
