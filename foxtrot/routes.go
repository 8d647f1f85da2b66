package foxtrot

import (
	"context"
	"time"
)

// RoutesService reads what a customer's waypoint leads to. All of its operations are reads
// and safe to repeat.
type RoutesService struct{ c *Client }

func routeArgs(dc DCID, id RouteID) []arg {
	return []arg{{"dc", string(dc)}, {"route", string(id)}}
}

func stopArgs(dc DCID, id RouteID, waypoint WaypointID) []arg {
	return append(routeArgs(dc, id), arg{"waypoint", string(waypoint)})
}

// Get returns a route; ErrNotFound when there is none of that id.
func (s *RoutesService) Get(ctx context.Context, dc DCID, id RouteID, opts ...CallOption) (Route, error) {
	return get[Route](ctx, s.c, opRoutesGet, "route", routeArgs(dc, id), opts)
}

// FindByDate returns the routes of a day in the DC's local time; of day only the date
// counts. Unfinished routes of earlier days may be among them (observed): compare
// StartTime.
func (s *RoutesService) FindByDate(ctx context.Context, dc DCID, day time.Time, opts ...CallOption) ([]Route, error) {
	args := []arg{{"dc", string(dc)}, {"date", day.Format(time.DateOnly)}}
	return list[Route](ctx, s.c, opRoutesFindByDate, "routes", absentNull, args, opts)
}

// CompletionTime returns when a route is or was over; of a running route it is an
// estimate.
func (s *RoutesService) CompletionTime(ctx context.Context, dc DCID, id RouteID, opts ...CallOption) (CompletionTime, error) {
	return get[CompletionTime](ctx, s.c, opRoutesCompletionTime, "completion_time", routeArgs(dc, id), opts)
}

// Waypoints returns all stops of a route. The first may be the warehouse.
func (s *RoutesService) Waypoints(ctx context.Context, dc DCID, id RouteID, opts ...CallOption) ([]Waypoint, error) {
	return list[Waypoint](ctx, s.c, opRoutesWaypoints, "waypoints", absentNull, routeArgs(dc, id), opts)
}

// Waypoint returns one stop of a route, such as one that Customers.Waypoints named.
func (s *RoutesService) Waypoint(ctx context.Context, dc DCID, id RouteID, waypoint WaypointID, opts ...CallOption) (Waypoint, error) {
	return get[Waypoint](ctx, s.c, opRoutesWaypoint, "waypoint", stopArgs(dc, id, waypoint), opts)
}

// Deliveries returns what is handed over at a stop, with every attempt: whether goods were
// accepted is said here alone. A stop at a warehouse has no deliveries and is ErrNotFound
// (observed).
func (s *RoutesService) Deliveries(ctx context.Context, dc DCID, id RouteID, waypoint WaypointID, opts ...CallOption) ([]Delivery, error) {
	return list[Delivery](ctx, s.c, opRoutesDeliveries, "deliveries", absentNull, stopArgs(dc, id, waypoint), opts)
}
