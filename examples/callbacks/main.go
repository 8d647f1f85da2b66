// Callbacks receives reservation changes, and the webhooks of Harbor and Foxtrot, writes
// each to a database before it is acknowledged, and prints each change once, in order.
//
//	go run -C examples/callbacks . -demo
//	CALLBACK_BASIC=partner:secret go run -C examples/callbacks . -db callbacks.db
//
// See README.md beside this file.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "callbacks: "+oneLine(err))
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	cfg, help, err := parse(args)
	if err != nil {
		return err
	}
	if help != "" {
		_, err := io.WriteString(stdout, help)
		return err
	}
	if cfg.demo {
		return demonstrate(ctx, cfg, stdout, stderr)
	}
	if len(cfg.secrets) == 0 {
		return errors.New("no credentials: set one or more of " + strings.Join(variables(), ", ") + ", or try -demo")
	}
	return receive(ctx, cfg, stdout, stderr)
}

// receive is the program without -demo: it serves until ctx ends, then drains.
func receive(ctx context.Context, cfg config, stdout, stderr io.Writer) (err error) {
	rec, err := newReceiver(ctx, cfg, stdout, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rec.close()) }()
	listener, err := net.Listen("tcp", cfg.addr)
	if err != nil {
		return fmt.Errorf("-addr: %w", err)
	}
	fmt.Fprintf(stderr, "keeping callbacks in %s, accepting %s\n", cfg.place(), cfg.secrets)
	fmt.Fprintf(stderr, "listening on http://%s\n", listener.Addr())
	if err := rec.serve(ctx, listener); err != nil {
		return err
	}
	left, err := rec.waiting(context.WithoutCancel(ctx))
	switch {
	case err != nil:
		return err
	case left > 0:
		fmt.Fprintf(stderr, "stopped; %d stored callbacks are still to be handled, at the next start\n", left)
	default:
		fmt.Fprintln(stderr, "stopped; everything that was acknowledged is handled")
	}
	return nil
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
