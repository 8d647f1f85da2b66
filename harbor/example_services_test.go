package harbor_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

var background = context.Background()

func ExampleLocationsService_InArea() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	area := harbor.Area{Start: lockerline.LatLng{Lat: 34.0, Lng: -118.0}, End: lockerline.LatLng{Lat: 35.0, Lng: -119.0}}
	sites, err := c.Locations.InArea(background, area)
	for _, l := range sites {
		fmt.Println(l.ID, l.Name, l.Availability.Available, "of", l.Availability.Total, "free")
	}
	fmt.Println(err)
	// Output:
	// 329 Grand Park Garage 14 of 24 free
	// 330 Arroyo Market 8 of 12 free
	// 363 Burbank Station 8 of 12 free
	// <nil>
}

func ExampleLocationsService_Closest() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	l, err := c.Locations.Closest(background, harbor.ClosestQuery{Position: lockerline.LatLng{Lat: 34.15, Lng: -118.14}, Radius: 0.9})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Name, l.City)
	_, err = c.Locations.Closest(background, harbor.ClosestQuery{Position: lockerline.LatLng{Lat: -34, Lng: 18}, Radius: 0.9})
	fmt.Println(errors.Is(err, lockerline.ErrNotFound))
	// Output:
	// Arroyo Market Pasadena
	// true
}

func ExampleLocationsService_List() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	page, err := c.Locations.List(background, harbor.Page{Skip: 3, Limit: 10})
	for _, l := range page {
		_, placed := l.Position()
		fmt.Println(l.ID, l.Name, placed)
	}
	fmt.Println(err)
	// Output:
	// 364 Harbor Front true
	// 402 Not placed yet false
	// <nil>
}

func ExampleLocationsService_All() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	for l, err := range c.Locations.All(background, 2) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(l.Name)
	}
	// Output:
	// Grand Park Garage
	// Arroyo Market
	// Burbank Station
	// Harbor Front
	// Not placed yet
}

func ExampleLocationsService_Get() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	l, err := c.Locations.Get(background, 363)
	if err != nil {
		log.Fatal(err)
	}
	tz, ok := l.TimeZone()
	fmt.Println(l.Address1, tz, ok)
	// Output:
	// 201 Placeholder Way PST8PDT true
}

func ExampleLocationsService_Availability() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	a, err := c.Locations.Availability(background, 330)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range a.ByType {
		fmt.Println(t.Type.Name, t.Available, "of", t.Total)
	}
	// Output:
	// small 3 of 5
	// medium 2 of 3
	// large 1 of 2
	// x-large 2 of 2
}

func ExampleLocationsService_Lockers() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	lockers, err := c.Locations.Lockers(background, 363)
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range lockers[:2] {
		fmt.Println(l.Ref(), "door", l.Name, l.Type.Name, l.Status)
	}
	// Output:
	// 010000000000002f/984 door 1 small available
	// 010000000000002f/985 door 2 small occupied
}

func ExampleTowersService_Lockers() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	lockers, err := c.Towers.Lockers(background, ref.Tower)
	fmt.Println(len(lockers), err)
	_, err = c.Towers.Lockers(background, "01000000000000ff")
	fmt.Println(errors.Is(err, lockerline.ErrNotFound))
	// Output:
	// 12 <nil>
	// true
}

func ExampleTowersService_Availability() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	a, err := c.Towers.Availability(background, ref.Tower)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(a.Available, "of", a.Total)
	// Output:
	// 8 of 12
}

func ExampleLockersService_Reserve() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	r, err := c.Lockers.Reserve(background, ref, 5*time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Ref, "for", time.Until(r.ExpiresAt).Round(time.Minute))
	// Output:
	// 0100000000000175/948 for 5m0s
}

func ExampleLockersService_CancelReservation() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	if _, err := c.Lockers.Reserve(background, ref, 5*time.Minute); err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Lockers.CancelReservation(background, ref))
	err := c.Lockers.CancelReservation(background, ref)
	fmt.Println(errors.Is(err, lockerline.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleLockersService_DropoffToken() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	t, err := c.Lockers.DropoffToken(background, ref, harbor.TokenRequest{Duration: 5 * time.Minute, ClientInfo: "order 42"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.Tower, t.Locker.Status) // Payload and PayloadAuth go to the courier's phone
	// Output:
	// 0100000000000175 rented
}

func ExampleLockersService_PickupToken() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	_, err := c.Lockers.PickupToken(background, ref, harbor.TokenRequest{Duration: 5 * time.Minute})
	fmt.Println("nothing in it yet:", errors.Is(err, lockerline.ErrConflict))
	drop, err := c.Lockers.DropoffToken(background, ref, harbor.TokenRequest{Duration: 5 * time.Minute})
	if err != nil {
		log.Fatal(err)
	}
	if err := open(background, srv, c, drop); err != nil {
		log.Fatal(err)
	}
	pick, err := c.Lockers.PickupToken(background, ref, harbor.TokenRequest{Duration: 5 * time.Minute})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(pick.Locker.Status)
	// Output:
	// nothing in it yet: true
	// occupied
}

func ExampleLockersService_Release() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	if _, err := c.Lockers.DropoffToken(background, ref, harbor.TokenRequest{Duration: 5 * time.Minute}); err != nil {
		log.Fatal(err)
	}
	l, err := c.Lockers.Release(background, ref)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Status) // until a phone connects to the tower
	// Output:
	// released
}

func ExampleLockersService_Assigned() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	if _, err := c.Lockers.Reserve(background, ref, 5*time.Minute); err != nil {
		log.Fatal(err)
	}
	mine, err := c.Lockers.Assigned(background)
	for _, l := range mine {
		fmt.Println(l.Ref(), l.Status)
	}
	fmt.Println(err)
	// Output:
	// 0100000000000175/948 reserved
	// <nil>
}

func ExampleLinksService_Dropoff() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	types, err := c.LockerTypes.List(background)
	if err != nil {
		log.Fatal(err)
	}
	for _, size := range types { // the smallest that fits, then larger ones
		link, err := c.Links.Dropoff(background, harbor.DropoffLinkRequest{Location: 330, Type: size.ID})
		if errors.Is(err, harbor.ErrNoLockerAvailable) {
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(size.Name, link.Locker, link) // LinkToken goes to the customer
		break
	}
	// Output:
	// small 01000000000001a3/972 harbor.Link{ID:201, LinkToken:[REDACTED]}
}

func ExampleLinksService_Pickup() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	drop, err := c.Links.Dropoff(background, harbor.DropoffLinkRequest{Location: 329, Type: 1})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := srv.OpenLink(drop.LinkToken); err != nil { // the customer follows it
		log.Fatal(err)
	}
	pick, err := c.Links.Pickup(background, harbor.PickupLinkRequest{Locker: drop.Locker.Locker})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(pick.Locker == drop.Locker)
	// Output:
	// true
}

func ExampleLinksService_Get() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	link, err := c.Links.Dropoff(background, harbor.DropoffLinkRequest{Location: 329, Type: 1})
	if err != nil {
		log.Fatal(err)
	}
	again, err := c.Links.Get(background, link.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(again.Locker)
	// Output:
	// 0100000000000175/948
}

func ExampleSessionsService_AuthorizeUser() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	t, err := c.Sessions.AuthorizeUser(background, "customer 7")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t.TokenType, t.AccessToken != "")
	// Output:
	// Bearer true
}

func ExampleSessionsService_TestToken() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	answer, err := c.Sessions.TestToken(background)
	fmt.Println(string(answer), err)
	// Output:
	// {"clientId":"lockerline-test","scopes":["service_provider"]} <nil>
}

func ExampleLockerTypesService_List() {
	srv, c, _ := simulator()
	defer srv.Close()
	defer c.Close()
	types, err := c.LockerTypes.List(background)
	for _, t := range types {
		fmt.Println(t.ID, t.Name)
	}
	fmt.Println(err)
	// Output:
	// 1 small
	// 2 medium
	// 3 large
	// 4 x-large
	// <nil>
}
