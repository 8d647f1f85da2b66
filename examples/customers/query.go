package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/foxtrot"
)

// query is what the user asked.
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
	location *foxtrot.BestLocation // nil: none is known
	next     *foxtrot.Waypoint     // nil: no truck is on its way
	err      error
}

// atOnce is how many customers are asked about in parallel: the live service was seen to
// fail beyond ten calls.
const atOnce = 8

func (q *query) run(ctx context.Context, p *progress) ([]row, *time.Location, error) {
	zone, err := q.zone(ctx)
	if err != nil {
		return nil, nil, err
	}
	if len(q.ids) == 0 {
		return nil, nil, errors.New("no customer is named: give -customer, as often as you like")
	}
	defer p.done()
	rows := make([]row, 0, len(q.ids))
	for id, r := range q.client.Customers.GetMany(ctx, q.dc, q.ids) {
		rows = append(rows, row{id: id, customer: r.Customer, err: r.Err})
		p.step("names")
	}
	p.restart()
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range rows {
		if rows[i].err != nil {
			p.step("trucks")
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			q.complete(ctx, &rows[i])
			p.step("trucks")
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, nil, errors.New("interrupted")
	}
	return rows, zone, nil
}

// zone finds the DC, which tells early when the key or the DC is wrong, and its time zone.
func (q *query) zone(ctx context.Context) (*time.Location, error) {
	dcs, err := q.client.DCs.List(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, errors.New("interrupted")
	case err != nil:
		return nil, err
	case q.dc == "":
		return nil, fmt.Errorf("no DC is named: give -dc, one of %s", some(dcs))
	}
	i := slices.IndexFunc(dcs, func(d foxtrot.DC) bool { return d.ID == q.dc })
	if i < 0 {
		return nil, fmt.Errorf("there is no DC %q: there are %s", q.dc, some(dcs))
	}
	zone, _ := dcs[i].Zone() // else UTC: the zone is printed beside each time
	return zone, nil
}

// some names a few of what may be hundreds.
func some(dcs []foxtrot.DC) string {
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

// complete adds where the customer is and which truck comes next.
func (q *query) complete(ctx context.Context, r *row) {
	at, err := q.client.Customers.ConfidentLocation(ctx, q.dc, r.id)
	switch {
	case err == nil:
		r.location = &foxtrot.BestLocation{LatLng: *at, Kind: foxtrot.LocationKindConfident}
	case errors.Is(err, foxtrot.ErrLocationNotConfident):
		// As Customers.BestLocation does, without asking for the customer again.
		if best, ok := r.customer.BestLocation(); ok {
			r.location = &best
		}
	default:
		r.err = err
		return
	}
	waypoints, err := q.client.Customers.Waypoints(ctx, q.dc, r.id)
	if err != nil {
		r.err = err
		return
	}
	r.next = next(waypoints)
}

// next is the stop that is not over and comes first. Their order is not documented, and
// not every one has an arrival.
func next(waypoints []foxtrot.Waypoint) *foxtrot.Waypoint {
	var best *foxtrot.Waypoint
	for i, w := range waypoints {
		switch {
		case w.Done():
		case best == nil, best.EstimatedArrival == nil && w.EstimatedArrival != nil,
			best.EstimatedArrival != nil && w.EstimatedArrival != nil && w.EstimatedArrival.Before(*best.EstimatedArrival):
			best = &waypoints[i]
		}
	}
	return best
}
