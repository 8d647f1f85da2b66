package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// receiver is one inbox with several doors. What comes in is stored, acknowledged, and
// handed over from the store.
type receiver struct {
	box       *inbox.Box
	mux       *http.ServeMux
	options   []callbacks.Option
	shutdowns []func(context.Context) error // of the handlers
	runs      []func(context.Context) error // hand over until the context ends
}

func newReceiver(box *inbox.Box, who secrets, log *slog.Logger) (*receiver, error) {
	set, err := who.set()
	if err != nil {
		return nil, err
	}
	return &receiver{box: box, mux: http.NewServeMux(), options: []callbacks.Option{
		callbacks.WithCredentialSet(set), callbacks.WithObserver(callbacks.LogObserver(log)),
	}}, nil
}

// lead leads a feed from its address into the inbox, and from the inbox to its handler.
func lead[T any](r *receiver, path string, feed callbacks.Feed[T], handle func(context.Context, T) error) error {
	sink, err := inbox.NewSink(r.box, feed)
	if err != nil {
		return err
	}
	h, err := callbacks.NewHandler(feed, sink, r.options...)
	if err != nil {
		return err
	}
	r.mux.Handle(path, h)
	r.shutdowns = append(r.shutdowns, h.Shutdown)
	r.runs = append(r.runs, func(ctx context.Context) error {
		return inbox.Run(ctx, r.box, feed, inbox.Values(handle))
	})
	return nil
}

// shutdown waits until everything that is being stored is stored.
func (r *receiver) shutdown(ctx context.Context) error {
	var err error
	for _, shutdown := range r.shutdowns {
		err = errors.Join(err, shutdown(ctx))
	}
	return err
}

// settle returns when nothing waits to be handled, or ctx ends.
func (r *receiver) settle(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if stats, err := r.box.Stats(ctx, ""); err == nil && stats.Depth == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.New("some callbacks are still to be handled")
		}
	}
}
