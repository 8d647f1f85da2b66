package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/examples/internal/steps"
	"github.com/lockerline/lockerline-go/harbor"
)

// hold is for how long the locker is reserved, and how long each token opens the door.
const hold = 5 * time.Minute

// delivery is one parcel's way through one locker.
type delivery struct {
	client  *harbor.Client
	watch   *harbor.Watcher
	door    door
	out     steps.Printer
	area    harbor.Area
	size    string
	timeout time.Duration

	locker harbor.Locker
	held   harbor.LockerStatus // what we hold it as, for giving it back; empty: not at all
	unsure bool                // the answer to the reservation was lost
}

// run takes the steps in order. Whatever ends them early, the locker is given back.
func (d *delivery) run(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, d.giveBack())
		}
	}()
	// A token for our own calls, and one for the phone. Both are cached by the client:
	// asking for the first is only to show it.
	api, err := d.client.Token(ctx, harbor.ScopeServiceProvider)
	if err != nil {
		return err
	}
	d.out.Step(steps.Step{Name: "token", Scope: harbor.ScopeServiceProvider, ExpiresIn: api.ExpiresIn},
		"access token for %s, good for %d s", harbor.ScopeServiceProvider, api.ExpiresIn)
	tower, err := d.client.Token(ctx, harbor.ScopeTowerAccess)
	if err != nil {
		return err
	}
	d.out.Step(steps.Step{Name: "tower_token", Scope: harbor.ScopeTowerAccess, ExpiresIn: tower.ExpiresIn},
		"access token for %s, good for %d s: this one is for the phone", harbor.ScopeTowerAccess, tower.ExpiresIn)

	free, err := d.choose(ctx)
	if err != nil {
		return err
	}
	if err := d.reserve(ctx, free); err != nil {
		return err
	}
	request := harbor.TokenRequest{Duration: hold, ClientInfo: "example delivery"}

	// Nothing cuts this request off: it could still rent the locker after it was given back.
	drop, err := d.client.Lockers.DropoffToken(context.WithoutCancel(ctx), d.locker.Ref(), request)
	if err != nil {
		return err
	}
	d.held = harbor.LockerStatusRented
	d.moved(steps.Step{Name: "dropoff_token", Status: harbor.LockerStatusRented}, "drop-off token, good for %s: the locker is ours until then", hold)
	if err := d.through(ctx, tower.AccessToken, drop, harbor.LockerStatusOccupied, "dropoff"); err != nil {
		return err
	}
	d.held = harbor.LockerStatusOccupied
	d.moved(steps.Step{Name: "occupied", Status: harbor.LockerStatusOccupied}, "the parcel is in the locker")

	pick, err := d.client.Lockers.PickupToken(ctx, d.locker.Ref(), request)
	if err != nil {
		return err
	}
	d.out.Step(d.at("pickup_token"), "pick-up token, good for %s", hold)
	// The first tower token may be old by now; the client has a fresh one if so.
	if tower, err = d.client.Token(ctx, harbor.ScopeTowerAccess); err != nil {
		return err
	}
	if err := d.through(ctx, tower.AccessToken, pick, harbor.LockerStatusAvailable, "pickup"); err != nil {
		return err
	}
	d.held = ""

	mine, err := d.client.Lockers.Assigned(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(mine, func(l harbor.Locker) bool { return l.ID == d.locker.ID }) {
		return errors.New("the locker is available but still among those assigned to us")
	}
	assigned := len(mine)
	d.out.Step(steps.Step{Name: "assigned", Assigned: &assigned}, "%d lockers are left in our possession, this one is not among them", assigned)
	d.moved(steps.Step{Name: "done", Status: harbor.LockerStatusAvailable}, "delivered: the locker is free for the next one")
	return nil
}

// through lets the door be opened with the token, and waits until Harbor knows.
func (d *delivery) through(ctx context.Context, towerToken string, t *harbor.LockerToken, to harbor.LockerStatus, name string) error {
	d.out.Step(d.at(name+"_door"), "%s opens the door at tower %s", d.door.who(), t.Tower)
	if err := d.door.open(ctx, towerToken, t); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	_, err := d.watch.Wait(ctx, d.locker.Ref(), to)
	return err
}

// choose finds free lockers of the size: the first place that has one.
func (d *delivery) choose(ctx context.Context) ([]harbor.Locker, error) {
	sites, err := d.client.Locations.InArea(ctx, d.area)
	if err != nil {
		return nil, err
	}
	count := len(sites)
	d.out.Step(steps.Step{Name: "locations", Count: &count}, "%d locations in the area", count)
	other := map[string]bool{}
	for _, site := range sites {
		lockers, err := d.client.Locations.Lockers(ctx, site.ID)
		if err != nil {
			return nil, err
		}
		total := len(lockers)
		var free []harbor.Locker
		for _, l := range lockers {
			switch {
			case l.Status != harbor.LockerStatusAvailable:
			case strings.EqualFold(l.Type.Name, d.size):
				free = append(free, l)
			default:
				other[l.Type.Name] = true
			}
		}
		fits := len(free)
		d.out.Step(steps.Step{Name: "lockers", Location: site.ID, Count: &total, Free: &fits},
			"%s (%s): %d lockers, %d free of size %s", site.Name, site.City, total, fits, d.size)
		if fits > 0 {
			return free, nil
		}
	}
	if len(other) == 0 {
		return nil, errors.New("no locker is free in this area: try another with -start and -end")
	}
	sizes := strings.Join(slices.Sorted(maps.Keys(other)), ", ")
	return nil, fmt.Errorf("no %s locker is free in this area: try another with -type (free: %s)", d.size, sizes)
}

// reserve reserves the first of the lockers that is still free.
func (d *delivery) reserve(ctx context.Context, free []harbor.Locker) error {
	for i, l := range free {
		d.locker = l
		d.moved(steps.Step{Name: "choose", Status: harbor.LockerStatusAvailable}, "locker %s (door %s, %s) at tower %s", l.ID, l.Name, l.Type.Name, l.Tower)
		d.held = harbor.LockerStatusReserved // even if the answer is lost
		// Nothing cuts this request off: it could still take the locker after we looked.
		_, err := d.client.Lockers.Reserve(context.WithoutCancel(ctx), l.Ref(), hold)
		switch {
		case err == nil:
			d.moved(steps.Step{Name: "reserve", Status: harbor.LockerStatusReserved}, "reserved for %s", hold)
			return nil
		case errors.Is(err, lockerline.ErrOutcomeUnknown):
			d.unsure = true
			return err
		}
		d.held = ""
		if !errors.Is(err, lockerline.ErrRefused) || i == len(free)-1 {
			return err
		}
		d.out.Step(d.at("taken"), "another client was faster: trying the next locker")
	}
	return errors.New("no locker to reserve")
}

// giveBack leaves nothing behind: it cancels the reservation or gives up the rental, also
// when the program was interrupted.
func (d *delivery) giveBack() error {
	if d.held == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ref := d.locker.Ref()
	if d.held == harbor.LockerStatusOccupied {
		return fmt.Errorf("the parcel is still in locker %s of tower %s: pick it up by hand", ref.Locker, ref.Tower)
	}
	if d.unsure { // it may never have happened
		mine, err := d.client.Lockers.Assigned(ctx)
		if err == nil && !slices.ContainsFunc(mine, func(l harbor.Locker) bool { return l.ID == ref.Locker }) {
			return nil
		}
	}
	var err error
	if d.held == harbor.LockerStatusReserved {
		err = d.client.Lockers.CancelReservation(ctx, ref)
	}
	if err != nil || d.held == harbor.LockerStatusRented {
		_, err = d.client.Lockers.Release(ctx, ref)
	}
	if err != nil {
		return fmt.Errorf("locker %s of tower %s could not be given back and stays ours until it expires: %w", ref.Locker, ref.Tower, err)
	}
	d.out.Step(d.at("released"), "the locker was given back")
	return nil
}

func (d *delivery) at(name string) steps.Step {
	return steps.Step{Name: name, Tower: d.locker.Tower, Locker: d.locker.ID}
}

// moved prints a step in which the locker has another status than before.
func (d *delivery) moved(s steps.Step, format string, args ...any) {
	s.Tower, s.Locker = d.locker.Tower, d.locker.ID
	d.out.Step(s, format, args...)
}
