// Package delivery takes parcels through Harbor's lockers, and survives its own process.
//
//	m, err := delivery.New(client, store)
//	go m.Run(ctx)
//	d, err := m.Start(ctx, delivery.Request{Reference: "order-42", Location: 329, Types: []string{"small", "medium"}})
//	drop, err := m.DropoffToken(ctx, "order-42", harbor.TokenRequest{Duration: 5 * time.Minute}) // for the courier's phone
//	pick, err := m.PickupToken(ctx, "order-42", harbor.TokenRequest{Duration: time.Hour})        // for the customer's phone
//
// Harbor has no idempotency keys, its towers are offline, and a backend may be killed at any
// moment. So a manager stores every write as an intent before its request leaves, together
// with a claim on the locker that keeps other deliveries away. A manager that finds an
// intent without an answer looks what became of it instead of sending it again. The same
// call with the same reference goes on where a crash left off; Run and Reconcile settle the
// rest.
//
// Read machine.go first: it has the phases, the table of transitions, and the table of what
// an observation of a locker means for a delivery. Everything else only feeds it: look.go
// observes, loop.go collects the hints of where to look.
//
// Deliveries are kept in a Store: OpenSQL keeps them in SQLite or PostgreSQL by whatever
// driver the program has, NewMemoryStore in this process.
//
//	db, err := sql.Open("pgx", dsn)
//	store, err := delivery.OpenSQL(ctx, db, sqlstore.Postgres, "")
//
// What may happen to a delivery is a table: see Transitions and Diagram.
package delivery
