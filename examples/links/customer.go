package main

import (
	"context"
	"strings"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// customer is who opens a link at the tower: a person, or the simulator's.
type customer interface {
	// open follows the link; it returns at once when a person does it.
	open(ctx context.Context, link *harbor.Link) error
	// who says who is awaited, for the printed line.
	who() string
}

// realCustomer is a person: your backend would send them the link now.
type realCustomer struct{}

func (realCustomer) open(context.Context, *harbor.Link) error { return nil }
func (realCustomer) who() string                              { return "waiting for the customer" }

// simulated is the whole of Harbor in this process, and its customer.
type simulated struct{ server *harbortest.Server }

// newSimulated starts a Harbor that sends its webhooks to the receiver.
func newSimulated(hooks *receiver) simulated {
	return simulated{harbortest.NewServer(
		harbortest.WithWebhookURL(hooks.url), harbortest.WithWebhookHeader("Authorization", "Bearer "+hooks.secret),
	)}
}

func (s simulated) open(_ context.Context, link *harbor.Link) error {
	_, err := s.server.OpenLink(link.LinkToken)
	return err
}

func (simulated) who() string { return "the simulator's customer" }

// rank orders the sizes that Harbor is known to have; others come after, as listed.
func rank(name string) int {
	for i, size := range []string{"small", "medium", "large", "x-large"} {
		if strings.EqualFold(name, size) {
			return i
		}
	}
	return 4
}
