package foxtrottest_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// The truck drives on as the server's clock is moved.
func ExampleServer_Advance() {
	srv, err := foxtrottest.New(foxtrottest.WithManualClock(time.UnixMilli(1760000000000)))
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	c, err := srv.Client()
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		w, err := c.Routes.Waypoint(context.Background(), foxtrottest.DemoDC, "r-1", "w-2")
		if err != nil {
			log.Fatal(err)
		}
		eta, _ := w.ETA(srv.Now())
		fmt.Println(w.Status, eta)
		srv.Advance(30 * time.Minute)
	}
	// Output:
	// PENDING 45m0s
	// PENDING 15m0s
	// COMPLETED 0s
}

// Calls go wrong as real ones do; the client repeats what may be repeated.
func ExampleServer_Fail() {
	srv, err := foxtrottest.New()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	c, err := srv.Client()
	if err != nil {
		log.Fatal(err)
	}
	srv.Fail("dcs.list", lockerlinetest.HTML(502), lockerlinetest.Disconnect(lockerlinetest.Within))
	var m lockerline.CallMeta
	dcs, err := c.DCs.List(context.Background(), lockerline.Meta(&m))
	fmt.Println(len(dcs), err, m.Attempts)
	// Output: 2 <nil> 3
}
