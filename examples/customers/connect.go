package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
)

// connect makes a client of the service that the environment names, else of a simulator in
// this process, whose customers it asks about.
func (q *query) connect() (closeClient func(), err error) {
	agent := lockerline.WithUserAgent("lockerline-example")
	if os.Getenv(foxtrot.EnvAPIKey) != "" {
		q.client, err = foxtrot.ClientFromEnv(agent)
		return func() { _ = q.client.Close() }, err
	}
	if os.Getenv(foxtrot.EnvAPIURL) != "" {
		return nil, fmt.Errorf("%s is set, but not %s", foxtrot.EnvAPIURL, foxtrot.EnvAPIKey)
	}
	srv, err := foxtrottest.New()
	if err != nil {
		return nil, err
	}
	q.client, err = srv.Client(agent)
	q.now = srv.Now
	if q.dc == "" {
		q.dc = foxtrottest.DemoDC
	}
	if q.ids == nil && q.dc == foxtrottest.DemoDC {
		q.ids = []foxtrot.CustomerID{"c-1001", "c-1002", "c-1003", "c-1004", "c-1005"}
	}
	return srv.Close, err
}

// zone returns the time zone of the DC. A wrong key or an unknown DC is an error.
func (q *query) zone(ctx context.Context) (*time.Location, error) {
	dcs, err := q.client.DCs.List(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(dcs, func(d foxtrot.DC) bool { return d.ID == q.dc })
	switch {
	case q.dc == "":
		return nil, fmt.Errorf("no DC is named: give -dc, one of %s", names(dcs))
	case i < 0:
		return nil, fmt.Errorf("there is no DC %q: there are %s", q.dc, names(dcs))
	}
	zone, _ := dcs[i].Zone() // UTC when unknown: the zone is printed beside each time
	return zone, nil
}

// names lists the first ids of what may be hundreds of DCs.
func names(dcs []foxtrot.DC) string {
	const few = 10
	s := ""
	for i, dc := range dcs[:min(len(dcs), few)] {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%q", dc.ID)
	}
	if len(dcs) > few {
		s += fmt.Sprintf(" and %d more", len(dcs)-few)
	}
	return s
}

// failures sums up the errors of the rows in one line.
func failures(rows []row) error {
	failed := 0
	var first error
	for _, r := range slices.Backward(rows) {
		if r.err != nil {
			failed++
			first = r.err
		}
	}
	if failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d customers failed, the first with: %w", failed, len(rows), first)
}
