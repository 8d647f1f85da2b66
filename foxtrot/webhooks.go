package foxtrot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// WebhooksService manages the addresses to which Foxtrot sends events. Webhooks belong to
// the organisation, not to a DC.
type WebhooksService struct{ c *Client }

func webhookArgs(id WebhookID) []arg { return []arg{{"webhook", string(id)}} }

// List returns every webhook. Safe to repeat.
func (s *WebhooksService) List(ctx context.Context, opts ...lockerline.CallOption) ([]Webhook, error) {
	return list[Webhook](ctx, s.c, opWebhooksList, "webhooks", absentNull, nil, opts)
}

// WebhookRequest describes a webhook to create. All members are needed.
type WebhookRequest struct {
	// URL is the whole http or https address to send to. Foxtrot signs nothing, so make
	// it one that cannot be guessed, and keep it as a secret.
	URL    string
	Events []WebhookEventType
	DCs    []DCID
}

// Create creates a webhook, enabled. It is not safe to repeat: after a lost answer the
// client does not send it again, and the error is lockerline.ErrOutcomeUnknown; look with
// List.
func (s *WebhooksService) Create(ctx context.Context, req WebhookRequest, opts ...lockerline.CallOption) (*Webhook, error) {
	if err := argumentError(operations[opWebhooksCreate].Name, req.faults()); err != nil {
		return nil, err
	}
	body := struct {
		WebhookURL string             `json:"webhook_url"`
		Events     []WebhookEventType `json:"events"`
		DCs        []DCID             `json:"dc_ids"`
	}{req.URL, req.Events, req.DCs}
	return one[Webhook](ctx, s.c, opWebhooksCreate, "webhook", nil, body, opts)
}

func (r WebhookRequest) faults() (bad []lockerline.FieldError) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		bad = append(bad, lockerline.FieldError{Field: "URL", Message: "must be a whole http or https address"})
	}
	if len(r.Events) == 0 {
		bad = append(bad, lockerline.FieldError{Field: "Events", Message: "must name at least one event"})
	}
	for i, e := range r.Events {
		if e == "" {
			bad = append(bad, lockerline.FieldError{Field: fmt.Sprintf("Events[%d]", i), Message: "must not be empty"})
		}
	}
	if len(r.DCs) == 0 {
		bad = append(bad, lockerline.FieldError{Field: "DCs", Message: "must name at least one DC"})
	}
	for i, dc := range r.DCs {
		if reason := badID(string(dc)); reason != "" {
			bad = append(bad, lockerline.FieldError{Field: fmt.Sprintf("DCs[%d]", i), Message: reason})
		}
	}
	return bad
}

// Enable enables a webhook, such as one that Foxtrot disabled because it failed for more
// than a day (vendor page). Safe to repeat.
func (s *WebhooksService) Enable(ctx context.Context, id WebhookID, opts ...lockerline.CallOption) (*Webhook, error) {
	return one[Webhook](ctx, s.c, opWebhooksEnable, "webhook", webhookArgs(id), map[string]bool{"enabled": true}, opts)
}

// Disable disables a webhook. Its other members cannot be changed: delete it and create
// another (vendor page). Safe to repeat.
func (s *WebhooksService) Disable(ctx context.Context, id WebhookID, opts ...lockerline.CallOption) (*Webhook, error) {
	return one[Webhook](ctx, s.c, opWebhooksDisable, "webhook", webhookArgs(id), map[string]bool{"enabled": false}, opts)
}

// Delete deletes a webhook. Safe to repeat: when an answer was lost and the repeat finds
// nothing, the webhook is gone and Delete succeeds. One that never existed is
// lockerline.ErrNotFound.
func (s *WebhooksService) Delete(ctx context.Context, id WebhookID, opts ...lockerline.CallOption) error {
	cfg := lockerline.NewCallConfig(opts)
	res, err := s.c.call(ctx, opWebhooksDelete, webhookArgs(id), nil, nil, cfg)
	if e, ok := errors.AsType[*lockerline.Error](err); ok && res.MaybeApplied && e.Attempts > 1 && e.Err == nil && errors.Is(e, lockerline.ErrNotFound) {
		return nil
	}
	return err
}

// Webhook is an address to which Foxtrot sends events.
type Webhook struct {
	ID      WebhookID          `json:"id"`
	URL     string             `json:"url"`     // read from "url" and "webhook_url"
	Enabled *bool              `json:"enabled"` // nil when not said
	DCs     []DCID             `json:"dc_ids"`
	Events  []WebhookEventType `json:"events"`
}

// UnmarshalJSON reads the wire's form.
func (h *Webhook) UnmarshalJSON(raw []byte) error {
	var w struct {
		ID         wire.Text   `json:"id"`
		URL        wire.Text   `json:"url"`
		WebhookURL wire.Text   `json:"webhook_url"`
		Enabled    *bool       `json:"enabled"`
		DCs        []wire.Text `json:"dc_ids"`
		Events     []wire.Text `json:"events"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	if w.URL.Value == "" {
		w.URL = w.WebhookURL
	}
	*h = Webhook{WebhookID(w.ID.Value), w.URL.Value, w.Enabled, texts[DCID](w.DCs), texts[WebhookEventType](w.Events)}
	return nil
}

func (h *Webhook) identified() bool { return h.ID != "" }

func (h *Webhook) unknown(report func(field, value string)) {
	for _, e := range h.Events {
		if !e.Known() {
			report("webhook.events", string(e))
		}
	}
}

// WebhookEvent is what Foxtrot sends to a webhook: something changed, read it again. It
// has no signature and no id, may come twice and out of order, and the vendor documents
// the members of one type alone; Raw has the others.
type WebhookEvent struct {
	Type WebhookEventType
	// At is when it happened, by Foxtrot's clock; nil when not said.
	At         *time.Time
	DCID       DCID
	RouteID    RouteID    // empty when the event is not about a route
	WaypointID WaypointID // empty unless the event says
	CustomerID CustomerID // empty unless the event says
	Raw        json.RawMessage
}

// WebhookEventType is an open set: an unknown type is kept as it came.
type WebhookEventType string

// The documented events.
const (
	WebhookEventRouteCreated            WebhookEventType = "ROUTE_CREATED"
	WebhookEventRouteStarted            WebhookEventType = "ROUTE_STARTED"
	WebhookEventRouteETAsChanged        WebhookEventType = "ROUTE_ETAS_CHANGED"
	WebhookEventWaypointStatusChanged   WebhookEventType = "WAYPOINT_STATUS_CHANGED"
	WebhookEventCustomerLocationChanged WebhookEventType = "CUSTOMER_LOCATION_CHANGED"
)

// Known reports whether the vendor's pages name the event.
func (t WebhookEventType) Known() bool {
	switch t {
	case WebhookEventRouteCreated, WebhookEventRouteStarted, WebhookEventRouteETAsChanged,
		WebhookEventWaypointStatusChanged, WebhookEventCustomerLocationChanged:
		return true
	}
	return false
}

// DecodeWebhook reads the body of a webhook. It is pure and keeps a copy of raw. A body
// that is not a JSON object with an event is a *lockerline.DecodeError; an unknown event
// is no error.
func DecodeWebhook(raw []byte) (WebhookEvent, error) {
	body := bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))
	var w struct {
		Event               wire.Text `json:"event"`
		HookTimestampMillis wire.Time `json:"hook_timestamp_millis"`
		DCID                wire.Text `json:"dc_id"`
		RouteID             wire.Text `json:"route_id"`
		WaypointID          wire.Text `json:"waypoint_id"`
		CustomerID          wire.Text `json:"customer_id"`
	}
	reason := ""
	err := json.Unmarshal(body, &w)
	switch {
	case err != nil && json.Valid(body):
		reason = "wrong shape"
	case err != nil:
		reason = "not JSON, or cut off"
	case w.Event.Value == "":
		reason = "no event in it"
	}
	if reason != "" {
		return WebhookEvent{}, &lockerline.DecodeError{Reason: reason, Offset: -1, Snapshot: bytes.Clone(raw[:min(len(raw), 4<<10)]), Err: err}
	}
	return WebhookEvent{
		Type: WebhookEventType(w.Event.Value), At: w.HookTimestampMillis.Ptr(), DCID: DCID(w.DCID.Value),
		RouteID: RouteID(w.RouteID.Value), WaypointID: WaypointID(w.WaypointID.Value), CustomerID: CustomerID(w.CustomerID.Value),
		Raw: bytes.Clone(body),
	}, nil
}

// WebhookFeedName is the name under which these events are kept among others.
const WebhookFeedName = "foxtrot.webhooks"

// Identity returns the fields that make two events the same, for a key. Since an event has
// no id, the last field is its whole content apart from spaces and the order of members:
// a repeated event is equal, and two changes within one millisecond are not.
func (e WebhookEvent) Identity() []string {
	at := ""
	if e.At != nil {
		at = strconv.FormatInt(e.At.UnixMilli(), 10)
	}
	return []string{
		string(e.Type), at, string(e.DCID), string(e.RouteID), string(e.WaypointID), string(e.CustomerID), canonical(e.Raw),
	}
}

// Group is the route, else the customer, else the DC: its events are handled in order.
func (e WebhookEvent) Group() string {
	dc := url.PathEscape(string(e.DCID))
	switch {
	case e.RouteID != "":
		return "dc/" + dc + "/route/" + url.PathEscape(string(e.RouteID))
	case e.CustomerID != "":
		return "dc/" + dc + "/customer/" + url.PathEscape(string(e.CustomerID))
	}
	return "dc/" + dc
}

// Time is when it happened; the zero time when the event does not say.
func (e WebhookEvent) Time() time.Time {
	if e.At == nil {
		return time.Time{}
	}
	return *e.At
}

// canonical writes JSON with sorted members and without spaces; numbers stay as they are.
func canonical(raw []byte) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return string(raw)
	}
	out, err := json.Marshal(v)
	if err != nil {
		return string(raw)
	}
	return string(out)
}
