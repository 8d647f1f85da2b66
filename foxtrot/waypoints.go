package foxtrot

import (
	"encoding/json"
	"time"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// Waypoint is a stop of a route at a customer. Foxtrot's answers may contradict themselves
// (its own documentation shows a completed stop with an arrival still ahead), so no member
// is checked against another: ask Done.
type Waypoint struct {
	ID         WaypointID     `json:"id"`                 // read from "id" (vendor page) and "waypoint_id" (observed)
	CustomerID CustomerID     `json:"customer_id"`        // empty when the answer does not say
	RouteID    RouteID        `json:"route_id,omitempty"` // only from Customers.Waypoints; empty elsewhere
	Status     WaypointStatus `json:"status"`
	// CompletedAt is when the driver completed the stop; nil before that.
	CompletedAt *time.Time `json:"completed_timestamp"`
	// EstimatedArrival is when the truck is expected; nil when completed, when the
	// location is unknown, or when the route was just imported.
	EstimatedArrival *time.Time `json:"estimated_time_of_arrival"`
	// WaypointsAhead is the number of stops before this one: 0 for the next one, nil when
	// completed or unknown.
	WaypointsAhead *int `json:"waypoints_ahead"`
	// WaitingTime is how long the driver is expected to wait there until the customer's
	// time window opens; nil when unknown.
	WaitingTime *time.Duration `json:"waiting_time_seconds"`
}

// WaypointStatus is an open set: an unknown status is kept as it came.
type WaypointStatus string

// The documented statuses.
const (
	WaypointStatusPending WaypointStatus = "PENDING"
	// WaypointStatusCompleted means that the stop is over, not that goods were accepted:
	// the attempts of each delivery say that.
	WaypointStatusCompleted WaypointStatus = "COMPLETED"
)

// Known reports whether the vendor's pages name the status.
func (s WaypointStatus) Known() bool {
	return s == WaypointStatusPending || s == WaypointStatusCompleted
}

// Done reports whether the stop is over: it is completed, or has a time of completion.
func (w Waypoint) Done() bool { return w.Status == WaypointStatusCompleted || w.CompletedAt != nil }

// Next reports whether this is the truck's next stop.
func (w Waypoint) Next() bool { return !w.Done() && w.WaypointsAhead != nil && *w.WaypointsAhead == 0 }

// ETA returns the time from now until the estimated arrival: negative when the truck is
// late. It reports false when the stop is over or no arrival is known.
func (w Waypoint) ETA(now time.Time) (time.Duration, bool) {
	if w.Done() || w.EstimatedArrival == nil {
		return 0, false
	}
	return w.EstimatedArrival.Sub(now), true
}

// NextWaypoint returns the stop that is not done and expected first; nil when all are done.
// Stops without an estimated arrival come last.
func NextWaypoint(waypoints []Waypoint) *Waypoint {
	var next *Waypoint
	for i, w := range waypoints {
		if w.Done() || next != nil && w.EstimatedArrival == nil {
			continue
		}
		if next == nil || next.EstimatedArrival == nil || w.EstimatedArrival.Before(*next.EstimatedArrival) {
			next = &waypoints[i]
		}
	}
	return next
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

// MarshalJSON writes the wire's form: times in milliseconds, waiting in seconds.
func (w Waypoint) MarshalJSON() ([]byte, error) {
	type plain Waypoint
	out := struct {
		plain
		CompletedAt      *int64   `json:"completed_timestamp"`
		EstimatedArrival *int64   `json:"estimated_time_of_arrival"`
		WaitingTime      *float64 `json:"waiting_time_seconds"`
	}{plain(w), millis(w.CompletedAt), millis(w.EstimatedArrival), nil}
	if w.WaitingTime != nil {
		out.WaitingTime = new(w.WaitingTime.Seconds())
	}
	return json.Marshal(out)
}

func (w *Waypoint) unknown(report func(field, value string)) {
	if !w.Status.Known() {
		report("waypoint.status", string(w.Status))
	}
}

// seconds is a duration; nil when there is none or it is beyond what a Duration holds.
func seconds(n wire.Float) *time.Duration {
	const most = float64(1<<63-1) / float64(time.Second)
	if !n.Set || n.Value >= most || n.Value <= -most {
		return nil
	}
	return new(time.Duration(n.Value * float64(time.Second)))
}

// millis is a time as the wire has it: in milliseconds since 1970, null for nil.
func millis(t *time.Time) *int64 {
	if t == nil {
		return nil
	}
	return new(t.UnixMilli())
}

// orNull is the zero value as null.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
