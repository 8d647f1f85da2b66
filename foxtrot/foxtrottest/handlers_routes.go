package foxtrottest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/foxtrot"
)

func getRoute(s *Server, _ *dc, route *Route, r request) reply {
	return ok("route", s.wireRoute(route.route(r.now)))
}

// findRoutes answers the routes whose start is on the day in the DC's time zone.
func findRoutes(s *Server, d *dc, r request) reply {
	zone, _ := d.Zone()
	day, err := time.ParseInLocation(time.DateOnly, r.args[1], zone)
	if err != nil {
		return fail(http.StatusBadRequest, foxtrot.CodeBadParameters, "date must be YYYY-MM-DD")
	}
	out := []any{}
	for _, id := range d.routeOrder {
		route := d.routes[id]
		if start := route.Start.In(zone); start.Before(day) || !start.Before(day.AddDate(0, 0, 1)) {
			continue
		}
		one := s.wireRoute(route.route(r.now))
		if s.cfg.bare { // the vendor's page prints an envelope within each element
			one = map[string]any{"status": "success", "data": map[string]any{"route": one}}
		}
		out = append(out, one)
	}
	return s.form("routes", out)
}

func getCompletionTime(_ *Server, _ *dc, route *Route, r request) reply {
	return ok("completion_time", route.completion(r.now))
}

func getRouteWaypoints(s *Server, d *dc, route *Route, r request) reply {
	out := []any{}
	for i := range route.Stops {
		out = append(out, s.wireRouteWaypoint(d.waypoint(route, i, r.now)))
	}
	return s.form("waypoints", out)
}

func getWaypoint(s *Server, d *dc, route *Route, r request) reply {
	i := stopIndex(route, r.args[2])
	if i < 0 {
		return fail(http.StatusNotFound, 0, "waypoint does not exist")
	}
	return s.form("waypoint", s.wireRouteWaypoint(d.waypoint(route, i, r.now)))
}

// getDeliveries answers 404 for a warehouse, as was seen.
func getDeliveries(s *Server, _ *dc, route *Route, r request) reply {
	i := stopIndex(route, r.args[2])
	if i < 0 || route.Stops[i].Customer == "" {
		return fail(http.StatusNotFound, 0, "waypoint does not exist")
	}
	return s.form("deliveries", route.deliveries(i, r.now))
}

func stopIndex(route *Route, id string) int {
	return slices.IndexFunc(route.Stops, func(stop Stop) bool { return string(stop.ID) == id })
}

// form answers in an envelope, or bare where the vendor's pages print it so.
func (s *Server) form(key string, value any) reply {
	r := ok(key, value)
	r.bare = s.cfg.bare
	return r
}

// wireWaypoint is a waypoint under the chosen key.
func (s *Server) wireWaypoint(w foxtrot.Waypoint) map[string]any {
	m := asMap(w)
	if w.CustomerID == "" {
		m["customer_id"] = nil
	}
	if s.cfg.waypointKey != KeyDocumented {
		m[s.cfg.waypointKey] = m[KeyDocumented]
		delete(m, KeyDocumented)
	}
	return m
}

// wireRouteWaypoint leaves out the route, which only the waypoints of a customer name.
func (s *Server) wireRouteWaypoint(w foxtrot.Waypoint) map[string]any {
	m := s.wireWaypoint(w)
	delete(m, "route_id")
	return m
}

// wireRoute writes the times of a route as real clients see them, unless answers are as
// documented.
func (s *Server) wireRoute(r foxtrot.Route) map[string]any {
	m := asMap(r)
	if s.cfg.bare {
		return m
	}
	for key, at := range map[string]*time.Time{"started_timestamp": r.StartedAt, "finalized_timestamp": r.FinalizedAt} {
		if at != nil {
			m[key] = at.UTC().Format("2006-01-02T15:04:05.000Z")
		}
	}
	return m
}

func asMap(v any) map[string]any {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("foxtrottest: " + err.Error()) // of our own types
	}
	m := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		panic("foxtrottest: " + err.Error())
	}
	return m
}
