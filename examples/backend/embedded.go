package main

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

// embedded is the rest of the world, simulated. Its webhooks come in by the front door,
// as real ones do.
type embedded struct {
	harbor  *harbortest.Server
	foxtrot *foxtrottest.Server
}

// clients are the two services a backend talks to.
type clients struct {
	harbor  *harbor.Client
	foxtrot *foxtrot.Client // nil: no truck is known
}

// connect makes the clients, and what they talk to where nothing real is named.
func connect(ctx context.Context, cfg config, here string) (c clients, world *embedded, err error) {
	env, creds := lockerline.Environment{}, harbor.Credentials{}
	if cfg.embedded {
		if world, err = newEmbedded(cfg, here); err != nil {
			return c, nil, err
		}
		env, creds = world.harbor.Environment(), world.harbor.Credentials()
	} else {
		var credsErr error
		env, err = harbor.EnvironmentFromEnv()
		creds, credsErr = harbor.CredentialsFromEnv()
		if err := errors.Join(err, credsErr); err != nil {
			return c, nil, err
		}
	}
	if c.harbor, err = harbor.NewClient(env, creds, lockerline.WithUserAgent("lockerline-backend")); err != nil {
		return c, nil, errors.Join(err, world.close())
	}
	switch {
	case cfg.embedded:
		c.foxtrot, err = world.listenToTrucks(ctx, cfg, here)
	case cfg.foxtrot:
		c.foxtrot, err = foxtrot.ClientFromEnv(lockerline.WithUserAgent("lockerline-backend"))
	}
	if err != nil {
		return c, nil, errors.Join(err, c.close(), world.close())
	}
	return c, world, nil
}

func (c clients) close() error {
	var err error
	if c.harbor != nil {
		err = c.harbor.Close()
	}
	if c.foxtrot != nil {
		err = errors.Join(err, c.foxtrot.Close())
	}
	return err
}

func newEmbedded(cfg config, here string) (*embedded, error) {
	world := new(embedded)
	by := cfg.callbacks[len(cfg.callbacks)-1].value()
	var err error
	world.harbor, err = harbortest.New(
		harbortest.WithWebhookURL("http://"+here+"/webhooks/harbor"),
		harbortest.WithWebhookHeader("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(by))),
	)
	if err == nil {
		err = world.harbor.Listen("127.0.0.1:0")
	}
	if err == nil {
		world.foxtrot, err = foxtrottest.New()
	}
	return world, err
}

// listenToTrucks asks Foxtrot to push what happens. Nothing that it sends is signed and it
// adds no header, so what lets it in is part of the address.
func (e *embedded) listenToTrucks(ctx context.Context, cfg config, here string) (*foxtrot.Client, error) {
	c, err := e.foxtrot.Client()
	if err != nil {
		return nil, err
	}
	by := cfg.callbacks[len(cfg.callbacks)-1].value()
	_, err = c.Webhooks.Create(ctx, foxtrot.WebhookRequest{
		URL: "http://" + by + "@" + here + "/webhooks/foxtrot",
		Events: []foxtrot.WebhookEventType{
			foxtrot.WebhookEventRouteCreated, foxtrot.WebhookEventRouteStarted, foxtrot.WebhookEventRouteETAsChanged,
			foxtrot.WebhookEventWaypointStatusChanged, foxtrot.WebhookEventCustomerLocationChanged,
		},
		DCs: []foxtrot.DCID{foxtrottest.DemoDC},
	})
	return c, err
}

// locations are all that have a tower.
func (e *embedded) locations() (ids []harbor.LocationID) {
	for _, l := range harbortest.DefaultLocations() {
		if len(l.Towers) > 0 {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

// drive lets Foxtrot push what its trucks did, until ctx ends.
func (e *embedded) drive(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			e.foxtrot.DeliverWebhooks(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// close returns nil; a nil world has nothing to close.
func (e *embedded) close() error {
	if e != nil {
		e.harbor.Close()
		e.foxtrot.Close()
	}
	return nil
}
