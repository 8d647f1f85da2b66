package main

import (
	"context"
	"strings"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// customer opens a link at the tower: a person, or the simulator.
type customer interface {
	// open opens the link; it returns at once when a person does it.
	open(ctx context.Context, link *harbor.Link) error
	// who names the customer in the printed line.
	who() string
}

// realCustomer is a person: a backend would now send the link.
type realCustomer struct{}

func (realCustomer) open(context.Context, *harbor.Link) error { return nil }
func (realCustomer) who() string                              { return "waiting for the customer" }

// simulated is a Harbor in this process, with its customer.
type simulated struct{ server *harbortest.Server }

// newSimulated starts a Harbor that sends its webhooks to the receiver.
func newSimulated(hooks *receiver) (simulated, error) {
	server, err := harbortest.New(
		harbortest.WithWebhookURL(hooks.url), harbortest.WithWebhookHeader("Authorization", "Bearer "+hooks.secret),
	)
	if err != nil {
		return simulated{}, err
	}
	return simulated{server}, server.Listen("127.0.0.1:0")
}

func (s simulated) open(_ context.Context, link *harbor.Link) error {
	_, err := s.server.OpenLink(link.LinkToken)
	return err
}

func (simulated) who() string { return "the simulator's customer" }

// rank orders the known sizes; others come after them, as listed.
func rank(name string) int {
	for i, size := range []string{"small", "medium", "large", "x-large"} {
		if strings.EqualFold(name, size) {
			return i
		}
	}
	return 4
}
