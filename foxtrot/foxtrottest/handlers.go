package foxtrottest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// request is what a handler needs. It runs while the server's mutex is held.
type request struct {
	*lockerlinetest.Call
	now time.Time
}

type handler func(*Server, request) reply

// handlers has one entry for each operation of the client.
var handlers = map[string]handler{
	"customers.get":                inDC(getCustomer),
	"customers.waypoints":          inDC(getCustomerWaypoints),
	"customers.confident_location": inDC(getConfidentLocation),
	"dcs.list":                     listDCs,
	"routes.get":                   inRoute(getRoute),
	"routes.find_by_date":          inDC(findRoutes),
	"routes.completion_time":       inRoute(getCompletionTime),
	"routes.waypoints":             inRoute(getRouteWaypoints),
	"routes.waypoint":              inRoute(getWaypoint),
	"routes.deliveries":            inRoute(getDeliveries),
	"drivers.get":                  inDC(getDriver),
	"drivers.location":             inDC(getDriverLocation),
	"webhooks.list":                listWebhooks,
	"webhooks.create":              createWebhook,
	"webhooks.enable":              switchWebhook,
	"webhooks.disable":             switchWebhook,
	"webhooks.delete":              deleteWebhook,
}

// inDC answers 403 for a DC that does not exist, as Foxtrot does: there is no 404.
func inDC(h func(*Server, *dc, request) reply) handler {
	return func(s *Server, r request) reply {
		d, ok := s.dcs[foxtrot.DCID(r.Args["dc"])]
		if !ok {
			return fail(http.StatusForbidden, 0, "DC does not exist or is not permitted")
		}
		return h(s, d, r)
	}
}

func inRoute(h func(*Server, *dc, *Route, request) reply) handler {
	return inDC(func(s *Server, d *dc, r request) reply {
		route, ok := d.routes[foxtrot.RouteID(r.Args["route"])]
		if !ok {
			return fail(http.StatusNotFound, 0, "route does not exist")
		}
		return h(s, d, route, r)
	})
}

func listDCs(s *Server, _ request) reply {
	out := []foxtrot.DC{}
	for _, id := range s.dcOrder {
		out = append(out, s.dcs[id].DC)
	}
	return ok("dcs", out)
}

func getCustomer(_ *Server, d *dc, r request) reply {
	c, found := d.customers[foxtrot.CustomerID(r.Args["customer"])]
	if !found {
		return noCustomer()
	}
	return ok("customer", c)
}

func noCustomer() reply { return fail(http.StatusNotFound, 0, "customer does not exist") }

func getConfidentLocation(_ *Server, d *dc, r request) reply {
	id := foxtrot.CustomerID(r.Args["customer"])
	if _, found := d.customers[id]; !found {
		return noCustomer()
	}
	at, sure := d.confident[id]
	if !sure {
		return fail(http.StatusBadRequest, foxtrot.CodeLocationNotConfident, "customer location not confident")
	}
	return reply{status: http.StatusOK, data: map[string]any{
		"customer_id": id, "latitude": at.Lat, "longitude": at.Lng,
	}}
}

// mostRecent is how many waypoints of a customer are answered (vendor page).
const mostRecent = 10

func getCustomerWaypoints(s *Server, d *dc, r request) reply {
	id := foxtrot.CustomerID(r.Args["customer"])
	type planned struct {
		at time.Time
		w  foxtrot.Waypoint
	}
	all := []planned{}
	for _, routeID := range d.routeOrder {
		route := d.routes[routeID]
		for i, stop := range route.Stops {
			if stop.Customer == id {
				all = append(all, planned{route.arrival(i), d.waypoint(route, i, r.now)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b planned) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.w.ID, b.w.ID)) })
	out := []any{}
	for _, p := range all[:min(len(all), mostRecent)] {
		out = append(out, s.wireWaypoint(p.w))
	}
	return s.form("waypoints", out)
}

func getDriver(_ *Server, d *dc, r request) reply {
	driver, found := d.drivers[foxtrot.DriverID(r.Args["driver"])]
	if !found {
		return fail(http.StatusNotFound, 0, "driver does not exist")
	}
	return ok("driver", map[string]any{"id": driver.ID, "name": driver.Name, "login_token": driver.LoginToken.Reveal()})
}

// getDriverLocation answers the position on the latest route that the driver has begun.
func getDriverLocation(_ *Server, d *dc, r request) reply {
	id := foxtrot.DriverID(r.Args["driver"])
	if _, found := d.drivers[id]; !found {
		return fail(http.StatusNotFound, 0, "driver does not exist")
	}
	var (
		at    lockerline.LatLng
		began time.Time
		known bool
	)
	for _, routeID := range d.routeOrder {
		route := d.routes[routeID]
		if route.DriverID != id || known && route.Start.Before(began) {
			continue
		}
		if p, moving := d.position(route, r.now); moving {
			at, began, known = p, route.Start, true
		}
	}
	if !known {
		return ok("driver_location", nil)
	}
	return ok("driver_location", map[string]any{"timestamp": r.now.UnixMilli(), "location": at})
}

// decode reads the body of a request.
func (r request) decode(into any) bool { return json.Unmarshal(r.Body, into) == nil }

func getRoute(s *Server, _ *dc, route *Route, r request) reply {
	return ok("route", s.wireRoute(route.route(r.now)))
}

// findRoutes answers the routes whose start is on the day in the DC's time zone.
func findRoutes(s *Server, d *dc, r request) reply {
	zone, _ := d.Zone()
	day, err := time.ParseInLocation(time.DateOnly, r.Args["date"], zone)
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
	i := stopIndex(route, r.Args["waypoint"])
	if i < 0 {
		return fail(http.StatusNotFound, 0, "waypoint does not exist")
	}
	return s.form("waypoint", s.wireRouteWaypoint(d.waypoint(route, i, r.now)))
}

// getDeliveries answers 404 for a warehouse (observed).
func getDeliveries(s *Server, _ *dc, route *Route, r request) reply {
	i := stopIndex(route, r.Args["waypoint"])
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

// wireWaypoint returns a waypoint with its id under the chosen key.
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

// wireRouteWaypoint returns a waypoint without its route, which only the waypoints of a
// customer have.
func (s *Server) wireRouteWaypoint(w foxtrot.Waypoint) map[string]any {
	m := s.wireWaypoint(w)
	delete(m, "route_id")
	return m
}

// wireRoute returns a route with its times as real clients see them, unless answers are
// bare.
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
