package harbor_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
)

// A webhook wakes the watcher; the poll behind it is only for those that get lost.
func ExampleWatcher_Nudge() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	drop, err := c.Lockers.DropoffToken(background, ref, harbor.TokenRequest{Duration: 5 * time.Minute})
	if err != nil {
		log.Fatal(err)
	}
	w := harbor.NewWatcher(c, harbor.WatcherConfig{Interval: time.Hour})
	go func() {
		if err := open(background, srv, c, drop); err != nil {
			log.Fatal(err)
		}
		w.Nudge(ref) // from the handler of Harbor's webhooks
	}()
	ctx, cancel := context.WithTimeout(background, time.Minute)
	defer cancel()
	change, err := w.Wait(ctx, ref, harbor.LockerStatusOccupied)
	fmt.Println(change.To, err)
	// Output:
	// occupied <nil>
}

func ExampleWatcher_Changes() {
	srv, c, ref := simulator()
	defer srv.Close()
	defer c.Close()
	if _, err := c.Lockers.Reserve(background, ref, 5*time.Minute); err != nil {
		log.Fatal(err)
	}
	w := harbor.NewWatcher(c, harbor.WatcherConfig{Interval: 20 * time.Millisecond})
	for change, err := range w.Changes(background) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(change.Ref, change.Kind, change.To, change.Assigned)
		if !change.Assigned {
			break
		}
		if err := c.Lockers.CancelReservation(background, ref); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// 0100000000000175/948 first reserved true
	// 0100000000000175/948 legal available false
}
