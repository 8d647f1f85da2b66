package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/harbor"
)

// receiver is one inbox with three doors: for reservation changes, Harbor's webhooks and
// Foxtrot's. All three store in the same database and are handed over from there.
type receiver struct {
	db      *sql.DB
	box     *inbox.Box
	mux     *http.ServeMux
	log     *slog.Logger
	metrics *metrics
	shop    *shop
	options []callbacks.Option

	shutdowns []func(context.Context) error // of the handlers
	runs      []func(context.Context) error // hand over until the context ends
}

func newReceiver(ctx context.Context, cfg config, stdout, stderr io.Writer) (*receiver, error) {
	set, err := cfg.secrets.set()
	if err != nil {
		return nil, err
	}
	r := &receiver{mux: http.NewServeMux(), metrics: newMetrics(), log: newLogger(stderr, cfg.demo)}
	if r.db, r.box, err = openInbox(ctx, cfg, inboxLog(r.log)); err != nil {
		return nil, err
	}
	r.shop = &shop{box: r.box, out: newPrinter(stdout, cfg.json)}
	r.options = []callbacks.Option{
		callbacks.WithCredentialSet(set),
		callbacks.WithObserver(r.metrics.observer()), callbacks.WithObserver(callbacks.LogObserver(r.log)),
	}
	// Foxtrot takes nothing but 200 for an answer; the handlers give no other.
	err = errors.Join(
		connect(r, "/callbacks", callbacks.Reservations(), r.shop.reservationChanged),
		connect(r, "/webhooks/harbor", callbacks.FeedOf(harbor.WebhookFeedName, harbor.DecodeWebhook), r.shop.lockerChanged),
		connect(r, "/webhooks/foxtrot", callbacks.FeedOf(foxtrot.WebhookFeedName, foxtrot.DecodeWebhook), r.shop.truckMoved),
	)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	r.mux.HandleFunc("GET /healthz", r.health)
	r.mux.Handle("GET /metrics", r.metrics.handler())
	return r, nil
}

// connect leads a feed from its address into the inbox, and from the inbox to its handler.
func connect[T any](r *receiver, path string, feed callbacks.Feed[T], handler inbox.Handler[T]) error {
	sink, err := inbox.NewSink(r.box, feed)
	if err != nil {
		return err
	}
	h, err := callbacks.NewHandler(feed, sink, r.options...)
	if err != nil {
		return err
	}
	r.mux.Handle(path, h)
	r.shutdowns = append(r.shutdowns, h.Shutdown)
	r.runs = append(r.runs, func(ctx context.Context) error {
		// A short lease has a restart after a crash go on where it was within seconds.
		return inbox.Run(ctx, r.box, feed, handler,
			inbox.WithWorkers(64), inbox.WithLease(3*time.Second), inbox.WithPoll(500*time.Millisecond),
			inbox.WithDrain(handlerTime))
	})
	return nil
}

// waiting is how many stored callbacks are not handled yet.
func (r *receiver) waiting(ctx context.Context) (int, error) {
	stats, err := r.box.Stats(ctx, "")
	return stats.Depth, err
}

// health tells a load balancer whether callbacks can be stored.
func (r *receiver) health(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), time.Second)
	defer cancel()
	stats, err := r.box.Stats(ctx, "")
	if err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintf(w, "ok: %d waiting, the oldest for %s, %d dead letters, %d quarantined\n",
		stats.Depth, stats.OldestAge.Round(time.Millisecond), stats.Dead, stats.Quarantined)
}

// close is for the end: nothing may use the database any more.
func (r *receiver) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	return errors.Join(r.box.Close(ctx), r.db.Close())
}
