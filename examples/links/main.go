// Links makes one whole delivery with Locker Open links, which a customer opens on the
// phone without an app, and prints each step. Webhooks report that a door was used; polling
// backs them up.
//
// Without HARBOR_… variables it starts the simulator and a webhook receiver in this
// process, and plays the customer itself. With HARBOR_API_URL and HARBOR_TOKEN_URL (or
// HARBOR_ENV), HARBOR_CLIENT_ID and HARBOR_CLIENT_SECRET it talks to that service and only
// polls, since Harbor's staff sets up webhooks there. It then prints the id of each request
// and waits for the customer. A link opens the door to all who have it: it is printed only
// with -show-link.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/examples/internal/service"
	"github.com/lockerline/lockerline-go/examples/internal/steps"
	"github.com/lockerline/lockerline-go/harbor"
)

func main() {
	// When the reader of the output goes away, the program still gives its locker back.
	ctx, stop := service.UntilEnded(context.Background())
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "links: "+strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, _ io.Writer) error {
	fs := flag.NewFlagSet("links", flag.ContinueOnError)
	d := delivery{area: harbor.Area{Start: lockerline.LatLng{Lat: 34, Lng: -118}, End: lockerline.LatLng{Lat: 35, Lng: -119}}}
	fs.Func("start", "southern corner of the area to look in, `lat,lon` (default 34.0,-118.0)", service.Corner(&d.area.Start))
	fs.Func("end", "the opposite corner, `lat,lon` (default 35.0,-119.0)", service.Corner(&d.area.End))
	fs.StringVar(&d.size, "type", "small", "smallest `size` of locker: small, medium, large, x-large")
	fs.DurationVar(&d.timeout, "timeout", 2*time.Minute, "how long to wait for each door")
	fs.BoolVar(&d.showLink, "show-link", false, "print the links, each of which opens the door")
	poll := fs.Duration("poll", 2*time.Second, "time between two looks at the locker")
	asJSON := fs.Bool("json", false, "print one JSON object a line")
	if help, err := service.Parse(fs, args, stdout); help || err != nil {
		return err
	}
	if d.timeout <= 0 || *poll <= 0 {
		return errors.New("-timeout and -poll must be positive")
	}

	env, creds, asked, err := service.FromEnv()
	if err != nil {
		return err
	}
	d.customer = realCustomer{}
	if !asked {
		hooks, err := newReceiver()
		if err != nil {
			return err
		}
		defer hooks.close()
		sim, err := newSimulated(hooks)
		if err != nil {
			return err
		}
		defer sim.server.Close()
		env, creds = sim.server.Environment(), sim.server.Credentials()
		d.customer, d.hooks = sim, hooks.events
	}
	client, err := harbor.NewClient(env, creds, lockerline.WithUserAgent("lockerline-example"))
	if err != nil {
		return err
	}
	defer client.Close()
	d.client = client
	d.watch = harbor.NewWatcher(client, harbor.WatcherConfig{Interval: *poll})
	d.out = steps.New(stdout, *asJSON)
	return d.run(ctx)
}
