package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/harbor"
)

// receiver receives Harbor's webhooks on loopback, from senders that have the secret.
type receiver struct {
	url    string
	secret string
	events chan harbor.WebhookEvent
	server *http.Server
	ended  chan struct{}
}

// maxEvents is how many webhooks may wait to be printed; further ones are answered with an
// error, so that Harbor sends them again.
const maxEvents = 64

func newReceiver() (*receiver, error) {
	r := &receiver{secret: rand.Text(), events: make(chan harbor.WebhookEvent, maxEvents), ended: make(chan struct{})}
	handler, err := callbacks.NewHandler(
		callbacks.FeedOf(harbor.WebhookFeedName, harbor.DecodeWebhook),
		callbacks.Direct(r.take),
		callbacks.WithCredentials(callbacks.Bearer("harbor", r.secret)),
	)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("cannot listen for webhooks: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/webhooks", handler)
	r.url = "http://" + l.Addr().String() + "/webhooks"
	r.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		defer close(r.ended)
		_ = r.server.Serve(l)
	}()
	return r, nil
}

func (r *receiver) take(_ context.Context, e harbor.WebhookEvent) error {
	select {
	case r.events <- e:
		return nil
	default:
		return errors.New("too many webhooks are waiting")
	}
}

func (r *receiver) close() {
	_ = r.server.Close()
	<-r.ended
}
