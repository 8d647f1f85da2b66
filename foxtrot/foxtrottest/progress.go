package foxtrottest

import (
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
)

// analysisTime is how long after a route's end its times are final.
const analysisTime = time.Hour

func (r *Route) arrival(i int) time.Time { return r.Start.Add(r.Stops[i].After) }

func (r *Route) completed(i int) time.Time { return r.arrival(i).Add(r.Stops[i].Service) }

func (r *Route) done(i int, now time.Time) bool { return !now.Before(r.completed(i)) }

// end is when the last stop is completed.
func (r *Route) end() time.Time {
	end := r.Start
	for i := range r.Stops {
		if at := r.completed(i); at.After(end) {
			end = at
		}
	}
	return end
}

func (r *Route) route(now time.Time) foxtrot.Route {
	out := foxtrot.Route{
		ID: r.ID, Name: r.Name, DriverID: r.DriverID, VehicleID: r.VehicleID, StartTime: new(r.Start),
		StartWarehouseID: r.Warehouse, EndWarehouseID: r.Warehouse, Version: r.version,
		WaypointIDs: []foxtrot.WaypointID{}, Active: true, ImportedAt: new(r.imported),
	}
	for _, stop := range r.Stops {
		out.WaypointIDs = append(out.WaypointIDs, stop.ID)
	}
	if !now.Before(r.Start) {
		out.StartedAt = new(r.Start)
	}
	if end := r.end(); !now.Before(end) {
		out.FinalizedAt, out.Finalized = new(end), true
	}
	return out
}

func (r *Route) completion(now time.Time) foxtrot.CompletionTime {
	end := r.end()
	out := foxtrot.CompletionTime{At: &end, Type: foxtrot.CompletionTypeEstimated}
	switch {
	case !now.Before(end.Add(analysisTime)):
		out.Type = foxtrot.CompletionTypeActual
	case !now.Before(end):
		out.Type = foxtrot.CompletionTypeFinalized
	}
	return out
}

// waypoint is a stop as Foxtrot sees it now. Without a location of the customer there is
// no estimate.
func (d *dc) waypoint(r *Route, i int, now time.Time) foxtrot.Waypoint {
	stop := r.Stops[i]
	w := foxtrot.Waypoint{ID: stop.ID, CustomerID: stop.Customer, RouteID: r.ID, Status: foxtrot.WaypointStatusPending}
	if r.done(i, now) {
		w.Status, w.CompletedAt = foxtrot.WaypointStatusCompleted, new(r.completed(i))
		if stop.Status != "" {
			w.Status = stop.Status
		}
		return w
	}
	ahead := 0
	for j := range i {
		if !r.done(j, now) {
			ahead++
		}
	}
	w.WaypointsAhead, w.WaitingTime = &ahead, &stop.Waiting
	if _, located := d.customers[stop.Customer].BestLocation(); located || stop.Customer == "" {
		at := r.arrival(i)
		if at.Before(now) {
			at = now // the truck is there
		}
		w.EstimatedArrival = &at
	}
	return w
}

func (r *Route) deliveries(i int, now time.Time) []foxtrot.WaypointDelivery {
	out := []foxtrot.WaypointDelivery{}
	for _, d := range r.Stops[i].Deliveries {
		one := foxtrot.WaypointDelivery{ID: d.ID, Name: d.Name, Quantity: new(d.Quantity), Attempts: []foxtrot.DeliveryAttempt{}}
		if r.done(i, now) {
			outcomes := d.Outcomes
			if len(outcomes) == 0 {
				outcomes = []foxtrot.DeliveryStatus{foxtrot.DeliveryStatusSuccessful}
			}
			for _, o := range outcomes {
				one.Attempts = append(one.Attempts, foxtrot.DeliveryAttempt{Status: o, At: new(r.completed(i))})
			}
		}
		out = append(out, one)
	}
	return out
}

// position is where the driver of a route is: on the line between the last stop left and
// the next, or at the last one. It reports false before the start, and when no customer
// of the route has a location.
func (d *dc) position(r *Route, now time.Time) (lockerline.LatLng, bool) {
	if now.Before(r.Start) {
		return lockerline.LatLng{}, false
	}
	var (
		from lockerline.LatLng
		left time.Time
		any  bool
	)
	for i, stop := range r.Stops {
		best, ok := d.customers[stop.Customer].BestLocation()
		if !ok {
			continue
		}
		arrives := r.arrival(i)
		if now.Before(arrives) {
			if !any || !arrives.After(left) {
				return best.LatLng, true
			}
			part := float64(now.Sub(left)) / float64(arrives.Sub(left))
			return lockerline.LatLng{
				Lat: from.Lat + part*(best.Lat-from.Lat),
				Lng: from.Lng + part*(best.Lng-from.Lng),
			}, true
		}
		from, left, any = best.LatLng, r.completed(i), true
		if now.Before(left) {
			return from, true
		}
	}
	return from, any
}
