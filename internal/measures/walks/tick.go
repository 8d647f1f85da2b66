package main

import (
	"context"
	"fmt"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// tick is the tick of a manager's Run in which it sees that a parcel was put in: it looks,
// concludes and stores. Ticks without news stand before it.
func tick(ctx context.Context, _ string) (func() error, error) {
	srv, err := harbortest.New()
	if err != nil {
		return nil, err
	}
	client, err := srv.Client()
	if err != nil {
		return nil, err
	}
	looked, moved := make(chan struct{}, 1), make(chan delivery.Phase, 10)
	observer := delivery.Observer{
		Looked: func(int, time.Duration, error) {
			select {
			case looked <- struct{}{}:
			default:
			}
		},
		Moved: func(_, to delivery.Phase, _ time.Duration) { moved <- to },
	}
	m, err := delivery.New(client, delivery.NewMemoryStore(), delivery.WithObserver(observer), delivery.WithInterval(100*time.Millisecond))
	if err != nil {
		return nil, err
	}
	if _, err := m.Start(ctx, delivery.Request{Reference: "order", Location: 329}); err != nil {
		return nil, err
	}
	token, err := m.DropoffToken(ctx, "order", harbor.TokenRequest{Duration: time.Hour})
	if err != nil {
		return nil, err
	}
	go func() { _ = m.Run(ctx) }()
	<-looked
	time.Sleep(time.Second)
	return func() error {
		phone := srv.Phone(srv.AccessToken("", harbor.ScopeTowerAccess))
		if err := phone.Connect(token.Tower); err != nil {
			return err
		}
		if _, err := phone.Use(token.Payload, token.PayloadAuth); err != nil {
			return err
		}
		if err := phone.CloseDoor(); err != nil {
			return err
		}
		for {
			select {
			case to := <-moved:
				if to == delivery.PhaseStored {
					return nil
				}
			case <-ctx.Done():
				return fmt.Errorf("the parcel was not seen: %w", ctx.Err())
			}
		}
	}, nil
}
