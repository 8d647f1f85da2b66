package delivery_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// A parcel from door to door, with the simulator's phone in place of a courier's and a
// customer's.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	srv, err := harbortest.New()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client, err := srv.Client()
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	news := make(chan delivery.Notice)
	tell := func(_ context.Context, n delivery.Notice) error {
		news <- n
		return nil
	}
	m, err := delivery.New(client, delivery.NewMemoryStore(), delivery.WithNotify(tell))
	if err != nil {
		log.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- m.Run(ctx) }()

	d, err := m.Start(ctx, delivery.Request{Reference: "order-42", Location: 329, Types: []string{"small", "medium"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Phase, "a", d.Locker.Type, "locker")

	through := func(t *harbor.LockerToken, err error) {
		if err != nil {
			log.Fatal(err)
		}
		phone := srv.Phone(srv.AccessToken("", harbor.ScopeTowerAccess))
		if err := phone.Connect(t.Tower); err != nil {
			log.Fatal(err)
		}
		if _, err := phone.Use(t.Payload, t.PayloadAuth); err != nil {
			log.Fatal(err)
		}
		if err := phone.CloseDoor(); err != nil {
			log.Fatal(err)
		}
		m.Nudge(d.Locker.Ref) // as a handler of Harbor's webhooks would
	}
	through(m.DropoffToken(ctx, "order-42", harbor.TokenRequest{Duration: 5 * time.Minute}))
	fmt.Println("told:", (<-news).Kind)
	through(m.PickupToken(ctx, "order-42", harbor.TokenRequest{Duration: time.Hour}))
	fmt.Println("told:", (<-news).Kind)

	cancel()
	fmt.Println(<-ended)
	// Output:
	// reserved a small locker
	// told: stored
	// told: collected
	// <nil>
}

// Start is safe to repeat: after a crash, call it again with the same request.
func ExampleManager_Start() {
	ctx := context.Background()
	srv, _ := harbortest.New()
	defer srv.Close()
	client, _ := srv.Client()
	defer client.Close()
	m, _ := delivery.New(client, delivery.NewMemoryStore())

	// The answer is lost after the locker was taken.
	srv.Fail("lockers.reserve", lockerlinetest.Disconnect(lockerlinetest.After))
	for range 2 {
		d, err := m.Start(ctx, delivery.Request{Reference: "order-42", Location: 329})
		fmt.Println(d.Phase, err)
	}
	mine, _ := client.Lockers.Assigned(ctx)
	fmt.Println("lockers held:", len(mine), "- reservations asked for:", len(srv.Requests("lockers.reserve")))
	// Output:
	// reserved <nil>
	// reserved <nil>
	// lockers held: 1 - reservations asked for: 1
}

// After a crash another manager over the same store settles what was left open.
func ExampleManager_Reconcile() {
	ctx := context.Background()
	srv, _ := harbortest.New()
	defer srv.Close()
	client, _ := srv.Client()
	defer client.Close()
	store := delivery.NewMemoryStore()

	first, _ := delivery.New(client, store)
	for _, reference := range []string{"order-1", "order-2"} {
		_, _ = first.Start(ctx, delivery.Request{Reference: reference, Location: 329})
	}
	srv.Advance(6 * time.Minute) // the process is down, and the reservations run out

	second, _ := delivery.New(client, store)
	report, err := second.Reconcile(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range report.Findings {
		fmt.Println(f.Reference, f.Outcome, "-", f.Why)
	}
	fmt.Println("unknown lockers:", len(report.Unknown))
	// Output:
	// order-1 expired - the reservation ended
	// order-2 expired - the reservation ended
	// unknown lockers: 0
}

// A handler of Harbor's webhooks passes on which locker they tell of.
func ExampleManager_Nudge() {
	var m delivery.Manager // as made by New
	m.Nudge(harbor.LockerRef{Tower: "0100000000000175", Locker: 950})
	// Output:
}

// The life of a delivery can be drawn.
func ExampleDiagram() {
	fmt.Println(delivery.Diagram())
	// Output:
	// stateDiagram-v2
	//     [*] --> searching
	//     searching --> searching: chosen, refused
	//     searching --> reserved: reserved
	//     searching --> releasing: give_up
	//     searching --> cancelled: cancelled
	//     searching --> expired: expired
	//     searching --> in_doubt: doubted
	//     reserved --> rented: dropoff_token
	//     reserved --> stored: stored
	//     reserved --> releasing: give_up
	//     reserved --> expired: expired
	//     reserved --> in_doubt: doubted
	//     rented --> rented: dropoff_token
	//     rented --> stored: stored
	//     rented --> releasing: give_up
	//     rented --> expired: expired
	//     rented --> in_doubt: doubted
	//     stored --> stored: dropoff_token, pickup_token
	//     stored --> collected: collected
	//     stored --> in_doubt: doubted
	//     releasing --> stored: stored
	//     releasing --> cancelled: cancelled
	//     releasing --> expired: expired
	//     releasing --> in_doubt: doubted
	//     in_doubt --> stored: stored
	//     in_doubt --> collected: collected
	//     in_doubt --> releasing: give_up
	//     in_doubt --> cancelled: cancelled
	//     in_doubt --> expired: expired
	//     cancelled --> stored: stored
	//     expired --> stored: stored
	//     collected --> [*]
	//     cancelled --> [*]
	//     expired --> [*]
}
