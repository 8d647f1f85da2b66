// Package otel measures what this SDK does by OpenTelemetry: spans and durations of calls,
// counts of callbacks, the depth of an inbox, deliveries by phase. Each part takes one line:
//
//	c, err := harbor.NewClient(env, creds, lockerline.WithHooks(otel.ClientHooks()))
//	h, err := callbacks.NewHandler(feed, sink, callbacks.WithObserver(otel.ReceiverObserver()), …)
//	box, err := inbox.Open(ctx, db, sqlstore.SQLite, inbox.WithObserver(otel.InboxObserver()))
//	stop, err := otel.WatchInbox(box, []string{feed.Name})
//	m, err := delivery.New(c, store, delivery.WithObserver(otel.DeliveryObserver()))
//
// Without options the global providers are used. Attributes hold names, statuses and phases;
// never an identifier, a URL, a body or a secret. Names follow the semantic conventions for
// HTTP clients and for messaging; what those do not name begins with "lockerline.".
// server.address is left out: hooks are not told the address, lockerline.service says which
// service it is.
//
// # Spans
//
// A call is one span of kind client, named after its operation, such as "lockers.reserve".
// Each attempt is an event of it, each wait before another attempt too. A request for a token
// and each HTTP request can have spans of their own below it, by
// lockerline.WithMiddleware and otelhttp.NewTransport.
//
// # Metrics
//
//	http.client.request.duration               histogram, s   each attempt
//	lockerline.client.call.duration            histogram, s   each call, with its attempts and waits
//	lockerline.client.retries                  counter        attempts after the first
//	lockerline.client.unknown_values           counter        words of a service that this version does not know
//	messaging.client.consumed.messages         counter        callbacks that were acknowledged, by outcome
//	lockerline.receiver.refused                counter        requests that were not, by reason
//	lockerline.receiver.answer.duration        histogram, s   until the answer
//	lockerline.receiver.store.duration         histogram, s   of it, in the sink
//	lockerline.receiver.body.size              histogram, By  of acknowledged callbacks
//	lockerline.receiver.silence                gauge, s       since a feed's last request
//	messaging.process.duration                 histogram, s   each try of a handler
//	lockerline.inbox.age                       histogram, s   of a callback when it was handled
//	lockerline.inbox.dead                      counter        callbacks put aside after their last try
//	lockerline.inbox.store_failures            counter        by operation of the store
//	lockerline.inbox.depth, .dead_letters,
//	.quarantined, .held_groups                 gauge          WatchInbox
//	lockerline.inbox.oldest_age                gauge, s       WatchInbox
//	lockerline.delivery.open                   gauge          by phase
//	lockerline.delivery.transitions            counter        by the phases before and after
//	lockerline.delivery.phase.duration         histogram, s   how long a phase lasted
//	lockerline.delivery.look.duration          histogram, s   one look at Harbor
//	lockerline.delivery.looked                 counter        deliveries that were looked at
//	lockerline.delivery.notice.delay           histogram, s   from what happened to the application
//	lockerline.delivery.unknown_lockers        gauge          lockers of ours that no delivery knows
package otel
