// Package foxtrot asks Foxtrot where a customer is and when the truck comes.
//
//	c, err := foxtrot.NewClient(apiKey)
//	waypoints, err := c.Customers.Waypoints(ctx, dc, customer)
//	for _, w := range waypoints {
//		if wait, ok := w.ETA(time.Now()); ok && !w.Done() {
//			fmt.Println("the truck is here in", wait.Round(time.Minute))
//		}
//	}
//
// A [Client] has one service for each resource: Customers, DCs (distribution centres),
// Routes, Drivers and Webhooks. Everything is asked below a DC; [DCsService.List] says
// which there are and in which time zone each lies. [DecodeWebhook] reads what Foxtrot
// pushes; take it as a hint and read the resource again, since nothing in it is signed.
//
// # Tolerance
//
// The vendor's pages and what real clients saw differ in places. Both forms of an answer
// (within {"status","data"} or bare), both keys of a waypoint's id, and times as
// milliseconds, as text or in ISO 8601 are read alike. What is null or absent is a nil
// pointer; zero is always a value. Words and fields that this version does not know are
// kept or ignored, never a failure.
//
// # Errors
//
// A call fails with an [*Error], or with an [*ArgumentError] before anything is sent. Ask
// errors.Is what it is: [ErrNotFound], [ErrForbidden] (also for a DC that does not
// exist), [ErrLocationNotConfident] (an ordinary outcome) and so on; [Retryable] decides
// about trying again, which the client has done already within its [RetryPolicy].
//
// Package foxtrottest is Foxtrot in memory, for tests and for trying things out.
package foxtrot
