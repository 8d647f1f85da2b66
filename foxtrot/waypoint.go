package foxtrot

import (
	"encoding/json"
	"time"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// Waypoint is a stop of a route at a customer. Foxtrot's answers are not always of one
// piece (a completed stop with an arrival still ahead is in its own documentation), so
// nothing is checked across members: ask Done.
type Waypoint struct {
	ID         WaypointID // both spellings are read: "id" (vendor page) and "waypoint_id" (observed)
	CustomerID CustomerID // empty when the answer does not say
	RouteID    RouteID    // only Customers.Waypoints says; empty elsewhere
	Status     WaypointStatus
	// CompletedAt is when the driver completed the stop; nil before that.
	CompletedAt *time.Time
	// EstimatedArrival is when the truck is expected; nil when completed, when the
	// location is unknown, or when the route was just imported.
	EstimatedArrival *time.Time
	// WaypointsAhead is how many stops come before this one: 0 means next in line, nil
	// that it is completed or not known.
	WaypointsAhead *int
	// WaitingTime is how long the driver is expected to wait there until the customer's
	// time window opens; nil when not known.
	WaitingTime *time.Duration
}

// WaypointStatus is an open set: a status that is not known is kept as it came.
type WaypointStatus string

// The documented statuses.
const (
	WaypointPending WaypointStatus = "PENDING"
	// WaypointCompleted means that the stop is over, not that goods were accepted: that
	// is said by the attempts of each delivery.
	WaypointCompleted WaypointStatus = "COMPLETED"
)

// Known reports whether the vendor's pages name the status.
func (s WaypointStatus) Known() bool { return s == WaypointPending || s == WaypointCompleted }

// Done reports whether the stop is over: it is completed, or has a time of completion.
func (w Waypoint) Done() bool { return w.Status == WaypointCompleted || w.CompletedAt != nil }

// Next reports whether the truck comes here next.
func (w Waypoint) Next() bool { return !w.Done() && w.WaypointsAhead != nil && *w.WaypointsAhead == 0 }

// ETA returns how long after now the truck is expected: negative when it is late. It
// reports false when the stop is over or no arrival is known.
func (w Waypoint) ETA(now time.Time) (time.Duration, bool) {
	if w.Done() || w.EstimatedArrival == nil {
		return 0, false
	}
	return w.EstimatedArrival.Sub(now), true
}

// UnmarshalJSON reads the wire's form.
func (w *Waypoint) UnmarshalJSON(raw []byte) error {
	var in struct {
		ID                     wire.Text  `json:"id"`
		WaypointID             wire.Text  `json:"waypoint_id"`
		CustomerID             wire.Text  `json:"customer_id"`
		RouteID                wire.Text  `json:"route_id"`
		Status                 wire.Text  `json:"status"`
		CompletedTimestamp     wire.Time  `json:"completed_timestamp"`
		EstimatedTimeOfArrival wire.Time  `json:"estimated_time_of_arrival"`
		WaypointsAhead         wire.Int   `json:"waypoints_ahead"`
		WaitingTimeSeconds     wire.Float `json:"waiting_time_seconds"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	if in.ID.Value == "" {
		in.ID = in.WaypointID
	}
	*w = Waypoint{
		ID: WaypointID(in.ID.Value), CustomerID: CustomerID(in.CustomerID.Value), RouteID: RouteID(in.RouteID.Value),
		Status: WaypointStatus(in.Status.Value), CompletedAt: in.CompletedTimestamp.Ptr(),
		EstimatedArrival: in.EstimatedTimeOfArrival.Ptr(), WaypointsAhead: in.WaypointsAhead.Ptr(),
		WaitingTime: seconds(in.WaitingTimeSeconds),
	}
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads, as the vendor's page has it: times in
// milliseconds, waiting in seconds.
func (w Waypoint) MarshalJSON() ([]byte, error) {
	out := struct {
		ID                     WaypointID     `json:"id"`
		CustomerID             CustomerID     `json:"customer_id"`
		RouteID                RouteID        `json:"route_id,omitempty"`
		Status                 WaypointStatus `json:"status"`
		CompletedTimestamp     *int64         `json:"completed_timestamp"`
		EstimatedTimeOfArrival *int64         `json:"estimated_time_of_arrival"`
		WaypointsAhead         *int           `json:"waypoints_ahead"`
		WaitingTimeSeconds     *float64       `json:"waiting_time_seconds"`
	}{w.ID, w.CustomerID, w.RouteID, w.Status, millis(w.CompletedAt), millis(w.EstimatedArrival), w.WaypointsAhead, nil}
	if w.WaitingTime != nil {
		out.WaitingTimeSeconds = new(w.WaitingTime.Seconds())
	}
	return json.Marshal(out)
}

func (w Waypoint) unknown(report func(field, value string)) {
	if !w.Status.Known() {
		report("waypoint.status", string(w.Status))
	}
}

// seconds is a wait, nil when there is none or when it is beyond what a Duration holds.
func seconds(n wire.Float) *time.Duration {
	const most = float64(1<<63-1) / float64(time.Second)
	if !n.Set || n.Value >= most || n.Value <= -most {
		return nil
	}
	return new(time.Duration(n.Value * float64(time.Second)))
}

func millis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	return new(t.UnixMilli())
}
