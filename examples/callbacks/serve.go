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

const (
	// drainTime is how long the end may take in all; what is not handled by then stays
	// stored. Orchestrators kill after 30 s or less.
	drainTime = 10 * time.Second
	// handlerTime is what is left of it for handlers that have not returned by then.
	handlerTime = time.Second
	// finishTime is the part of it in which requests under way may come to their end.
	finishTime = 6 * time.Second
)

// serve receives and hands over until ctx ends. Then, in this order, it stops accepting,
// waits for the requests under way, has what is stored handled, and stops the hand-over.
func (r *receiver) serve(ctx context.Context, listener net.Listener) error {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var handing sync.WaitGroup
	failures := make(chan error, len(r.runs)+1)
	for _, run := range r.runs {
		handing.Go(func() {
			if err := run(running); err != nil {
				failures <- fmt.Errorf("hand over: %w", err)
			}
		})
	}
	srv := &http.Server{
		Handler: r.mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(r.log.Handler(), slog.LevelWarn),
	}
	handing.Go(func() {
		if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failures <- fmt.Errorf("serve: %w", err)
		}
	})
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-failures:
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime-2*handlerTime)
	defer cancel()
	r.finishRequests(ending, srv)
	r.settle(ending)
	stop()
	handing.Wait()
	return failed
}

// finishRequests closes the door. A sender that is cut off here was not answered, and will
// come again.
func (r *receiver) finishRequests(ctx context.Context, srv *http.Server) {
	ctx, cancel := context.WithTimeout(ctx, finishTime)
	defer cancel()
	if srv.Shutdown(ctx) != nil {
		_ = srv.Close()
		r.log.Warn("cut off requests that did not end; their senders will come again")
	}
	for _, shutdown := range r.shutdowns {
		if err := shutdown(ctx); err != nil {
			r.log.Warn("the database is slow to store the last callbacks", "error", err)
		}
	}
}

// settle returns when nothing waits to be handled, or ctx ends.
func (r *receiver) settle(ctx context.Context) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if left, err := r.waiting(ctx); err == nil && left == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
