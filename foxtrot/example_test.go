package foxtrot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
)

// exampleClient talks to Foxtrot in memory, where it is 9 October 2025, 8:53:20 UTC. A
// program for the real service calls foxtrot.NewClient(apiKey).
func exampleClient() (*foxtrot.Client, *foxtrottest.Server) {
	srv, err := foxtrottest.New(foxtrottest.WithManualClock(time.UnixMilli(1760000000000)))
	if err != nil {
		log.Fatal(err)
	}
	c, err := srv.Client()
	if err != nil {
		log.Fatal(err)
	}
	return c, srv
}

func Example() {
	c, srv := exampleClient()
	defer srv.Close()
	ctx := context.Background()

	waypoints, err := c.Customers.Waypoints(ctx, "dc-north", "c-1002")
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range waypoints {
		if eta, ok := w.ETA(srv.Now()); ok {
			fmt.Printf("the truck comes in %v, %d stops before\n", eta, *w.WaypointsAhead)
		}
	}
	// Output: the truck comes in 45m0s, 1 stops before
}

func ExampleCustomersService_Get() {
	c, srv := exampleClient()
	defer srv.Close()
	customer, err := c.Customers.Get(context.Background(), "dc-north", "c-1002")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(customer.Name, *customer.InferredLocation)
	_, err = c.Customers.Get(context.Background(), "dc-north", "nobody")
	fmt.Println(errors.Is(err, lockerline.ErrNotFound), err)
	// Output:
	// Harbour Café {4.6055 -74.0741}
	// true foxtrot: customers.get: answered 404 not found
}

func ExampleCustomersService_Waypoints() {
	c, srv := exampleClient()
	defer srv.Close()
	waypoints, err := c.Customers.Waypoints(context.Background(), "dc-north", "c-1001")
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range waypoints {
		fmt.Println(w.ID, w.RouteID, w.Status, "next:", w.Next(), "done:", w.Done())
	}
	// Output:
	// w-1 r-1 PENDING next: true done: false
	// w-9 r-0 COMPLETED next: false done: true
}

func ExampleCustomersService_ConfidentLocation() {
	c, srv := exampleClient()
	defer srv.Close()
	for _, id := range []foxtrot.CustomerID{"c-1001", "c-1002"} {
		at, err := c.Customers.ConfidentLocation(context.Background(), "dc-north", id)
		switch {
		case errors.Is(err, foxtrot.ErrLocationNotConfident):
			fmt.Println(id, "not sure")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println(id, at.Lat, at.Lng)
		}
	}
	// Output:
	// c-1001 4.6011 -74.081
	// c-1002 not sure
}

func ExampleCustomersService_BestLocation() {
	c, srv := exampleClient()
	defer srv.Close()
	for _, id := range []foxtrot.CustomerID{"c-1001", "c-1002", "c-1003", "c-1004"} {
		best, err := c.Customers.BestLocation(context.Background(), "dc-north", id)
		if errors.Is(err, foxtrot.ErrNoLocation) {
			fmt.Println(id, "nowhere")
			continue
		}
		fmt.Println(id, best.Kind, best.LatLng)
	}
	// Output:
	// c-1001 confident {4.6011 -74.081}
	// c-1002 inferred {4.6055 -74.0741}
	// c-1003 imported {4.615 -74.07}
	// c-1004 nowhere
}

func ExampleCustomersService_GetMany() {
	c, srv := exampleClient()
	defer srv.Close()
	ids := []foxtrot.CustomerID{"c-1003", "nobody", "c-1001"}
	for id, r := range c.Customers.GetMany(context.Background(), "dc-north", ids) {
		if r.Err != nil {
			fmt.Println(id, "failed:", r.Err)
			continue
		}
		fmt.Println(id, r.Customer.Name)
	}
	// Output:
	// c-1003 Quay Bakery
	// nobody failed: foxtrot: customers.get: answered 404 not found
	// c-1001 Corner Shop
}

func ExampleDCsService_List() {
	c, srv := exampleClient()
	defer srv.Close()
	dcs, err := c.DCs.List(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, dc := range dcs {
		zone, _ := dc.Zone() // UTC when it is not known
		fmt.Println(dc.ID, dc.Name, srv.Now().In(zone).Format("15:04 -07"))
	}
	// Output:
	// dc-north North 03:53 -05
	// dc far/2 Far South 05:53 -03
}

func ExampleRoutesService_Get() {
	c, srv := exampleClient()
	defer srv.Close()
	route, err := c.Routes.Get(context.Background(), "dc-north", "r-1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(route.Name, route.DriverID, route.VehicleID, len(route.WaypointIDs), route.StartedAt.Format(time.TimeOnly), route.Finalized)
	// Output: 17 d-1 truck-3 6 08:23:20 false
}

func ExampleRoutesService_FindByDate() {
	c, srv := exampleClient()
	defer srv.Close()
	routes, err := c.Routes.FindByDate(context.Background(), "dc-north", srv.Now())
	if err != nil {
		log.Fatal(err)
	}
	for _, route := range routes {
		fmt.Println(route.ID, route.StartTime.Format(time.DateTime))
	}
	// Output: r-1 2025-10-09 08:23:20
}

func ExampleRoutesService_CompletionTime() {
	c, srv := exampleClient()
	defer srv.Close()
	over, err := c.Routes.CompletionTime(context.Background(), "dc-north", "r-1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(over.Type, over.At.Format(time.TimeOnly))
	// Output: ESTIMATED 10:43:20
}

func ExampleRoutesService_Waypoints() {
	c, srv := exampleClient()
	defer srv.Close()
	waypoints, err := c.Routes.Waypoints(context.Background(), "dc-north", "r-1")
	if err != nil {
		log.Fatal(err)
	}
	left := 0
	for _, w := range waypoints {
		if !w.Done() {
			left++
		}
	}
	fmt.Println(left, "of", len(waypoints), "stops are left")
	// Output: 4 of 6 stops are left
}

func ExampleRoutesService_Waypoint() {
	c, srv := exampleClient()
	defer srv.Close()
	w, err := c.Routes.Waypoint(context.Background(), "dc-north", "r-1", "w-3")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(w.CustomerID, w.EstimatedArrival.Format(time.TimeOnly), "and a wait of", *w.WaitingTime)
	// Output: c-1003 10:03:20 and a wait of 10m0s
}

func ExampleRoutesService_Deliveries() {
	c, srv := exampleClient()
	defer srv.Close()
	deliveries, err := c.Routes.Deliveries(context.Background(), "dc-north", "r-0", "w-9")
	if err != nil {
		log.Fatal(err)
	}
	for _, d := range deliveries {
		last, ok := d.LastAttempt()
		fmt.Println(d.Name, *d.Quantity, len(d.Attempts), last.Status, ok)
	}
	// Output: crate 3 2 FAILED true
}

func ExampleDriversService_Get() {
	c, srv := exampleClient()
	defer srv.Close()
	driver, err := c.Drivers.Get(context.Background(), "dc-north", "d-1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+v\n", driver)
	// Output: &{ID:d-1 Name:Ana LoginToken:[REDACTED]}
}

func ExampleDriversService_Location() {
	c, srv := exampleClient()
	defer srv.Close()
	at, err := c.Drivers.Location(context.Background(), "dc-north", "d-1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.4f %.4f at %s\n", at.Lat, at.Lng, at.At.Format(time.TimeOnly))
	_, err = c.Drivers.Location(context.Background(), "dc-north", "d-2")
	fmt.Println(errors.Is(err, foxtrot.ErrNoLocation))
	// Output:
	// 4.5971 -74.0837 at 08:53:20
	// true
}

func ExampleWebhooksService_Create() {
	c, srv := exampleClient()
	defer srv.Close()
	hook, err := c.Webhooks.Create(context.Background(), foxtrot.WebhookRequest{
		URL:    "https://partner.example/foxtrot/3f9a6c", // one that cannot be guessed
		Events: []foxtrot.WebhookEventType{foxtrot.WebhookEventRouteETAsChanged, foxtrot.WebhookEventWaypointStatusChanged},
		DCs:    []foxtrot.DCID{"dc-north"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(hook.ID, *hook.Enabled, hook.Events)
	// Output: wh-1 true [ROUTE_ETAS_CHANGED WAYPOINT_STATUS_CHANGED]
}

func ExampleWebhooksService_List() {
	c, srv := exampleClient()
	defer srv.Close()
	hooks, err := c.Webhooks.List(context.Background())
	fmt.Println(len(hooks), err)
	// Output: 0 <nil>
}

func ExampleWebhooksService_Disable() {
	c, srv := exampleClient()
	defer srv.Close()
	ctx := context.Background()
	hook, err := c.Webhooks.Create(ctx, someWebhook)
	if err != nil {
		log.Fatal(err)
	}
	hook, err = c.Webhooks.Disable(ctx, hook.ID)
	fmt.Println(*hook.Enabled, err)
	// Output: false <nil>
}

func ExampleWebhooksService_Enable() {
	c, srv := exampleClient()
	defer srv.Close()
	_, err := c.Webhooks.Enable(context.Background(), "wh-gone")
	fmt.Println(errors.Is(err, lockerline.ErrNotFound))
	// Output: true
}

func ExampleWebhooksService_Delete() {
	c, srv := exampleClient()
	defer srv.Close()
	ctx := context.Background()
	hook, err := c.Webhooks.Create(ctx, someWebhook)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Webhooks.Delete(ctx, hook.ID))
	// Output: <nil>
}

func ExampleDecodeWebhook() {
	e, err := foxtrot.DecodeWebhook([]byte(`{"event":"ROUTE_ETAS_CHANGED","hook_timestamp_millis":1760000000000,"dc_id":"dc-north","route_id":"r-1"}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Type, e.RouteID, e.Time().Format(time.TimeOnly), e.Group())
	// Output: ROUTE_ETAS_CHANGED r-1 08:53:20 dc/dc-north/route/r-1
}

func ExampleClient_Do() {
	c, srv := exampleClient()
	defer srv.Close()
	var data json.RawMessage
	err := c.Do(context.Background(), lockerline.Request{
		Name: "routes.version", Path: "/dcs/{dc}/routes/{route}/completion-time", Args: []string{"dc-north", "r-1"},
	}, &data)
	fmt.Println(string(data), err)
	// Output: {"completion_time":{"timestamp":1760006600000,"type":"ESTIMATED"}} <nil>
}
