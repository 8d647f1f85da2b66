package foxtrot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// RoutesService reads routes, their stops and the deliveries at each stop. All of its
// operations are reads and safe to repeat.
type RoutesService struct{ c *Client }

func routeArgs(dc DCID, id RouteID) []arg {
	return []arg{{"dc", string(dc)}, {"route", string(id)}}
}

func waypointArgs(dc DCID, id RouteID, waypoint WaypointID) []arg {
	return append(routeArgs(dc, id), arg{"waypoint", string(waypoint)})
}

// Get returns a route; lockerline.ErrNotFound when there is none of that id.
func (s *RoutesService) Get(ctx context.Context, dc DCID, id RouteID, opts ...lockerline.CallOption) (*Route, error) {
	return one[Route](ctx, s.c, opRoutesGet, "route", routeArgs(dc, id), nil, opts)
}

// FindByDate returns the routes of a day in the DC's local time; only the date of day
// counts. Unfinished routes of earlier days may be among them (observed): compare
// StartTime.
func (s *RoutesService) FindByDate(ctx context.Context, dc DCID, day time.Time, opts ...lockerline.CallOption) ([]Route, error) {
	args := []arg{{"dc", string(dc)}, {"date", day.Format(time.DateOnly)}}
	return list[Route](ctx, s.c, opRoutesFindByDate, "routes", absentNull, args, opts)
}

// CompletionTime returns when a route is or was over; an estimate while it is running.
func (s *RoutesService) CompletionTime(ctx context.Context, dc DCID, id RouteID, opts ...lockerline.CallOption) (*CompletionTime, error) {
	return one[CompletionTime](ctx, s.c, opRoutesCompletionTime, "completion_time", routeArgs(dc, id), nil, opts)
}

// Waypoints returns all stops of a route. The first may be the warehouse.
func (s *RoutesService) Waypoints(ctx context.Context, dc DCID, id RouteID, opts ...lockerline.CallOption) ([]Waypoint, error) {
	return list[Waypoint](ctx, s.c, opRoutesWaypoints, "waypoints", absentNull, routeArgs(dc, id), opts)
}

// Waypoint returns one stop of a route, such as one from Customers.Waypoints.
func (s *RoutesService) Waypoint(ctx context.Context, dc DCID, id RouteID, waypoint WaypointID, opts ...lockerline.CallOption) (*Waypoint, error) {
	return one[Waypoint](ctx, s.c, opRoutesWaypoint, "waypoint", waypointArgs(dc, id, waypoint), nil, opts)
}

// Deliveries returns what is handed over at a stop, with every attempt: only the attempts
// say whether goods were accepted. A stop at a warehouse has no deliveries and is
// lockerline.ErrNotFound (observed).
func (s *RoutesService) Deliveries(ctx context.Context, dc DCID, id RouteID, waypoint WaypointID, opts ...lockerline.CallOption) ([]WaypointDelivery, error) {
	return list[WaypointDelivery](ctx, s.c, opRoutesDeliveries, "deliveries", absentNull, waypointArgs(dc, id, waypoint), opts)
}

// Route is one tour of one truck.
type Route struct {
	ID               RouteID      `json:"id"`
	Name             string       `json:"name"`               // often a number as text (observed)
	DriverID         DriverID     `json:"assigned_driver_id"` // empty while no driver is assigned
	VehicleID        string       `json:"vehicle_id"`         // often empty (observed)
	StartTime        *time.Time   `json:"start_time"`         // planned
	StartWarehouseID string       `json:"start_warehouse_id"`
	EndWarehouseID   string       `json:"end_warehouse_id"`
	Version          int64        `json:"version"`      // changes with every change of the route
	WaypointIDs      []WaypointID `json:"waypoint_ids"` // in visiting order
	Active           bool         `json:"is_active"`    // whether the driver sees it
	Finalized        bool         `json:"is_finalized"` // whether the driver has completed it
	ImportedAt       *time.Time   `json:"imported_timestamp"`
	StartedAt        *time.Time   `json:"started_timestamp"` // nil until the driver starts
	// FinalizedAt is nil until the route is finalized. Foxtrot finalizes a route that its
	// driver forgot hours or days later, so it does not measure working time (observed).
	FinalizedAt *time.Time `json:"finalized_timestamp"`
}

// UnmarshalJSON reads the wire's form, and also one in an envelope of its own, as the
// vendor's page prints the elements of a search by date.
func (r *Route) UnmarshalJSON(raw []byte) error {
	var nested struct {
		Data struct {
			Route json.RawMessage `json:"route"`
		} `json:"data"`
	}
	if json.Unmarshal(raw, &nested) == nil && len(nested.Data.Route) > 0 {
		raw = nested.Data.Route
	}
	var w struct {
		ID                 wire.Text   `json:"id"`
		RouteID            wire.Text   `json:"route_id"`
		Name               wire.Text   `json:"name"`
		AssignedDriverID   wire.Text   `json:"assigned_driver_id"`
		VehicleID          wire.Text   `json:"vehicle_id"`
		StartTime          wire.Time   `json:"start_time"`
		StartWarehouseID   wire.Text   `json:"start_warehouse_id"`
		EndWarehouseID     wire.Text   `json:"end_warehouse_id"`
		Version            wire.Int    `json:"version"`
		WaypointIDs        []wire.Text `json:"waypoint_ids"`
		IsActive           bool        `json:"is_active"`
		IsFinalized        bool        `json:"is_finalized"`
		ImportedTimestamp  wire.Time   `json:"imported_timestamp"`
		StartedTimestamp   wire.Time   `json:"started_timestamp"`
		FinalizedTimestamp wire.Time   `json:"finalized_timestamp"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	if w.ID.Value == "" {
		w.ID = w.RouteID
	}
	*r = Route{
		ID: RouteID(w.ID.Value), Name: w.Name.Value, DriverID: DriverID(w.AssignedDriverID.Value),
		VehicleID: w.VehicleID.Value, StartTime: w.StartTime.Ptr(),
		StartWarehouseID: w.StartWarehouseID.Value, EndWarehouseID: w.EndWarehouseID.Value,
		Version: w.Version.Value, WaypointIDs: texts[WaypointID](w.WaypointIDs), Active: w.IsActive, Finalized: w.IsFinalized,
		ImportedAt: w.ImportedTimestamp.Ptr(), StartedAt: w.StartedTimestamp.Ptr(), FinalizedAt: w.FinalizedTimestamp.Ptr(),
	}
	return nil
}

// MarshalJSON writes the wire's form: times in milliseconds.
func (r Route) MarshalJSON() ([]byte, error) {
	type plain Route
	return json.Marshal(struct {
		plain
		DriverID    *DriverID `json:"assigned_driver_id"`
		VehicleID   *string   `json:"vehicle_id"`
		StartTime   *int64    `json:"start_time"`
		ImportedAt  *int64    `json:"imported_timestamp"`
		StartedAt   *int64    `json:"started_timestamp"`
		FinalizedAt *int64    `json:"finalized_timestamp"`
	}{
		plain(r), orNull(r.DriverID), orNull(r.VehicleID), millis(r.StartTime),
		millis(r.ImportedAt), millis(r.StartedAt), millis(r.FinalizedAt),
	})
}

func (r *Route) identified() bool { return r.ID != "" }

// CompletionTime says when a route is or was over.
type CompletionTime struct {
	At   *time.Time
	Type CompletionType
}

// CompletionType is an open set: an unknown type is kept as it came.
type CompletionType string

// The documented types.
const (
	CompletionTypeEstimated CompletionType = "ESTIMATED" // in progress
	CompletionTypeFinalized CompletionType = "FINALIZED" // the driver finished; analysis is pending
	CompletionTypeActual    CompletionType = "ACTUAL"    // completed
)

// Known reports whether the vendor's pages name the type.
func (t CompletionType) Known() bool {
	return t == CompletionTypeEstimated || t == CompletionTypeFinalized || t == CompletionTypeActual
}

// UnmarshalJSON reads the wire's form.
func (t *CompletionTime) UnmarshalJSON(raw []byte) error {
	var w struct {
		Timestamp wire.Time `json:"timestamp"`
		Type      wire.Text `json:"type"`
	}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	*t = CompletionTime{w.Timestamp.Ptr(), CompletionType(w.Type.Value)}
	return nil
}

// MarshalJSON writes the wire's form: the time in milliseconds.
func (t CompletionTime) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Timestamp *int64         `json:"timestamp"`
		Type      CompletionType `json:"type"`
	}{millis(t.At), t.Type})
}

func (t *CompletionTime) unknown(report func(field, value string)) {
	if !t.Type.Known() {
		report("completion_time.type", string(t.Type))
	}
}
