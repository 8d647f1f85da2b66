package harbor_test

import (
	"fmt"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

func ExampleLifecycle() {
	var locker harbor.Lifecycle
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for _, name := range []string{"available", "Reserved", "occupied", "occupied", "rented"} {
		o := locker.Observe(harbor.ParseLockerStatus(name), at)
		fmt.Println(o.To, o.Kind, o.Path)
		at = at.Add(time.Minute)
	}
	// Output:
	// available first []
	// reserved legal [reserve]
	// occupied skipped [create_dropoff_token dropoff_token_used]
	// occupied repeated []
	// rented impossible [pickup_token_used create_dropoff_token]
}

func ExampleLockerStatus_Next() {
	next, err := harbor.LockerStatusRented.Next(harbor.LockerEventRelease)
	fmt.Println(next, err)
	_, err = harbor.LockerStatusOutOfService.Next(harbor.LockerEventReserve)
	fmt.Println(err)
	// Output:
	// released <nil>
	// harbor: "reserve" does not belong to a locker that is "out_of_service"; allowed: return_to_service
}
