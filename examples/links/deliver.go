package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go"
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
	held harbor.LockerStatus // as which we hold the locker; empty when we do not
}

// run takes the steps in order, and gives the locker back when one of them fails.
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
	if err := d.waitForDoor(ctx, drop, harbor.LockerStatusOccupied, "dropoff"); err != nil {
		return err
	}
	d.held = harbor.LockerStatusOccupied
	d.out.Step(d.at("occupied", harbor.LockerStatusOccupied), "the parcel is in the locker")

	pick, err := d.client.Links.Pickup(ctx, harbor.PickupLinkRequest{
		Locker: d.ref.Locker, LinkOptions: harbor.LinkOptions{ClientInfo: "example links"},
	})
	if err != nil {
		return err
	}
	d.printLink(pick, "pickup_link", "", "pick-up link")
	if err := d.waitForDoor(ctx, pick, harbor.LockerStatusAvailable, "pickup"); err != nil {
		return err
	}
	d.held = ""
	d.out.Step(d.at("done", harbor.LockerStatusAvailable), "delivered: the locker is free for the next one")
	return nil
}

// types returns the wanted size and the larger ones, smallest first.
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
	d.out.Step(steps.Step{Name: "types", Type: all[from].Name, Count: &count}, "%s lockers or a larger size: %d types", all[from].Name, count)
	return all[from:], nil
}

// dropoff creates the link at the first location with a free locker of one of the types.
// Harbor chooses the locker.
func (d *delivery) dropoff(ctx context.Context, sites []harbor.Location, types []harbor.LockerType) (*harbor.Link, error) {
	for _, site := range sites {
		for _, t := range types {
			// Nothing cuts this request off: it could still take a locker that is then never given back.
			link, err := d.client.Links.Dropoff(context.WithoutCancel(ctx), harbor.DropoffLinkRequest{
				Location: site.ID, Type: t.ID, LinkOptions: harbor.LinkOptions{ClientInfo: "example links"},
			})
			switch {
			case errors.Is(err, harbor.ErrNoLockerAvailable):
				d.out.Step(steps.Step{Name: "full", Location: site.ID, Type: t.Name}, "no %s locker is free at %s: trying the next size or location", t.Name, site.Name)
				continue
			case errors.Is(err, lockerline.ErrOutcomeUnknown):
				return nil, fmt.Errorf("a locker may have been taken, look at those assigned to you: %w", err)
			case err != nil:
				return nil, err
			}
			if err := d.noteLocker(ctx, link); err != nil {
				return nil, err
			}
			d.printLink(link, "dropoff_link", harbor.LockerStatusRented, fmt.Sprintf("drop-off link for a %s locker at %s", t.Name, site.Name))
			return link, nil
		}
	}
	return nil, errors.New("no locker is free in this area: try another with -start and -end")
}

// noteLocker records which locker Harbor chose. When the answer does not name the tower, it
// looks it up among the assigned lockers.
func (d *delivery) noteLocker(ctx context.Context, link *harbor.Link) error {
	d.ref, d.held = link.Locker, harbor.LockerStatusRented
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

// printLink prints the request of a link, and with -show-link the link itself.
func (d *delivery) printLink(link *harbor.Link, name string, status harbor.LockerStatus, what string) {
	s := d.at(name, status)
	s.Request = link.ID
	if d.showLink {
		s.Link = link.LinkToken
		what += " " + link.LinkToken
	}
	d.out.Step(s, "%s, request %d: locker %s at tower %s", what, link.ID, d.ref.Locker, d.ref.Tower)
}

// giveBack gives the locker back, also when the program was interrupted. Harbor cannot
// cancel a link.
func (d *delivery) giveBack() error {
	switch d.held {
	case "":
		return nil
	case harbor.LockerStatusOccupied:
		return fmt.Errorf("the parcel is still in locker %s of tower %s: it has to be picked up", d.ref.Locker, d.ref.Tower)
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
