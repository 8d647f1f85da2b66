package main

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/examples/internal/steps"
	"github.com/lockerline/lockerline-go/harbor"
)

// late is a customer who opens the link after the watcher's first look.
type late struct {
	simulated
	t     *testing.T
	looks int
}

func (c *late) open(ctx context.Context, link *harbor.Link) error {
	require.Eventually(c.t, func() bool {
		return len(c.server.Requests("lockers.assigned")) > c.looks
	}, 10*time.Second, time.Millisecond)
	c.looks = len(c.server.Requests("lockers.assigned"))
	return c.simulated.open(ctx, link)
}

// No poll falls within the timeout: only the nudge can end the wait.
func TestLinks_WebhookWakesTheWatcher(t *testing.T) {
	t.Parallel()
	hooks, err := newReceiver()
	require.NoError(t, err)
	t.Cleanup(hooks.close)
	sim, err := newSimulated(hooks)
	require.NoError(t, err)
	t.Cleanup(sim.server.Close)
	client, err := harbor.NewClient(sim.server.Environment(), sim.server.Credentials())
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	var out bytes.Buffer
	d := delivery{
		client: client, watch: harbor.NewWatcher(client, harbor.WatcherConfig{Interval: time.Hour}),
		customer: &late{simulated: sim, t: t}, hooks: hooks.events, out: steps.New(&out, true),
		area: harbor.Area{Start: lockerline.LatLng{Lat: 34, Lng: -118}, End: lockerline.LatLng{Lat: 35, Lng: -119}},
		size: "small", timeout: 10 * time.Second,
	}
	require.NoError(t, d.run(t.Context()))
	assert.Equal(t, wholeWay, names(parse(t, out.String())))
}
