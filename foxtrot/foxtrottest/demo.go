package foxtrottest

import (
	"fmt"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

// The distribution centres of the demonstration world.
const (
	// DemoDC has five customers, two drivers, a route under way and one of the day before.
	// When the route is over another one like it is under way, however long the server runs:
	//
	//	c-1001  confident location; the truck is there next
	//	c-1002  inferred location; one stop ahead
	//	c-1003  imported location only; two stops ahead, and a wait for its time window
	//	c-1004  no location at all, so no arrival is known
	//	c-1005  served on this route already
	DemoDC foxtrot.DCID = "dc-north"
	// DemoDCFar has one customer, "c 2001/A", whose identifier needs escaping, and no
	// routes.
	DemoDCFar foxtrot.DCID = "dc far/2"
)

func (s *Server) demo() {
	s.AddDC(foxtrot.DC{ID: DemoDC, Name: "North", TimeZone: "America/Bogota"})
	s.AddDC(foxtrot.DC{ID: DemoDCFar, Name: "Far South", TimeZone: "America/Argentina/Ushuaia"})
	at := func(lat, lng float64) *lockerline.LatLng { return &lockerline.LatLng{Lat: lat, Lng: lng} }
	for _, c := range []foxtrot.Customer{
		{ID: "c-1001", Name: "Corner Shop", ImportedAddress: "Calle 10 # 4-21", ImportedLocation: at(4.6000, -74.0800), InferredLocation: at(4.6012, -74.0811)},
		{ID: "c-1002", Name: "Harbour Café", ImportedAddress: "Carrera 7 # 12-80", ImportedLocation: at(4.6050, -74.0750), InferredLocation: at(4.6055, -74.0741)},
		{ID: "c-1003", Name: "Quay Bakery", ImportedAddress: "Calle 26 # 13-19", ImportedLocation: at(4.6150, -74.0700)},
		{ID: "c-1004", Name: "Market Stall"},
		{ID: "c-1005", Name: "Night Kiosk", InferredLocation: at(4.5950, -74.0850)},
	} {
		s.AddCustomer(DemoDC, c)
	}
	s.SetConfident(DemoDC, "c-1001", at(4.6011, -74.0810))
	s.AddCustomer(DemoDCFar, foxtrot.Customer{ID: "c 2001/A", Name: "Last Post", ImportedLocation: at(-54.8019, -68.3030)})
	s.AddDriver(DemoDC, foxtrot.Driver{ID: "d-1", Name: "Ana", LoginToken: lockerline.NewSecret("demo-login-token")})
	s.AddDriver(DemoDC, foxtrot.Driver{ID: "d-2", Name: "Luis", LoginToken: lockerline.NewSecret("another-login-token")})

	s.mu.Lock()
	s.tour(s.now())
	start := s.tourStart
	s.mu.Unlock()
	s.AddRoute(DemoDC, Route{
		ID: "r-0", Name: "16", DriverID: "d-1", Warehouse: "wh-1", Start: start.AddDate(0, 0, -1),
		Stops: []Stop{{ID: "w-9", Customer: "c-1001", After: time.Hour, Service: 5 * time.Minute, Deliveries: []Delivery{{
			ID: "del-9", Name: "crate", Quantity: 3,
			Outcomes: []foxtrot.DeliveryStatus{foxtrot.DeliveryStatusSuccessful, foxtrot.DeliveryStatusFailed},
		}}}},
	})
}

// tourLength is from a truck's start to the end of its last stop.
const tourLength = 140 * time.Minute

// tour puts the next truck on its way, half an hour after its start.
func (s *Server) tour(now time.Time) {
	s.tours++
	s.tourStart = now.Add(-30 * time.Minute)
	id := func(name string) string {
		if s.tours > 1 {
			name += fmt.Sprintf(".%d", s.tours)
		}
		return name
	}
	stop := func(name string, customer foxtrot.CustomerID, after, service time.Duration) Stop {
		stop := Stop{ID: foxtrot.WaypointID(id(name)), Customer: customer, After: after, Service: service}
		if customer != "" {
			stop.Deliveries = []Delivery{{ID: "del-1", Name: "crate", Quantity: 2}}
		}
		return stop
	}
	r := Route{
		ID: foxtrot.RouteID(id("r-1")), Name: "17", DriverID: "d-1", VehicleID: "truck-3", Warehouse: "wh-1", Start: s.tourStart,
		Stops: []Stop{
			stop("w-0", "", 0, 0),
			stop("w-5", "c-1005", 15*time.Minute, 5*time.Minute),
			stop("w-1", "c-1001", 50*time.Minute, 5*time.Minute),
			stop("w-2", "c-1002", 75*time.Minute, 10*time.Minute),
			stop("w-3", "c-1003", 100*time.Minute, 10*time.Minute),
			stop("w-4", "c-1004", 130*time.Minute, 10*time.Minute),
		},
	}
	r.Stops[4].Waiting = 10 * time.Minute
	s.addRoute(DemoDC, r)
}

// keepTruckOnItsWay begins another tour when the last one is over.
func (s *Server) keepTruckOnItsWay() {
	if now := s.now(); s.tours > 0 && !now.Before(s.tourStart.Add(tourLength)) {
		s.tour(now)
	}
}
