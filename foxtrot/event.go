package foxtrot

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// WebhookEvent is what Foxtrot pushed: something changed, read it again. It carries no
// signature and no id, may come twice and out of order, and which members come with which
// event is documented for one event alone; the rest of the members is in Raw.
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

// WebhookEventType is an open set: a type that is not known is kept as it came.
type WebhookEventType string

// The documented events.
const (
	EventRouteCreated            WebhookEventType = "ROUTE_CREATED"
	EventRouteStarted            WebhookEventType = "ROUTE_STARTED"
	EventRouteETAsChanged        WebhookEventType = "ROUTE_ETAS_CHANGED"
	EventWaypointStatusChanged   WebhookEventType = "WAYPOINT_STATUS_CHANGED"
	EventCustomerLocationChanged WebhookEventType = "CUSTOMER_LOCATION_CHANGED"
)

// Known reports whether the vendor's pages name the event.
func (t WebhookEventType) Known() bool {
	switch t {
	case EventRouteCreated, EventRouteStarted, EventRouteETAsChanged, EventWaypointStatusChanged, EventCustomerLocationChanged:
		return true
	}
	return false
}

// DecodeWebhook reads the body of a push. It is pure and keeps a copy of raw. What is not
// a JSON object with an event is a *DecodeError; an unknown event is not an error.
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
		return WebhookEvent{}, &DecodeError{reason, -1, bytes.Clone(raw[:min(len(raw), 4<<10)]), err}
	}
	return WebhookEvent{
		Type: WebhookEventType(w.Event.Value), At: w.HookTimestampMillis.Ptr(), DCID: DCID(w.DCID.Value),
		RouteID: RouteID(w.RouteID.Value), WaypointID: WaypointID(w.WaypointID.Value), CustomerID: CustomerID(w.CustomerID.Value),
		Raw: bytes.Clone(body),
	}, nil
}

// WebhookFeedName is the name under which these events are kept among others.
const WebhookFeedName = "foxtrot.webhooks"

// Identity returns what makes two pushes the same event, for a key over fields. Since
// there is no id it ends with the whole content, spaces and the order of members apart: a
// re-send is equal, and two changes within one millisecond are not.
func (e WebhookEvent) Identity() []string {
	at := ""
	if e.At != nil {
		at = strconv.FormatInt(e.At.UnixMilli(), 10)
	}
	return []string{
		string(e.Type), at, string(e.DCID), string(e.RouteID), string(e.WaypointID), string(e.CustomerID), canonical(e.Raw),
	}
}

// Group names what must be handled in order: the route, else the customer, else the DC.
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

// Time is when it happened, or the zero time when the event does not say.
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
