package inbox_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

const stocked = `{"reservationId":"R-7","status":"STOCKED","changeTime":"2026-03-01T12:00:00Z"}`

// A file or PostgreSQL instead of NewMemory, by inbox.Open, makes it durable.
func ExampleRun() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	box, _ := inbox.New(inbox.NewMemory())
	sink, _ := inbox.NewSink(box, callbacks.Reservations()) // give it to callbacks.NewHandler
	change, _ := callbacks.Decode([]byte(stocked))
	for range 2 { // the sender repeats itself
		out, _ := sink.Accept(ctx, received(change))
		fmt.Println(out)
	}

	err := inbox.Run(ctx, box, callbacks.Reservations(), inbox.Values(func(_ context.Context, c callbacks.ReservationChange) error {
		switch c.EffectiveStatus() {
		case callbacks.StatusStocked:
			fmt.Println(c.ReservationID, "waits in its locker")
			stop()
		default: // nothing to do
		}
		return nil
	}))
	fmt.Println(err)
	// Output:
	// stored
	// duplicate
	// R-7 waits in its locker
	// <nil>
}

// What failed for good waits to be looked at, and can be handled again.
func ExampleRequeue() {
	box, _ := inbox.New(inbox.NewMemory())
	feed := callbacks.Reservations()
	change, _ := callbacks.Decode([]byte(stocked))
	sink, _ := inbox.NewSink(box, feed)
	_, _ = sink.Accept(context.Background(), received(change))

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	_ = inbox.Run(ctx, box, feed, func(context.Context, inbox.Event[callbacks.ReservationChange]) error {
		defer stop()
		return inbox.Permanent(errors.New("no such order"))
	})
	dead, _ := box.List(context.Background(), inbox.Filter{States: []inbox.State{inbox.StateDead}})
	fmt.Println(dead[0].Group, "failed:", dead[0].LastError)

	done, err := inbox.Requeue(context.Background(), box, feed, dead[0].ID)
	fmt.Println("waiting again:", done.Waiting, err)
	// Output:
	// R-7 failed: no such order
	// waiting again: 1 <nil>
}

// received is what callbacks.Handler makes of a request.
func received(c callbacks.ReservationChange) callbacks.Received[callbacks.ReservationChange] {
	f := callbacks.Reservations()
	return callbacks.Received[callbacks.ReservationChange]{Value: c, Record: callbacks.Record{
		Feed: f.Name, Key: f.Key(c), Slot: f.Slot(c), Group: f.Group(c), Time: f.Time(c), Raw: c.Raw,
	}}
}
