package main

import (
	"context"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// door is what opens the locker: a person with a phone, or the simulator's phone.
type door interface {
	// open uses a locker token at the tower; it returns at once when a person does it.
	open(ctx context.Context, towerToken string, t *harbor.LockerToken) error
	// who says who is awaited, for the printed line.
	who() string
	close()
}

// realDoor is opened by a person: your backend would send the token to their phone now.
type realDoor struct{}

func (realDoor) open(context.Context, string, *harbor.LockerToken) error { return nil }
func (realDoor) who() string                                             { return "waiting for a phone at the tower" }
func (realDoor) close()                                                  {}

// simulated is the whole of Harbor in this process, and its phone.
type simulated struct{ server *harbortest.Server }

func newSimulated() (simulated, error) {
	server, err := harbortest.New()
	if err != nil {
		return simulated{}, err
	}
	return simulated{server}, server.Listen("127.0.0.1:0")
}

func (s simulated) open(_ context.Context, towerToken string, t *harbor.LockerToken) error {
	phone := s.server.Phone(towerToken)
	if err := phone.Connect(t.Tower); err != nil {
		return err
	}
	defer phone.Disconnect()
	if _, err := phone.Use(t.Payload, t.PayloadAuth); err != nil {
		return err
	}
	return phone.CloseDoor()
}

func (simulated) who() string { return "the simulator's phone" }

func (s simulated) close() { s.server.Close() }
