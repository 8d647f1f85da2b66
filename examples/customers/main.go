// Customers prints where customers are and when the truck comes to them.
//
//	go run ./examples/customers
//	go run ./examples/customers -dc BO016 -customer 10012300000042 -customer 10012300000077 -json
//
// Without FOXTROT_… variables it starts Foxtrot in this process, with a few customers and
// a truck on its way. With FOXTROT_API_KEY (and FOXTROT_API_URL, if it is not the live
// service) it asks that service.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // the time zones of DCs, on machines without a database of them

	"github.com/lockerline/lockerline-go/examples/internal/service"
	"github.com/lockerline/lockerline-go/foxtrot"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "customers: "+strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	q := query{now: time.Now}
	show := printTable
	fs := flag.NewFlagSet("customers", flag.ContinueOnError)
	fs.StringVar((*string)(&q.dc), "dc", "", "`id` of the distribution centre")
	fs.Func("customer", "`id` of a customer; may be repeated", func(s string) error {
		q.ids = append(q.ids, foxtrot.CustomerID(s))
		return nil
	})
	asJSON := fs.Bool("json", false, "print JSON, one object a line")
	if help, err := service.Parse(fs, args, stdout); help || err != nil {
		return err
	}
	if *asJSON {
		show = printJSON
	}
	closeClient, err := q.connect()
	if err != nil {
		return err
	}
	defer closeClient()
	zone, err := q.zone(ctx)
	if err != nil {
		return err
	}
	if len(q.ids) == 0 {
		return errors.New("no customer is named: give -customer, once for each")
	}
	rows := q.ask(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := show(stdout, rows, zone, q.now()); err != nil {
		return err
	}
	return failures(rows)
}

// query is what the user asks.
type query struct {
	client *foxtrot.Client
	now    func() time.Time
	dc     foxtrot.DCID
	ids    []foxtrot.CustomerID
}

// row is the answer about one customer.
type row struct {
	id       foxtrot.CustomerID
	customer *foxtrot.Customer
	location *foxtrot.BestLocation // nil when unknown
	next     *foxtrot.Waypoint     // nil when no truck is on its way
	err      error
}

// atOnce is the number of parallel calls: the live service was seen to fail beyond ten.
const atOnce = 8

func (q *query) ask(ctx context.Context) []row {
	rows := make([]row, 0, len(q.ids))
	for id, r := range q.client.Customers.GetMany(ctx, q.dc, q.ids) {
		rows = append(rows, row{id: id, customer: r.Customer, err: r.Err})
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range rows {
		if rows[i].err != nil {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			rows[i].err = q.complete(ctx, &rows[i])
		})
	}
	wg.Wait()
	return rows
}

// complete adds the customer's location and next stop.
func (q *query) complete(ctx context.Context, r *row) (err error) {
	r.location, err = q.client.Customers.BestLocation(ctx, q.dc, r.id)
	if err != nil && !errors.Is(err, foxtrot.ErrNoLocation) {
		return err
	}
	waypoints, err := q.client.Customers.Waypoints(ctx, q.dc, r.id)
	r.next = foxtrot.NextWaypoint(waypoints)
	return err
}
