package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// serve works until ctx ends, then drains: it takes no more requests, finishes those under
// way, has every stored callback handled, and lets the manager come to its end.
func (b *backend) serve(ctx context.Context, listener net.Listener) error {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	looking, stopLooking := context.WithCancel(running)
	defer stopLooking()

	srv := b.server()
	var group sync.WaitGroup
	failures := make(chan error, len(b.receiver.runs)+2)
	try := func(what string, work func() error) {
		group.Go(func() {
			if err := work(); err != nil {
				failures <- fmt.Errorf("%s: %w", what, err)
			}
		})
	}
	for _, run := range b.receiver.runs {
		try("hand over callbacks", func() error { return run(running) })
	}
	try("deliveries", func() error { return b.manager.Run(running) })
	try("serve", func() error {
		if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() { b.wall.Run(looking) })
	if b.world != nil {
		group.Go(func() { b.world.drive(looking) })
	}

	var failed error
	select {
	case <-ctx.Done():
	case failed = <-failures:
	}
	b.draining.Store(true)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.cfg.drain)
	defer cancel()
	stopLooking() // ends the live pages, which would last for ever
	err := b.drain(ending, srv)
	stop()
	group.Wait()
	return errors.Join(failed, err)
}

// server has a limit for all that a client could make last. Live pages set their own, and a
// read limit ends with the request.
func (b *backend) server() *http.Server {
	return &http.Server{
		Handler:           b.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      callLimit + 10*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(b.log.Handler(), slog.LevelWarn),
	}
}

func (b *backend) drain(ctx context.Context, srv *http.Server) error {
	if srv.Shutdown(ctx) != nil {
		_ = srv.Close()
		b.log.Warn("cut off requests that did not end in time")
	}
	return errors.Join(b.receiver.shutdown(ctx), b.receiver.settle(ctx))
}
