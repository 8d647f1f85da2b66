package foxtrottest

import (
	"fmt"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

// world is what does not follow from the clock.
type world struct {
	dcs      map[foxtrot.DCID]*dc
	dcOrder  []foxtrot.DCID
	webhooks []foxtrot.Webhook
	nextHook int

	events    []event                         // not collected yet
	pending   []pending                       // not accepted yet
	collected time.Time                       // the last call of collect
	failing   map[foxtrot.WebhookID]time.Time // since when a web hook has not answered 200

	tours     int       // of the demonstration world; 0: there is none
	tourStart time.Time // of the last one
}

type dc struct {
	foxtrot.DC
	customers  map[foxtrot.CustomerID]foxtrot.Customer
	confident  map[foxtrot.CustomerID]lockerline.LatLng
	drivers    map[foxtrot.DriverID]foxtrot.Driver
	routes     map[foxtrot.RouteID]*Route
	routeOrder []foxtrot.RouteID
}

func newWorld() world {
	return world{dcs: map[foxtrot.DCID]*dc{}, failing: map[foxtrot.WebhookID]time.Time{}}
}

// AddDC adds a distribution centre, or renames it.
func (s *Server) AddDC(d foxtrot.DC) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, ok := s.dcs[d.ID]; ok {
		old.DC = d
		return
	}
	s.dcs[d.ID] = &dc{
		DC: d, customers: map[foxtrot.CustomerID]foxtrot.Customer{}, confident: map[foxtrot.CustomerID]lockerline.LatLng{},
		drivers: map[foxtrot.DriverID]foxtrot.Driver{}, routes: map[foxtrot.RouteID]*Route{},
	}
	s.dcOrder = append(s.dcOrder, d.ID)
}

// AddCustomer adds or replaces a customer. It panics when there is no such DC, as every
// method with a DC does.
func (s *Server) AddCustomer(id foxtrot.DCID, c foxtrot.Customer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.mustDC(id)
	old, known := d.customers[c.ID]
	d.customers[c.ID] = c
	was, _ := old.BestLocation()
	if is, _ := c.BestLocation(); known && was != is {
		s.happened(event{Type: foxtrot.WebhookEventCustomerLocationChanged, DC: id, CustomerID: c.ID})
	}
}

// SetConfident sets the location of a customer of which Foxtrot is confident; nil: none.
func (s *Server) SetConfident(id foxtrot.DCID, customer foxtrot.CustomerID, at *lockerline.LatLng) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.mustDC(id)
	s.happened(event{Type: foxtrot.WebhookEventCustomerLocationChanged, DC: id, CustomerID: customer})
	if at == nil {
		delete(d.confident, customer)
		return
	}
	d.confident[customer] = *at
}

// AddDriver adds or replaces a driver. A driver has a location once a route has begun.
func (s *Server) AddDriver(id foxtrot.DCID, d foxtrot.Driver) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustDC(id).drivers[d.ID] = d
}

// AddRoute adds or replaces a route. It is imported now and begins at its Start.
func (s *Server) AddRoute(id foxtrot.DCID, r Route) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addRoute(id, r)
}

func (s *Server) addRoute(id foxtrot.DCID, r Route) {
	d := s.mustDC(id)
	r.Stops = slices.Clone(r.Stops)
	r.imported = s.now()
	r.version = 1
	if old, ok := d.routes[r.ID]; ok {
		r.version = old.version + 1
	} else {
		d.routeOrder = append(d.routeOrder, r.ID)
	}
	d.routes[r.ID] = &r
	s.happened(event{Type: foxtrot.WebhookEventRouteCreated, DC: id, RouteID: r.ID})
}

// Delay makes the remaining arrivals of a route later. It panics when there is no such
// route.
func (s *Server) Delay(id foxtrot.DCID, route foxtrot.RouteID, by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.mustDC(id).routes[route]
	if !ok {
		panic(fmt.Sprintf("foxtrottest: there is no route %q", route))
	}
	now := s.now()
	for i := range r.Stops {
		if r.Start.Add(r.Stops[i].After).After(now) {
			r.Stops[i].After += by
		}
	}
	r.version++
	s.happened(event{Type: foxtrot.WebhookEventRouteETAsChanged, DC: id, RouteID: route})
}

// RouteView is one route as it stands at the server's time.
type RouteView struct {
	DC        foxtrot.DCID
	Route     foxtrot.Route
	Waypoints []foxtrot.Waypoint // in the order of the stops
}

// Snapshot returns all routes, in the order in which they were added.
func (s *Server) Snapshot() []RouteView {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var out []RouteView
	for _, dcID := range s.dcOrder {
		d := s.dcs[dcID]
		for _, id := range d.routeOrder {
			r := d.routes[id]
			view := RouteView{DC: dcID, Route: r.route(now)}
			for i := range r.Stops {
				view.Waypoints = append(view.Waypoints, d.waypoint(r, i, now))
			}
			out = append(out, view)
		}
	}
	return out
}

func (s *Server) mustDC(id foxtrot.DCID) *dc {
	d, ok := s.dcs[id]
	if !ok {
		panic(fmt.Sprintf("foxtrottest: there is no DC %q", id))
	}
	return d
}

// Route is a planned tour. Its progress follows from the server's clock.
type Route struct {
	ID        foxtrot.RouteID
	Name      string
	DriverID  foxtrot.DriverID // empty: none
	VehicleID string
	Warehouse string
	Start     time.Time
	Stops     []Stop // in the order of After

	imported time.Time
	version  int64
}

// Stop is one waypoint of a route.
type Stop struct {
	ID         foxtrot.WaypointID
	Customer   foxtrot.CustomerID     // empty: a warehouse, which has no deliveries
	After      time.Duration          // arrival, from the start of the route
	Service    time.Duration          // until it is completed
	Waiting    time.Duration          // until the customer's time window opens
	Status     foxtrot.WaypointStatus // once completed; COMPLETED when empty
	Deliveries []Delivery
}

// Delivery is what is handed over at a stop.
type Delivery struct {
	ID       foxtrot.DeliveryID
	Name     string
	Quantity float64
	// Outcomes are the attempts once the stop is completed; one SUCCESSFUL when empty.
	Outcomes []foxtrot.DeliveryStatus
}
