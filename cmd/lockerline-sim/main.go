// Lockerline-sim is Harbor, Foxtrot and AlzaBox as one program, for teams in any language:
// no account, no hardware, nothing stored.
//
//	go install github.com/lockerline/lockerline-go/cmd/lockerline-sim@latest
//	lockerline-sim -addr 127.0.0.1:8480 -foxtrot-addr 127.0.0.1:8481 -alzabox-addr 127.0.0.1:8482
//
// When it is ready it prints one line, a JSON object with the addresses and credentials of
// the three. Open api_url in a browser to see the towers: a click on a door shows its
// history, and what may happen next can be made to happen.
//
// What no API offers stands below /_sim/ on Harbor's address; docs/simulator.md describes
// it. Times are those of the simulated world:
//
//	GET    /_sim/                the version of this API, and these lines
//	GET    /_sim/state           the towers, seen from both sides, and the clocks
//	GET    /_sim/requests        what was asked so far, without secrets; ?api=foxtrot, alzabox
//	POST   /_sim/phone/connect   {"tower": "0100000000000175"}: stand before a tower; it syncs
//	POST   /_sim/phone/use       {"payload": …, "payload_auth": …}: open a door, shut it, sync
//	POST   /_sim/links/open      {"link": …}: follow a Locker Open link at its tower
//	POST   /_sim/alzabox/play    {"do": "stock", "reservation": …}: be the courier, the customer, the staff
//	POST   /_sim/alzabox/sending {"on": false}: end the callbacks, as the vendor says it may
//	GET    /_sim/alzabox/state   boxes and reservations
//	POST   /_sim/advance         {"seconds": 300}: let time pass, on all servers
//	POST   /_sim/faults          {"op": "lockers.reserve", …}: let something go wrong; see below
//	DELETE /_sim/faults          forget what has not gone wrong yet
//	POST   /_sim/reset           begin anew, with the same addresses and credentials
//
// A phone may have a name ("phone": "anna"), so that several tests can use one simulator
// at once, and its own access token ("access_token": …, scope tower_access). Without one
// the simulator's is taken.
//
// A fault harms the next request of op, an operation such as "lockers.reserve",
// "customers.get" or "reservations.create", or "*". Its fields: times (1; below zero: all),
// latency_ms, status with body and headers, retry_after_seconds, after_effect (the
// operation takes effect, then status is answered), cut ("before", "after" or "within":
// the connection ends), truncate (half an answer), and api ("foxtrot", "alzabox") where op
// does not say. GET /_sim/faults lists the operations.
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
	"sync"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "lockerline-sim: "+strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

// ready is the line that says where everything is.
type ready struct {
	APIURL       string       `json:"api_url"`
	TokenURL     string       `json:"token_url"`
	ClientID     string       `json:"client_id"`
	ClientSecret string       `json:"client_secret"`
	FoxtrotURL   string       `json:"foxtrot_url"`
	FoxtrotKey   string       `json:"foxtrot_key"`
	AlzaBox      alzaboxReady `json:"alzabox"`
}

type alzaboxReady struct {
	APIURL       string `json:"api_url"`
	TokenURL     string `json:"token_url"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Username     string `json:"username"`
	Password     string `json:"password"`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var c config
	fs := flag.NewFlagSet("lockerline-sim", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	addr := fs.String("addr", "127.0.0.1:8480", "`address` of Harbor, the wall and /_sim/; port 0 takes any")
	foxtrotAddr := fs.String("foxtrot-addr", "127.0.0.1:8481", "`address` of Foxtrot; port 0 takes any")
	alzaboxAddr := fs.String("alzabox-addr", "127.0.0.1:8482", "`address` of AlzaBox and its token endpoint; port 0 takes any")
	fs.StringVar(&c.clientID, "client-id", "", "client `id` of the service provider (default lockerline-test)")
	fs.StringVar(&c.clientSecret, "client-secret", "", "its `secret` (default: made up for each run)")
	fs.StringVar(&c.foxtrotKey, "foxtrot-key", "", "API `key` of Foxtrot (default: made up for each run)")
	fs.StringVar(&c.alzaboxSecret, "alzabox-secret", "", "client `secret` and password of AlzaBox (default: made up for each run)")
	fs.StringVar(&c.webhookURL, "webhook-url", "", "`URL` to which Harbor's webhooks are sent")
	fs.Func("webhook-header", "`Name: value` sent with each webhook; may be repeated", c.addHeader)
	fs.StringVar(&c.callbackURL, "callback-url", "", "`URL` to which AlzaBox sends reservation callbacks")
	fs.StringVar(&c.callbackUser, "callback-user", "", "`user:password` that it shows there")
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
	alzaboxSide, err := listen(*alzaboxAddr, stderr)
	if err != nil {
		return err
	}
	defer alzaboxSide.Close()
	c.harborURL, c.foxtrotURL, c.alzaboxURL = "http://"+reach(harborSide), "http://"+reach(foxtrotSide), "http://"+reach(alzaboxSide)

	s, err := newSimulator(c)
	if err != nil {
		return err
	}
	defer s.close()
	here := s.world().ready()
	return s.serve(ctx, [3]net.Listener{harborSide, foxtrotSide, alzaboxSide}, func() error { return json.NewEncoder(stdout).Encode(here) })
}

// listen warns when others than this machine can come in.
func listen(addr string, stderr io.Writer) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen: %w", err)
	}
	if !isLoopback(l) {
		fmt.Fprintf(stderr, "lockerline-sim: %s is not loopback: every machine that reaches it can use it, without a password for /_sim/ and the wall\n", l.Addr())
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

// serve runs the servers until ctx ends, then lets requests under way finish. Sides are the
// addresses of Harbor, Foxtrot and AlzaBox.
func (s *simulator) serve(ctx context.Context, sides [3]net.Listener, up func() error) error {
	looking, stopLooking := context.WithCancel(context.WithoutCancel(ctx))
	var background sync.WaitGroup
	background.Go(func() { s.wall.Run(looking) })
	background.Go(func() { s.sendCallbacks(looking) })
	defer func() { stopLooking(); background.Wait() }()

	servers := []*http.Server{
		{Handler: s.harborHandler(isLoopback(sides[0])), ReadHeaderTimeout: 10 * time.Second},
		{Handler: http.HandlerFunc(s.serveFoxtrot), ReadHeaderTimeout: 10 * time.Second},
		{Handler: http.HandlerFunc(s.serveAlzaBox), ReadHeaderTimeout: 10 * time.Second},
	}
	ended := make(chan error, len(servers))
	for i, l := range sides {
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
