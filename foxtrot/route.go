package foxtrot

import (
	"encoding/json"
	"time"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// Route is one tour of one truck.
type Route struct {
	ID               RouteID
	Name             string     // often just a number as text (observed)
	DriverID         DriverID   // empty while no driver is assigned
	VehicleID        string     // often empty (observed)
	StartTime        *time.Time // planned
	StartWarehouseID string
	EndWarehouseID   string
	Version          int          // changes with every change of the route
	WaypointIDs      []WaypointID // in visiting order
	Active           bool         // whether the driver sees it
	Finalized        bool         // whether the driver has completed it
	ImportedAt       *time.Time
	StartedAt        *time.Time // nil until the driver starts
	// FinalizedAt is nil until the route is finalized. A driver who forgets to has it done
	// hours or days later, so it is no measure of working time (observed).
	FinalizedAt *time.Time
}

// routeWire is the wire's form.
type routeWire struct {
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

// UnmarshalJSON reads the wire's form, and also one within an envelope of its own, as the
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
	var w routeWire
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
		Version: int(w.Version.Value), Active: w.IsActive, Finalized: w.IsFinalized,
		ImportedAt: w.ImportedTimestamp.Ptr(), StartedAt: w.StartedTimestamp.Ptr(), FinalizedAt: w.FinalizedTimestamp.Ptr(),
	}
	for _, id := range w.WaypointIDs {
		r.WaypointIDs = append(r.WaypointIDs, WaypointID(id.Value))
	}
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads, as the vendor's page has it: times in
// milliseconds.
func (r Route) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID                 RouteID      `json:"id"`
		Name               string       `json:"name"`
		AssignedDriverID   *DriverID    `json:"assigned_driver_id"`
		VehicleID          *string      `json:"vehicle_id"`
		StartTime          *int64       `json:"start_time"`
		StartWarehouseID   string       `json:"start_warehouse_id"`
		EndWarehouseID     string       `json:"end_warehouse_id"`
		Version            int          `json:"version"`
		WaypointIDs        []WaypointID `json:"waypoint_ids"`
		IsActive           bool         `json:"is_active"`
		IsFinalized        bool         `json:"is_finalized"`
		ImportedTimestamp  *int64       `json:"imported_timestamp"`
		StartedTimestamp   *int64       `json:"started_timestamp"`
		FinalizedTimestamp *int64       `json:"finalized_timestamp"`
	}{
		r.ID, r.Name, orNull(r.DriverID), orNull(r.VehicleID), millis(r.StartTime), r.StartWarehouseID, r.EndWarehouseID,
		r.Version, r.WaypointIDs, r.Active, r.Finalized, millis(r.ImportedAt), millis(r.StartedAt), millis(r.FinalizedAt),
	})
}

func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func (r *Route) incomplete() string {
	if r.ID == "" {
		return "an id"
	}
	return ""
}

// CompletionTime is when a route is or was over.
type CompletionTime struct {
	At   *time.Time
	Type CompletionType
}

// CompletionType is an open set: a type that is not known is kept as it came.
type CompletionType string

// The documented types.
const (
	CompletionEstimated CompletionType = "ESTIMATED" // in progress
	CompletionFinalized CompletionType = "FINALIZED" // the driver finished; analysis is pending
	CompletionActual    CompletionType = "ACTUAL"    // completed
)

// Known reports whether the vendor's pages name the type.
func (t CompletionType) Known() bool {
	return t == CompletionEstimated || t == CompletionFinalized || t == CompletionActual
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

// MarshalJSON writes what UnmarshalJSON reads.
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
