package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/examples/internal/steps"
	"github.com/lockerline/lockerline-go/harbor"
)

// delivery is one parcel's way through one locker.
type delivery struct {
	client   *harbor.Client
	watch    *harbor.Watcher
	customer customer
	hooks    <-chan harbor.WebhookEvent // nil: none come
	out      steps.Printer
	area     harbor.Area
	size     string
	timeout  time.Duration
	showLink bool

	ref  harbor.LockerRef
	held harbor.LockerStatus // what we hold it as, for giving it back; empty: not at all
}

// run takes the steps in order. Whatever ends them early, the locker is given back.
func (d *delivery) run(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, d.giveBack())
		}
	}()
	sites, err := d.client.Locations.InArea(ctx, d.area)
	if err != nil {
		return err
	}
	count := len(sites)
	d.out.Step(steps.Step{Name: "locations", Count: &count}, "%d locations in the area", count)
	types, err := d.types(ctx)
	if err != nil {
		return err
	}
	drop, err := d.dropoff(ctx, sites, types)
	if err != nil {
		return err
	}
	if err := d.through(ctx, drop, harbor.StatusOccupied, "dropoff"); err != nil {
		return err
	}
	d.held = harbor.StatusOccupied
	d.out.Step(d.at("occupied", harbor.StatusOccupied), "the parcel is in the locker")

	pick, err := d.client.Links.Pickup(ctx, harbor.PickupLinkRequest{
		Locker: d.ref.Locker, LinkOptions: harbor.LinkOptions{ClientInfo: "example links"},
	})
	if err != nil {
		return err
	}
	d.gave(pick, "pickup_link", "", "pick-up link")
	if err := d.through(ctx, pick, harbor.StatusAvailable, "pickup"); err != nil {
		return err
	}
	d.held = ""
	d.out.Step(d.at("done", harbor.StatusAvailable), "delivered: the locker is free for the next one")
	return nil
}

// types are the sizes that will do, the wanted one first, then the larger ones.
func (d *delivery) types(ctx context.Context) ([]harbor.LockerType, error) {
	all, err := d.client.LockerTypes.List(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b harbor.LockerType) int { return cmp.Compare(rank(a.Name), rank(b.Name)) })
	from := slices.IndexFunc(all, func(t harbor.LockerType) bool { return strings.EqualFold(t.Name, d.size) })
	if from < 0 {
		names := make([]string, len(all))
		for i, t := range all {
			names[i] = t.Name
		}
		return nil, fmt.Errorf("no locker type is named %q: try another with -type (there are: %s)", d.size, strings.Join(names, ", "))
	}
	count := len(all) - from
	d.out.Step(steps.Step{Name: "types", Type: all[from].Name, Count: &count}, "%s lockers will do, or a larger size: %d types", all[from].Name, count)
	return all[from:], nil
}

// dropoff asks for the link at the first location that has a locker of any size that will
// do. Harbor picks the locker.
func (d *delivery) dropoff(ctx context.Context, sites []harbor.Location, types []harbor.LockerType) (*harbor.Link, error) {
	for _, site := range sites {
		for _, t := range types {
			link, err := d.client.Links.Dropoff(ctx, harbor.DropoffLinkRequest{
				Location: site.ID, Type: t.ID, LinkOptions: harbor.LinkOptions{ClientInfo: "example links"},
			})
			switch {
			case errors.Is(err, harbor.ErrNoLockerAvailable):
				d.out.Step(steps.Step{Name: "full", Location: site.ID, Type: t.Name}, "no %s locker is free at %s: trying what comes next", t.Name, site.Name)
				continue
			case errors.Is(err, harbor.ErrOutcomeUnknown):
				return nil, fmt.Errorf("a locker may have been taken, look at those assigned to you: %w", err)
			case err != nil:
				return nil, err
			}
			if err := d.took(ctx, link); err != nil {
				return nil, err
			}
			d.gave(link, "dropoff_link", harbor.StatusRented, fmt.Sprintf("drop-off link for a %s locker at %s", t.Name, site.Name))
			return link, nil
		}
	}
	return nil, errors.New("no locker is free in this area: try another with -start and -end")
}

// took notes which locker Harbor picked. An answer that names no tower is looked up.
func (d *delivery) took(ctx context.Context, link *harbor.Link) error {
	d.ref, d.held = link.Locker, harbor.StatusRented
	if d.ref.Tower != "" {
		return nil
	}
	mine, err := d.client.Lockers.Assigned(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(mine, func(l harbor.Locker) bool { return l.ID == d.ref.Locker })
	if i < 0 {
		return fmt.Errorf("locker %s of request %d is not among those assigned to us", d.ref.Locker, link.ID)
	}
	d.ref = mine[i].Ref()
	return nil
}

// gave prints that there is a link, and the link itself only where that was asked for.
func (d *delivery) gave(link *harbor.Link, name string, status harbor.LockerStatus, what string) {
	s := d.at(name, status)
	s.Request = link.ID
	if d.showLink {
		s.Link = link.LinkToken
		what += " " + link.LinkToken
	}
	d.out.Step(s, "%s, request %d: locker %s at tower %s", what, link.ID, d.ref.Locker, d.ref.Tower)
}

// giveBack leaves nothing behind: it gives up the rental, also when the program was
// interrupted. Harbor has no way to cancel a link.
func (d *delivery) giveBack() error {
	switch d.held {
	case "":
		return nil
	case harbor.StatusOccupied:
		return fmt.Errorf("the parcel is still in locker %s of tower %s: somebody has to pick it up", d.ref.Locker, d.ref.Tower)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := d.client.Lockers.Release(ctx, d.ref); err != nil {
		return fmt.Errorf("locker %s of tower %s could not be given back and stays ours until it expires: %w", d.ref.Locker, d.ref.Tower, err)
	}
	d.out.Step(d.at("released", ""), "the locker was given back")
	return nil
}

func (d *delivery) at(name string, status harbor.LockerStatus) steps.Step {
	return steps.Step{Name: name, Status: status, Tower: d.ref.Tower, Locker: d.ref.Locker}
}
