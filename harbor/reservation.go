package harbor

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// Reservation is a locker kept for you. What Harbor answers is not documented, so only
// Ref and ExpiresAt are sure to be there.
type Reservation struct {
	Ref LockerRef
	// ID is Harbor's number for the reservation, as in its webhooks; nil when the
	// answer had none.
	ID *int64
	// ExpiresAt is when the reservation ends, if no drop-off token is asked for until
	// then: as Harbor said, or counted from when the request was made.
	ExpiresAt time.Time
	// Raw is the answer as it came; nil when it was empty.
	Raw json.RawMessage
}

// UnmarshalJSON reads whatever of a reservation is there. Since its shape is not
// documented, only an answer that is no object, or an error's body, is refused.
func (r *Reservation) UnmarshalJSON(b []byte) error {
	if err := refuseErrorBody(b); err != nil {
		return err
	}
	var w struct {
		ID      json.RawMessage `json:"id"`
		ID2     json.RawMessage `json:"reservationId"`
		ID3     json.RawMessage `json:"reservation_id"`
		Expires json.RawMessage `json:"expires"`
		At      json.RawMessage `json:"expiresAt"`
		At2     json.RawMessage `json:"expires_at"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	for _, raw := range []json.RawMessage{w.ID2, w.ID3, w.ID} {
		var id wire.Int
		if r.ID == nil && json.Unmarshal(raw, &id) == nil && id.Set {
			r.ID = &id.Value
		}
	}
	for _, raw := range []json.RawMessage{w.Expires, w.At, w.At2} {
		var at wire.Time
		if r.ExpiresAt.IsZero() && json.Unmarshal(raw, &at) == nil {
			r.ExpiresAt = at.At
		}
	}
	r.Raw = bytes.Clone(b)
	return nil
}

// refuseErrorBody keeps an error's body in a successful answer from passing for an answer
// whose shape is not documented.
func refuseErrorBody(b []byte) error {
	var w struct {
		Detail json.RawMessage `json:"detail"`
		Error  json.RawMessage `json:"error"`
		Errors json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(b, &w) != nil {
		return nil // another kind of value
	}
	for _, raw := range []json.RawMessage{w.Detail, w.Error, w.Errors} {
		if len(raw) > 0 && string(raw) != "null" {
			return &wire.ShapeError{Reason: "an error's body in a successful answer"}
		}
	}
	return nil
}

// rawAnswer is an answer whose shape is not documented, kept as it came.
type rawAnswer []byte

func (r *rawAnswer) UnmarshalJSON(b []byte) error {
	*r = bytes.Clone(b)
	return refuseErrorBody(b)
}

// LockerToken opens one door, once a phone gives it to the tower. Payload and PayloadAuth
// are what the mobile SDK wants, in hexadecimal (observed); give them to the one phone
// that should open the door, and keep them out of logs. No verb of fmt and no logger
// prints them; JSON does, since they must travel.
type LockerToken struct {
	Tower       TowerID `json:"tower_id"`
	Locker      *Locker `json:"locker"` // as it was when the token was made; nil when the answer had none
	Payload     string  `json:"payload"`
	PayloadAuth string  `json:"payload_auth"`
	// Expires is the end of the token's life as Harbor wrote it; its format is not
	// documented. ExpiresAt is the same, read as well as possible: without a zone it
	// is taken for UTC, and it is zero when it could not be read.
	Expires   string    `json:"expires"`
	ExpiresAt time.Time `json:"-"`
}

// String is the token without what opens the door.
func (t LockerToken) String() string {
	return fmt.Sprintf("harbor.LockerToken{Tower:%q, Payload:%s, Expires:%q}", string(t.Tower), redact.Text, t.Expires)
}

// Format writes the token without what opens the door, whatever the verb.
func (t LockerToken) Format(s fmt.State, verb rune) { redact.Format(s, verb, t.String()) }

// LogValue is the token without what opens the door.
func (t LockerToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// UnmarshalJSON reads a token in either spelling of its keys. One that could not open a
// door is refused.
func (t *LockerToken) UnmarshalJSON(b []byte) error {
	var w struct {
		Tower        wire.Text       `json:"tower_id"`
		Tower2       wire.Text       `json:"towerId"`
		Locker       json.RawMessage `json:"locker"`
		Payload      string          `json:"payload"`
		PayloadAuth  string          `json:"payload_auth"`
		PayloadAuth2 string          `json:"payloadAuth"`
		Expires      json.RawMessage `json:"expires"`
		Expires2     json.RawMessage `json:"expires_at"`
		Expires3     json.RawMessage `json:"expiresAt"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	*t = LockerToken{
		Tower: TowerID(cmp.Or(w.Tower, w.Tower2).Value).Normalize(), Locker: lockerBeside(w.Locker),
		Payload: w.Payload, PayloadAuth: cmp.Or(w.PayloadAuth, w.PayloadAuth2),
	}
	for _, raw := range []json.RawMessage{w.Expires, w.Expires2, w.Expires3} {
		if len(raw) > 0 && string(raw) != "null" {
			t.Expires, t.ExpiresAt = readTime(raw)
			break
		}
	}
	if t.Payload == "" || t.PayloadAuth == "" {
		return &wire.ShapeError{Reason: "a locker token has no payload"}
	}
	return nil
}

// readTime returns a time as it was written and as it can be understood.
func readTime(raw json.RawMessage) (string, time.Time) {
	var written string
	if json.Unmarshal(raw, &written) != nil {
		written = string(raw)
	}
	var t wire.Time
	if json.Unmarshal(raw, &t) != nil {
		return written, time.Time{}
	}
	return written, t.At
}

// lockerBeside reads the locker that comes with an answer. The answer is about something
// else and has been given for good: a locker that cannot be read must not cost it.
func lockerBeside(raw json.RawMessage) *Locker {
	l := new(Locker)
	if len(raw) == 0 || json.Unmarshal(raw, l) != nil {
		return nil
	}
	return l
}
