package harbor

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// WebhookEvent is what Harbor posts to an address that its staff set up for you (vendor
// page): there is no API to register one, and its signature, retries and order are not
// documented. Take it as a hint to look, with Watcher.Nudge(e.Locker).
//
// To receive events with package callbacks, which asks for no more than the methods here:
//
//	feed := callbacks.FeedOf(harbor.WebhookFeedName, harbor.DecodeWebhook)
type WebhookEvent struct {
	Event  WebhookEventType
	Source WebhookSource
	Locker LockerRef
	Status LockerStatus // as of At
	At     time.Time    // of the change, from data.timestamp; the outer one has no zone and is not read
	// ReservationID, TokenID and RequestID are nil where Harbor sends null. RequestID
	// is the Locker Open request's.
	ReservationID *int64
	TokenID       *int64
	RequestID     *int64
	ClientInfo    string          // as given with the token or link; empty for null
	KeypadCode    string          // opens the door at the keypad; empty for null. Never printed
	Payload       json.RawMessage // as given with the link; nil for null
}

// WebhookEventType is what happened. It is an open set: see Known.
type WebhookEventType string

// The events that the vendor's page shows.
const (
	WebhookEventLockerAssigned  WebhookEventType = "LOCKER_ASSIGNED"
	WebhookEventLockerOperation WebhookEventType = "LOCKER_OPERATION"
)

// Known reports whether the name is one of the constants of this package.
func (n WebhookEventType) Known() bool {
	return n == WebhookEventLockerAssigned || n == WebhookEventLockerOperation
}

// WebhookSource is what made it happen. It is an open set: see Known.
type WebhookSource string

// The sources that the vendor's page shows.
const (
	WebhookSourceOpenLinkCreated    WebhookSource = "LOCKER_OPEN_LINK_CREATED"
	WebhookSourceLockerTokenCreated WebhookSource = "LOCKER_TOKEN_CREATED"
	WebhookSourceLockerTokenUsed    WebhookSource = "LOCKER_TOKEN_USED"
)

// Known reports whether the source is one of the constants of this package.
func (s WebhookSource) Known() bool {
	switch s {
	case WebhookSourceOpenLinkCreated, WebhookSourceLockerTokenCreated, WebhookSourceLockerTokenUsed:
		return true
	}
	return false
}

// DecodeWebhook reads the body of a webhook. Unknown events, sources, statuses and keys
// are kept or passed over; an error means that it names no locker or no event, so that
// nothing could be done with it. Its text holds nothing of the body.
func DecodeWebhook(raw []byte) (WebhookEvent, error) {
	var w struct {
		Event     wire.Text `json:"event"`
		Timestamp wire.Time `json:"timestamp"`
		Data      struct {
			Timestamp   wire.Time       `json:"timestamp"`
			Locker      wire.Int        `json:"locker_id"`
			Locker2     wire.Int        `json:"lockerId"`
			Tower       wire.Text       `json:"tower_id"`
			Tower2      wire.Text       `json:"towerId"`
			Status      wire.Text       `json:"locker_status"`
			Status2     wire.Text       `json:"lockerStatus"`
			Source      wire.Text       `json:"source"`
			Reservation wire.Int        `json:"reservation_id"`
			Token       wire.Int        `json:"open_locker_token_id"`
			Request     wire.Int        `json:"locker_open_request_id"`
			Keypad      wire.Text       `json:"keypad_code"`
			ClientInfo  wire.Text       `json:"client_info"`
			Payload     json.RawMessage `json:"locker_open_request_payload"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return WebhookEvent{}, errors.New("harbor: webhook: the body is not the JSON of an event")
	}
	d := &w.Data
	e := WebhookEvent{
		Event: WebhookEventType(w.Event.Value), Source: WebhookSource(d.Source.Value),
		Locker:        LockerRef{TowerID(cmp.Or(d.Tower, d.Tower2).Value).Normalize(), LockerID(first(d.Locker, d.Locker2).Value)},
		Status:        ParseLockerStatus(cmp.Or(d.Status, d.Status2).Value),
		At:            cmp.Or(d.Timestamp, w.Timestamp).At,
		ReservationID: pointer(d.Reservation), TokenID: pointer(d.Token), RequestID: pointer(d.Request),
		ClientInfo: d.ClientInfo.Value, KeypadCode: d.Keypad.Value,
	}
	if len(d.Payload) > 0 && string(d.Payload) != "null" {
		e.Payload = d.Payload
	}
	if e.Event == "" || e.Locker.Locker <= 0 || !e.Locker.Tower.Valid() {
		return WebhookEvent{}, errors.New("harbor: webhook: the event names no event or no locker")
	}
	return e, nil
}

// WebhookFeedName is the name under which these events are kept among others.
const WebhookFeedName = "harbor.webhooks"

// String names the event and the locker; never the keypad code or the payload.
func (e WebhookEvent) String() string {
	return string(e.Event) + " " + string(e.Source) + " " + e.Locker.String() + " " + string(e.Status)
}

// Format writes String, whatever the verb.
func (e WebhookEvent) Format(s fmt.State, verb rune) { redact.Format(s, verb, e.String()) }

// LogValue is String for log/slog.
func (e WebhookEvent) LogValue() slog.Value { return slog.StringValue(e.String()) }

// Identity returns the fields that make two events the same: all but what the outer
// timestamp says.
func (e WebhookEvent) Identity() []string {
	return []string{
		string(e.Event), string(e.Source), e.Locker.String(), string(e.Status), e.At.UTC().Format(time.RFC3339Nano),
		number(e.ReservationID), number(e.TokenID), number(e.RequestID), e.ClientInfo, e.KeypadCode, string(e.Payload),
	}
}

// Group is the locker: its events are handled in order.
func (e WebhookEvent) Group() string { return e.Locker.String() }

// Time is when the change happened.
func (e WebhookEvent) Time() time.Time { return e.At }

func pointer(n wire.Int) *int64 {
	if !n.Set {
		return nil
	}
	return &n.Value
}

func number(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}
