package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/internal/wall"
)

// backend joins the parts: deliveries that Run looks after, an inbox for what others
// push, and a wall that shows the doors.
type backend struct {
	cfg  config
	here string // host and port by which this machine reaches us
	log  *slog.Logger

	world    *embedded // nil with real services
	clients  clients
	store    delivery.Store
	manager  *delivery.Manager
	box      *inbox.Box
	receiver *receiver
	changes  *reservations
	arrivals *arrivals
	source   *source
	wall     *wall.Wall
	page     http.Handler // nil: off

	handler  http.Handler
	draining atomic.Bool
}

func newBackend(ctx context.Context, cfg config, listener net.Listener, stderr io.Writer) (_ *backend, err error) {
	b := &backend{
		cfg: cfg, here: reach(listener), changes: newReservations(),
		log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.clients, b.world, err = connect(ctx, cfg, b.here); err != nil {
		return nil, err
	}
	if b.world != nil && len(b.cfg.locations) == 0 {
		b.cfg.locations = b.world.locations()
	}
	// Both stores lose what they hold with the process. README.md says how to put a
	// database in their places.
	b.store = delivery.NewMemoryStore()
	if b.box, err = inbox.New(inbox.NewMemory()); err != nil {
		return nil, err
	}
	b.arrivals = newArrivals(b.clients.foxtrot)
	b.manager, err = delivery.New(b.clients.harbor, b.store,
		delivery.WithNotify(b.notify), delivery.WithObserver(b.observer()), delivery.WithInterval(b.cfg.interval()))
	if err != nil {
		return nil, err
	}
	if err = b.newWall(); err != nil {
		return nil, err
	}
	if b.receiver, err = newReceiver(b.box, cfg.callbacks, b.log); err != nil {
		return nil, err
	}
	err = errors.Join(
		lead(b.receiver, "/callbacks", callbacks.Reservations(), b.changes.handle),
		lead(b.receiver, "/webhooks/harbor", callbacks.FeedOf(harbor.WebhookFeedName, harbor.DecodeWebhook), b.lockerChanged),
		lead(b.receiver, "/webhooks/foxtrot", callbacks.FeedOf(foxtrot.WebhookFeedName, foxtrot.DecodeWebhook), b.arrivals.changed),
	)
	if err != nil {
		return nil, err
	}
	if err = b.newPage(isLoopback(listener)); err != nil {
		return nil, err
	}
	b.handler = b.routes()
	return b, nil
}

// newWall makes what looks at the doors.
func (b *backend) newWall() (err error) {
	b.source = &source{client: b.clients.harbor, deliveries: b.manager, places: b.cfg.locations, every: b.cfg.look}
	subtitle := "Parcel lockers, live"
	if b.world != nil {
		b.source.tower = b.world.harbor.Locker
		subtitle = "Towers, trucks and phones are simulated; the backend is not."
	}
	b.wall, err = wall.New(b.source, wall.Options{
		Title: "Lockerline", Subtitle: subtitle, Interval: b.cfg.look, Extra: b.panel(),
	})
	return err
}

// interval is how often the manager asks for our lockers. Webhooks make it faster.
func (c config) interval() time.Duration { return min(c.look, 5*time.Second) }

// lockerChanged handles a webhook of Harbor. It is a hint, since nothing signs it: the
// manager and the wall look for themselves.
func (b *backend) lockerChanged(_ context.Context, e harbor.WebhookEvent) error {
	b.manager.Nudge(e.Locker)
	b.show(e.Locker)
	return nil
}

// notify is where a partner tells its customers. This one shows it on the wall and in the
// log; a notice that is answered by an error comes again.
func (b *backend) notify(_ context.Context, n delivery.Notice) error {
	if n.Locker != nil {
		b.show(n.Locker.Ref)
	}
	if n.Kind == delivery.NoticeInDoubt {
		b.log.Warn("a person must look at a delivery", "reference", n.Reference, "why", n.Why)
	}
	return nil
}

func (b *backend) observer() delivery.Observer {
	return delivery.Observer{Moved: func(_, _ delivery.Phase, _ time.Duration) { b.wall.Nudge() }}
}

// show has the wall look at a door's tower at once.
func (b *backend) show(ref harbor.LockerRef) {
	b.source.touch(ref.Tower)
	b.wall.Nudge()
}

// close is for the end, when nothing runs any more. It may be called on a half-made
// backend.
func (b *backend) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var err error
	if b.box != nil {
		err = b.box.Close(ctx)
	}
	if err = errors.Join(err, b.clients.close(), b.world.close()); err != nil {
		b.log.Warn("closing failed", "error", err)
	}
}

func isLoopback(l net.Listener) bool {
	a, ok := l.Addr().(*net.TCPAddr)
	return ok && a.IP.IsLoopback()
}

// reach is the address by which this machine reaches a listener.
func reach(l net.Listener) string {
	a, ok := l.Addr().(*net.TCPAddr)
	if ok && a.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", a.Port)
	}
	return l.Addr().String()
}
