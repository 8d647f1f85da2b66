package foxtrottest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

// request is what a handler needs. It runs while the server's mutex is held.
type request struct {
	args []string
	body []byte
	now  time.Time
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
		d, ok := s.dcs[foxtrot.DCID(r.args[0])]
		if !ok {
			return fail(http.StatusForbidden, 0, "DC does not exist or is not permitted")
		}
		return h(s, d, r)
	}
}

func inRoute(h func(*Server, *dc, *Route, request) reply) handler {
	return inDC(func(s *Server, d *dc, r request) reply {
		route, ok := d.routes[foxtrot.RouteID(r.args[1])]
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
	c, found := d.customers[foxtrot.CustomerID(r.args[1])]
	if !found {
		return noCustomer()
	}
	return ok("customer", c)
}

func noCustomer() reply { return fail(http.StatusNotFound, 0, "customer does not exist") }

func getConfidentLocation(_ *Server, d *dc, r request) reply {
	id := foxtrot.CustomerID(r.args[1])
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
	id := foxtrot.CustomerID(r.args[1])
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
	driver, found := d.drivers[foxtrot.DriverID(r.args[1])]
	if !found {
		return fail(http.StatusNotFound, 0, "driver does not exist")
	}
	return ok("driver", map[string]any{"id": driver.ID, "name": driver.Name, "login_token": driver.LoginToken.Reveal()})
}

// getDriverLocation answers by the latest route that the driver has begun.
func getDriverLocation(_ *Server, d *dc, r request) reply {
	id := foxtrot.DriverID(r.args[1])
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

func decodeBody(raw []byte, into any) bool { return json.Unmarshal(raw, into) == nil }
