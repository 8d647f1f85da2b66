// Delivery makes one whole delivery with a Harbor locker and prints each step: tokens, a
// place, a reservation, a drop-off, a pick-up.
//
// Without HARBOR_… variables it starts the simulator in this process and plays the phone
// itself. With HARBOR_API_URL and HARBOR_TOKEN_URL (or HARBOR_ENV), HARBOR_CLIENT_ID and
// HARBOR_CLIENT_SECRET it talks to that service and waits for the real door.
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
	// A reader of the output that goes away must not end us with a locker in our hands.
	ctx, stop := service.UntilEnded(context.Background())
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "delivery: "+strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, _ io.Writer) error {
	fs := flag.NewFlagSet("delivery", flag.ContinueOnError)
	d := delivery{area: harbor.Area{Start: lockerline.LatLng{Lat: 34, Lng: -118}, End: lockerline.LatLng{Lat: 35, Lng: -119}}}
	fs.Func("start", "southern corner of the area to look in, `lat,lon` (default 34.0,-118.0)", service.Corner(&d.area.Start))
	fs.Func("end", "the opposite corner, `lat,lon` (default 35.0,-119.0)", service.Corner(&d.area.End))
	fs.StringVar(&d.size, "type", "small", "`size` of locker: small, medium, large, x-large")
	fs.DurationVar(&d.timeout, "timeout", 2*time.Minute, "how long to wait for each door")
	poll := fs.Duration("poll", 2*time.Second, "time between two looks at the locker")
	asJSON := fs.Bool("json", false, "print one JSON object a line")
	if help, err := service.Parse(fs, args, stdout); help || err != nil {
		return err
	}
	if d.timeout <= 0 || *poll <= 0 {
		return errors.New("-timeout and -poll must be positive")
	}

	env, creds, door, err := find()
	if err != nil {
		return err
	}
	defer door.close()
	client, err := harbor.NewClient(env, creds, lockerline.WithUserAgent("lockerline-example"))
	if err != nil {
		return err
	}
	defer client.Close()

	d.client, d.door = client, door
	d.watch = harbor.NewWatcher(client, harbor.WatcherConfig{Interval: *poll})
	d.out = steps.New(stdout, *asJSON)
	return d.run(ctx)
}

// find says which Harbor to talk to: the one the environment names, else the simulator.
func find() (lockerline.Environment, harbor.Credentials, door, error) {
	env, creds, asked, err := service.FromEnv()
	if err != nil || asked {
		return env, creds, realDoor{}, err
	}
	sim, err := newSimulated()
	if err != nil {
		return env, creds, nil, err
	}
	return sim.server.Environment(), sim.server.Credentials(), sim, nil
}
