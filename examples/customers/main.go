// Customers prints where customers are and when the truck comes to them.
//
//	go run ./examples/customers
//	go run ./examples/customers -dc BO016 -customer 10012300000042 -customer 10012300000077 -json
//
// Without FOXTROT_… variables it starts Foxtrot in this process, with a few customers and
// a truck on its way. With FOXTROT_API_KEY (and FOXTROT_API_URL, if it is not the live
// service) it asks that.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // the time zones of DCs, on machines that have none

	"github.com/lockerline/lockerline-go/examples/internal/service"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "customers: "+strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var (
		q      query
		ids    []foxtrot.CustomerID
		asJSON bool
	)
	fs := flag.NewFlagSet("customers", flag.ContinueOnError)
	dc := fs.String("dc", "", "`id` of the distribution centre")
	fs.Func("customer", "`id` of a customer; may be repeated", func(s string) error {
		ids = append(ids, foxtrot.CustomerID(s))
		return nil
	})
	fs.BoolVar(&asJSON, "json", false, "print JSON, one object a line")
	if help, err := service.Parse(fs, args, stdout); help || err != nil {
		return err
	}

	client, embedded, err := find()
	if err != nil {
		return err
	}
	defer client.Close()
	q.client, q.now, q.dc, q.ids = client, time.Now, foxtrot.DCID(*dc), ids
	if embedded != nil {
		defer embedded.Close()
		q.now = embedded.Now
		q.fillIn()
	}
	rows, zone, err := q.run(ctx, newProgress(stderr, len(q.ids)))
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(stdout, rows, zone, q.now())
	} else {
		err = printTable(stdout, rows, zone, q.now())
	}
	if err != nil {
		return err
	}
	return failures(rows)
}

// find returns a client of the Foxtrot that the environment names, else of one in this
// process.
func find() (*foxtrot.Client, *foxtrottest.Server, error) {
	agent := foxtrot.WithUserAgent("lockerline-example")
	if os.Getenv(foxtrot.EnvAPIKey) != "" {
		c, err := foxtrot.ClientFromEnv(agent)
		return c, nil, err
	}
	if os.Getenv(foxtrot.EnvAPIURL) != "" {
		return nil, nil, fmt.Errorf("%s is set, but not %s", foxtrot.EnvAPIURL, foxtrot.EnvAPIKey)
	}
	srv := foxtrottest.NewServer()
	c, err := srv.NewClient(agent)
	return c, srv, err
}

// fillIn chooses what is there to see in the demonstration world.
func (q *query) fillIn() {
	if q.dc == "" {
		q.dc = foxtrottest.DemoDC
	}
	if q.ids == nil && q.dc == foxtrottest.DemoDC {
		q.ids = []foxtrot.CustomerID{"c-1001", "c-1002", "c-1003", "c-1004", "c-1005"}
	}
}

// failures sums up in one line what the rows say one by one.
func failures(rows []row) error {
	failed := 0
	var first error
	for _, r := range rows {
		if r.err != nil {
			if failed++; first == nil {
				first = r.err
			}
		}
	}
	if failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d customers failed, the first with: %w", failed, len(rows), first)
}
