package watermill_test

import (
	"context"
	"fmt"
	"testing"

	wm "github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/callbacks/watermill"
)

func ExampleForward() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	box, _ := inbox.New(inbox.NewMemory())
	accept(new(testing.T), box, move{"parcel 7", 2}, move{"parcel 7", 1})

	broker := gochannel.NewGoChannel(gochannel.Config{}, wm.NopLogger{}) // or Kafka, JetStream, AMQP …
	messages, _ := broker.Subscribe(ctx, "moves")
	done := make(chan error)
	go func() { done <- watermill.Forward(ctx, box, moves, broker, "moves") }()

	for range 2 {
		m := <-messages
		e, _ := watermill.ReadMessage(moves, m)
		fmt.Println(e.Value.Parcel, "moved at minute", e.Value.Minute)
		m.Ack()
	}
	stop()
	fmt.Println(<-done)
	// Output:
	// parcel 7 moved at minute 1
	// parcel 7 moved at minute 2
	// <nil>
}
