// Package callbacks receives the callbacks of others, loses none of them, and hands each
// change over once and in order.
//
// A Feed describes the bodies of one sender; Reservations is the feed of reservation changes.
// A Sink keeps what was received: Direct calls a function and acknowledges when it
// returns, the package callbacks/inbox stores first and hands over afterwards. NewHandler
// joins the two to an http.Handler:
//
//	h, err := callbacks.NewHandler(callbacks.Reservations(), sink,
//		callbacks.WithCredentials(callbacks.Basic("partner", user, password)))
//	mux.Handle("/callbacks", h)
//
// The function that handles a change is a switch:
//
//	switch c.EffectiveStatus() {
//	case callbacks.StatusPickedUp:
//		return closeOrder(ctx, c.ReservationID)
//	default: // nothing to do, or a status that this version does not know
//		return nil
//	}
//
// # What is promised
//
// The sender is told 200 after the sink has the callback and never before, for new and for
// known ones alike. It may send a change several times, and an older one after a newer
// one; there is no number that would show a gap. With Direct each arrival is handed over,
// so the function must be safe to repeat. With an inbox a change is handed over at least
// once, and exactly once where the handler writes in the inbox's own transaction.
//
// Secrets are judged before the body is read. A body that cannot be read is kept whole and
// acknowledged, since the sender would repeat it and may give up on all others. Unknown
// members are ignored and kept in Raw, unknown statuses are values like others.
//
// A sink that is slow or hangs costs the sender a bounded wait and an answer 503: every Sink
// returns by its context. callbackstest.TestSink checks that of your own.
//
// # Feeds of other senders
//
// Any package with plain functions on its own type can be a feed, without importing this
// one: put the functions into a Feed, as the example of Feed shows. FeedOf makes the feeds of
// Harbor's and Foxtrot's webhooks. One process can serve several feeds, each with a handler
// and an address of its own.
//
// # The life of a reservation
//
// ReservationTransitions lists the steps that the vendor's pages show, and which of them call
// back; transitions.md beside this package draws them.
package callbacks
