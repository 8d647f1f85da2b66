// Package harbor drives Harbor's parcel lockers from a backend: it finds places, reserves
// lockers, gets the tokens by which a phone opens a door, and waits for what people do
// there.
//
// # Start
//
// A [Client] is made once, for one environment and one service provider, and shared:
//
//	c, err := harbor.NewClient(harbor.Sandbox, harbor.Credentials{ClientID: id, ClientSecret: secret})
//
// It is immutable and safe for all goroutines. [Client.With] derives one with further
// options that shares connections and tokens. Its services are the resources of the API;
// a delivery goes through four of their calls:
//
//	lockers, err := c.Locations.Lockers(ctx, sites[0].ID)
//	ref := locker.Ref() // keep it: it is what the locker is called from now on
//	if _, err := c.Lockers.Reserve(ctx, ref, 5*time.Minute); err != nil {
//	drop, err := c.Lockers.DropoffToken(ctx, ref, harbor.TokenRequest{Duration: 5 * time.Minute, ClientInfo: "order 42"})
//	pick, err := c.Lockers.PickupToken(ctx, ref, harbor.TokenRequest{Duration: 5 * time.Minute})
//
// The package example shows all of it. A [LockerRef] has two parts, tower and locker;
// store both, since releasing a locker needs both. A locker's Name is what is painted on
// the door and no identifier.
//
// # Scopes
//
// The client gets its own access tokens, for [ScopeServiceProvider], before they run out
// and once more when one was revoked. The phone at the tower needs another, which your
// backend asks for and hands out together with the payload of a [LockerToken]:
//
//	access, err := c.Token(ctx, harbor.ScopeTowerAccess)
//
// A token of the service provider must never leave the backend. Credentials, locker
// tokens, links and errors print without what is secret in them.
//
// # Errors
//
// A call that was made and failed returns a [*lockerline.Error]; arguments that make no
// sense are a [*lockerline.ArgumentError] that names all of them, and nothing is sent. Ask
// what happened with errors.Is and the Err… values, the details with errors.AsType:
//
//	case errors.Is(err, lockerline.ErrConflict):
//	case errors.Is(err, lockerline.ErrOutcomeUnknown):
//	if e, ok := errors.AsType[*lockerline.Error](err); ok {
//
// The text of an error is one line without identifiers, query, body or secret, so it can
// be logged as it is.
//
// # Retries
//
// A read is tried again after 408, 429, 5xx, a lost connection and an attempt that took too
// long, as [lockerline.RetryPolicy] says. A write is sent again only when it provably never left, when
// Harbor refused to look at it (429), and once after a 401: Harbor has no idempotency keys,
// and a second drop-off link takes a second locker. When the answer to a write is lost, the
// error matches [lockerline.ErrOutcomeUnknown]. Look before asking again:
//
//	mine, err := c.Lockers.Assigned(ctx)
//
// [Operations] says of each call whether it is safe to repeat, [lockerline.Idempotent] and
// [lockerline.NoRetry] decide otherwise for one call, and [lockerline.Retryable] tells
// whether it is worth asking later.
//
// # Waiting
//
// A tower has no connection of its own. It tells Harbor what happened, and learns what it
// should do, only while a phone has a session with it, so a status may be late. A [Watcher]
// waits for any number of lockers with one request a tick:
//
//	change, err := watcher.Wait(ctx, ref, harbor.LockerStatusOccupied)
//
// Passing errors do not end a wait; one that can no longer succeed ends early with
// [ErrUnreachable]. A webhook that tells of a locker wakes it at once, and the poll is only
// for those that get lost:
//
//	w.Nudge(ref) // from the handler of Harbor's webhooks
//
// Statuses are an open set: [LockerStatus] keeps a word it does not know, and [lockerline.Hooks] are
// told of it. How a locker comes from one status to another is a table, [Transitions], for
// asking ahead: Harbor's staff may set a status by hand.
//
// # What is not documented
//
// Harbor's API is not documented whole. Doc comments say where a fact comes from: "vendor
// page", "observed" in what clients send and read, or "inferred". Answers are read in every
// form that is likely; [lockerline.WithOperationPath] takes another route for one operation, and
// [Client.Do] reaches what has no method here.
//
// # Without an account
//
// Package harbortest is Harbor in memory, with towers, a phone, a clock to move and faults
// to inject. A client reaches it like any other environment:
//
//	c, err = srv.Client(opts...)
package harbor
