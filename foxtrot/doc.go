// Package foxtrot is a client of Foxtrot Systems: where is a customer, and when does the
// truck come?
//
//	c, err := foxtrot.NewClient(apiKey)
//	waypoints, err := c.Customers.Waypoints(ctx, dc, customer)
//	for _, w := range waypoints {
//		if wait, ok := w.ETA(time.Now()); ok && !w.Done() {
//			fmt.Println("the truck arrives in", wait.Round(time.Minute))
//		}
//	}
//
// A [Client] has one service for each resource: Customers, DCs (distribution centres),
// Routes, Drivers and Webhooks. All but webhooks belong to a DC; [DCsService.List] returns
// the DCs and their time zones. [DecodeWebhook] reads the events that Foxtrot sends; take
// them as hints and read the resource again, since they are not signed.
//
// # Tolerance
//
// The vendor's pages and the observations of real clients differ in places. Both forms of
// an answer (in {"status","data"} or bare), both keys of a waypoint's id, and times as
// milliseconds, as text or in ISO 8601 are read alike. A null or absent member is a nil
// pointer; zero is always a value. Unknown words are kept and unknown members ignored,
// without an error.
//
// # Errors
//
// A call fails with a [*lockerline.Error], or with a [*lockerline.ArgumentError] before
// anything is sent. errors.Is tells what it is: [lockerline.ErrNotFound],
// [lockerline.ErrForbidden] (also for a DC that does not exist), [ErrLocationNotConfident]
// (an ordinary outcome) and so on. [lockerline.Retryable] decides about trying again, which
// the client has done already within its [lockerline.RetryPolicy].
//
// Package foxtrottest is Foxtrot in memory, for tests and for trying things out.
package foxtrot
