// Package inbox keeps callbacks on disk before they are acknowledged and hands them over
// afterwards: once, in order, and again after a crash.
//
// The guarantee in one sentence: an acknowledged callback is stored exactly once and handed
// over at least once; with [HandleTx], whose transaction also marks the callback as
// handled, its effects on the same database happen exactly once.
//
//	box, err := inbox.Open(ctx, db, sqlstore.SQLite)
//	feed := callbacks.Reservations()
//	sink, err := inbox.NewSink(box, feed)
//	h, err := callbacks.NewHandler(feed, sink, …)
//	err = inbox.Run(ctx, box, feed, func(ctx context.Context, e inbox.Event[callbacks.ReservationChange]) error { … })
//
// # Order
//
// Callbacks of one group (a reservation, say) are handled one after the other, those of
// different groups concurrently. Within a group the oldest change goes first, equal times
// in the order of arrival. A sender without sequence numbers cannot show a gap, so the inbox
// does not wait for older changes: one that arrives after a newer change was handled is handed
// over with Event.Late set.
//
// # Failure
//
// A handler that returns an error or panics is tried again after a growing pause, during
// which its group waits and the other groups go on. After the last try the callback becomes a
// dead letter and the group goes on, or is held with [WithHold]. A body that could not be
// read is kept whole and can be read again later by [Requeue].
//
// # Databases
//
// No driver is linked: the caller opens the *sql.DB. [sqlstore.SQLite] is for one machine;
// several processes may share the file. [sqlstore.Postgres] is for many machines. [NewMemory]
// loses everything with the process and is for tests. Any other database can be used through
// the [Store] contract, which inboxtest.RunStoreTests checks.
package inbox
