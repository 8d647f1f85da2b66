// Simulator is Harbor and Foxtrot as one program, for teams in any language: no account,
// no hardware, nothing stored.
//
//	go run ./examples/simulator -addr 127.0.0.1:8480 -foxtrot-addr 127.0.0.1:8481
//
// When it is ready it prints one line, a JSON object with api_url, token_url, client_id,
// client_secret, foxtrot_url and foxtrot_key. Open api_url in a browser to see the towers:
// a click on a door shows its history, and what may happen next can be made to happen.
//
// What no API of Harbor offers stands below /_sim/ on the same address; times are those of
// the simulated world:
//
//	GET    /_sim/state           the towers, seen from both sides, and the clocks
//	GET    /_sim/requests        what was asked of Harbor so far, without secrets
//	POST   /_sim/phone/connect   {"tower": "0100000000000175"}: stand before a tower; it syncs
//	POST   /_sim/phone/use       {"payload": …, "payload_auth": …}: open a door, shut it, sync
//	POST   /_sim/links/open      {"link": …}: follow a Locker Open link at its tower
//	POST   /_sim/advance         {"seconds": 300}: let time pass, on both servers
//	POST   /_sim/faults          {"op": "lockers.reserve", …}: let something go wrong; see below
//	DELETE /_sim/faults          forget what has not gone wrong yet
//	POST   /_sim/reset           begin anew, with the same addresses and credentials
//
// A phone may have a name ("phone": "anna"), so that several tests can use one simulator
// at once, and its own access token ("access_token": …, scope tower_access). Without one
// the simulator's is taken.
//
// A fault harms the next request of op, an operation of Harbor or Foxtrot such as
// "lockers.reserve" or "customers.get", or "*". Its fields: times (1; below zero: all),
// latency_ms, status with body and headers, retry_after_seconds, after_effect (the
// operation takes effect, then status is answered), cut ("before", "after" or "within":
// the connection ends), truncate (half an answer), and api ("foxtrot") where op does not
// say. GET /_sim/faults lists the operations.
//
// Errors have FastAPI's form, {"detail": …}, as Harbor's own.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "simulator: "+strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

// ready is the line that says where everything is.
type ready struct {
	APIURL       string `json:"api_url"`
	TokenURL     string `json:"token_url"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	FoxtrotURL   string `json:"foxtrot_url"`
	FoxtrotKey   string `json:"foxtrot_key"`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c config
	fs := flag.NewFlagSet("simulator", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	addr := fs.String("addr", "127.0.0.1:8480", "`address` of Harbor, the wall and /_sim/; port 0 takes any")
	foxtrotAddr := fs.String("foxtrot-addr", "127.0.0.1:8481", "`address` of Foxtrot; port 0 takes any")
	fs.StringVar(&c.clientID, "client-id", "", "client `id` of the service provider (default lockerline-test)")
	fs.StringVar(&c.clientSecret, "client-secret", "", "its `secret` (default: made up for each run)")
	fs.StringVar(&c.foxtrotKey, "foxtrot-key", "", "API `key` of Foxtrot (default: made up for each run)")
	fs.StringVar(&c.webhookURL, "webhook-url", "", "`URL` to which Harbor's webhooks are sent")
	fs.Func("webhook-header", "`Name: value` sent with each webhook; may be repeated", c.addHeader)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fs.SetOutput(stdout)
			fs.Usage()
			return nil
		}
		return fmt.Errorf("%w: see -h", err)
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: see -h", fs.Arg(0))
	}

	harborSide, err := listen(*addr, stderr)
	if err != nil {
		return err
	}
	defer harborSide.Close()
	foxtrotSide, err := listen(*foxtrotAddr, stderr)
	if err != nil {
		return err
	}
	defer foxtrotSide.Close()
	c.harborURL, c.foxtrotURL = "http://"+reach(harborSide), "http://"+reach(foxtrotSide)

	s, err := newSimulator(c)
	if err != nil {
		return err
	}
	defer s.close()
	here := s.world().ready()
	return s.serve(ctx, harborSide, foxtrotSide, func() error { return json.NewEncoder(stdout).Encode(here) })
}

// listen warns when others than this machine can come in.
func listen(addr string, stderr io.Writer) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen: %w", err)
	}
	if !isLoopback(l) {
		fmt.Fprintf(stderr, "simulator: %s is not loopback: every machine that reaches it can use it, without a password for /_sim/ and the wall\n", l.Addr())
	}
	return l, nil
}

func isLoopback(l net.Listener) bool {
	a, ok := l.Addr().(*net.TCPAddr)
	return ok && a.IP.IsLoopback()
}

// reach is the address by which this machine reaches a listener.
func reach(l net.Listener) string {
	a, ok := l.Addr().(*net.TCPAddr)
	if ok && a.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", a.Port)
	}
	return l.Addr().String()
}

// drainTime is how long requests under way may take after the program was asked to end.
const drainTime = 5 * time.Second

// serve runs both servers until ctx ends, then lets requests under way finish.
func (s *simulator) serve(ctx context.Context, harborSide, foxtrotSide net.Listener, up func() error) error {
	looking, stopLooking := context.WithCancel(context.WithoutCancel(ctx))
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		s.wall.Run(looking)
	}()
	defer func() { stopLooking(); <-looked }()

	servers := []*http.Server{
		{Handler: s.harborHandler(isLoopback(harborSide)), ReadHeaderTimeout: 10 * time.Second},
		{Handler: http.HandlerFunc(s.serveFoxtrot), ReadHeaderTimeout: 10 * time.Second},
	}
	ended := make(chan error, len(servers))
	for i, l := range []net.Listener{harborSide, foxtrotSide} {
		go func() { ended <- servers[i].Serve(l) }()
	}
	err := up()
	if err == nil {
		select {
		case err = <-ended:
		case <-ctx.Done():
		}
	}
	stopLooking() // ends the live pages, which would last for ever
	drain, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	for _, server := range servers {
		if server.Shutdown(drain) != nil {
			_ = server.Close()
		}
	}
	return err
}
