// Package delivery takes parcels through Harbor's lockers, and survives its own process.
//
//	m, err := delivery.New(client, store)
//	go m.Run(ctx)
//	d, err := m.Start(ctx, delivery.Request{Reference: "order-42", Location: 329, Types: []string{"small", "medium"}})
//	drop, err := m.DropoffToken(ctx, "order-42", harbor.TokenRequest{Duration: 5 * time.Minute}) // for the courier's phone
//	pick, err := m.PickupToken(ctx, "order-42", harbor.TokenRequest{Duration: time.Hour})        // for the customer's phone
//
// Harbor has no idempotency keys, its towers are offline, and a backend is killed whenever
// it likes. So every write is stored as an intent before its request leaves, together with
// a claim on the locker that keeps other deliveries away, and whoever finds an intent whose
// answer is not known looks what became of it instead of sending it again. The same call
// with the same reference goes on where a crash left off; Run and Reconcile settle what
// nobody comes back for.
//
// Deliveries are kept in a Store: OpenSQL keeps them in SQLite or PostgreSQL by whatever
// driver the program has, NewMemoryStore in this process.
//
//	db, err := sql.Open("pgx", dsn)
//	store, err := delivery.OpenSQL(ctx, db, delivery.Postgres, "")
//
// What may happen to a delivery is a table: see Transitions and Diagram.
package delivery
