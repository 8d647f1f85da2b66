// Backend is what a partner deploys: endpoints for its mobile app, the receiver of
// callbacks and webhooks, the arrival of trucks, and a web page that shows the lockers
// live.
//
//	go run ./examples/backend -addr 127.0.0.1:8090
//
// Without HARBOR_… and FOXTROT_… variables everything it needs is embedded: Harbor and
// Foxtrot are simulated, and a played phone lets the page click a whole delivery through.
// With them it talks to those services. See README.md beside this file.
package main

import (
	"context"
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
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "backend: "+strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	cfg, help, err := parse(args, getenv)
	if err != nil {
		return err
	}
	if help != "" {
		_, err := io.WriteString(stdout, help)
		return err
	}
	listener, err := net.Listen("tcp", cfg.addr)
	if err != nil {
		return fmt.Errorf("-addr: %w", err)
	}
	defer listener.Close()
	b, err := newBackend(ctx, cfg, listener, stderr)
	if err != nil {
		return err
	}
	defer b.close()
	b.introduce(stderr)
	if err := b.serve(ctx, listener); err != nil {
		return err
	}
	fmt.Fprintln(stderr, "stopped; everything that was acknowledged is handled")
	return nil
}

// introduce says where it is and, of what was made up for this run alone, by what to
// come in.
func (b *backend) introduce(w io.Writer) {
	if b.cfg.embedded {
		fmt.Fprintln(w, "everything is embedded: simulators of Harbor and Foxtrot, and a played phone; nothing is stored")
	}
	if b.cfg.madeUp {
		fmt.Fprintf(w, "%s for this run: %s\n", envAppToken, b.cfg.appToken())
	}
	fmt.Fprintf(w, "callbacks are accepted by %s\n", strings.Join(b.cfg.callbacks.names(), ", "))
	if b.page == nil {
		fmt.Fprintf(w, "the page is off: set %s to show it\n", envPagePassword)
	}
	fmt.Fprintf(w, "listening on http://%s\n", b.here)
}
