package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/foxtrot"
)

// arrivals says where a customer is and when the truck comes. Answers are kept for a
// moment, as an app asks often and Foxtrot bears few calls at once; a push of Foxtrot ends
// the moment.
type arrivals struct {
	client *foxtrot.Client

	mu   sync.Mutex
	kept map[customerKey]arrival
}

type customerKey struct {
	dc foxtrot.DCID
	id foxtrot.CustomerID
}

const (
	keptFor = 15 * time.Second
	maxKept = 1000
)

// arrival is what the app is told.
type arrival struct {
	Customer foxtrot.CustomerID `json:"customer"`
	Name     string             `json:"name,omitempty"`
	// Confident: Foxtrot stands by Location. If not, it is the best guess, or null.
	Confident bool                  `json:"confident"`
	Location  *foxtrot.BestLocation `json:"location"`
	// ArrivesAt is when the next truck is expected; null when none is on its way or
	// nothing is known.
	ArrivesAt    *time.Time `json:"arrives_at"`
	StopsAhead   *int       `json:"stops_ahead"` // before this one; null when not known
	WaitsSeconds *float64   `json:"waits_seconds,omitempty"`
	AsOf         time.Time  `json:"as_of"`
}

var errNoFoxtrot = errors.New("no truck is known: Foxtrot is not set up here")

func newArrivals(c *foxtrot.Client) *arrivals {
	return &arrivals{client: c, kept: map[customerKey]arrival{}}
}

func (a *arrivals) of(ctx context.Context, dc foxtrot.DCID, id foxtrot.CustomerID) (arrival, error) {
	if a.client == nil {
		return arrival{}, errNoFoxtrot
	}
	key := customerKey{dc, id}
	a.mu.Lock()
	kept, ok := a.kept[key]
	a.mu.Unlock()
	if ok && time.Since(kept.AsOf) < keptFor {
		return kept, nil
	}
	fresh, err := a.ask(ctx, dc, id)
	if err != nil {
		return arrival{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.kept) >= maxKept {
		clear(a.kept)
	}
	a.kept[key] = fresh
	return fresh, nil
}

func (a *arrivals) ask(ctx context.Context, dc foxtrot.DCID, id foxtrot.CustomerID) (arrival, error) {
	out := arrival{Customer: id, AsOf: time.Now().UTC()}
	customer, err := a.client.Customers.Get(ctx, dc, id)
	if err != nil {
		return out, err
	}
	out.Name = customer.Name
	at, err := a.client.Customers.ConfidentLocation(ctx, dc, id)
	switch {
	case err == nil:
		out.Confident, out.Location = true, &foxtrot.BestLocation{LatLng: *at, Kind: foxtrot.LocationKindConfident}
	case errors.Is(err, foxtrot.ErrLocationNotConfident): // an ordinary answer
		if best, ok := customer.BestLocation(); ok {
			out.Location = &best
		}
	default:
		return out, err
	}
	waypoints, err := a.client.Customers.Waypoints(ctx, dc, id)
	if err != nil {
		return out, err
	}
	if w := foxtrot.NextWaypoint(waypoints); w != nil {
		out.ArrivesAt, out.StopsAhead = w.EstimatedArrival, w.WaypointsAhead
		if w.WaitingTime != nil {
			out.WaitsSeconds = new(w.WaitingTime.Seconds())
		}
	}
	return out, nil
}

// changed forgets what a push of Foxtrot may have made old.
func (a *arrivals) changed(_ context.Context, e foxtrot.WebhookEvent) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key := range a.kept {
		if e.DCID == "" || key.dc == e.DCID { // a route's change moves all its stops
			delete(a.kept, key)
		}
	}
	return nil
}
