package inboxtests

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// Effects in the same database happen exactly once.
func Example_handleTx() {
	dir, _ := os.MkdirTemp("", "inbox")
	defer os.RemoveAll(dir)
	db, _ := sql.Open("sqlite", filepath.Join(dir, "inbox.db"))
	defer db.Close()
	_, _ = db.Exec(`CREATE TABLE stock (reservation TEXT PRIMARY KEY, changes INTEGER)`)

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	box, err := inbox.Open(ctx, db, sqlstore.SQLite)
	if err != nil {
		fmt.Println(err)
		return
	}
	sink, _ := inbox.NewSink(box, testFeed) // give it to callbacks.NewHandler
	for range 3 {
		out, _ := sink.Accept(ctx, deliveryOf(testChange{Group: "reservation 7"}))
		fmt.Println(out)
	}
	err = inbox.HandleTx(ctx, box, testFeed, func(ctx context.Context, tx *sql.Tx, e inbox.Event[testChange]) error {
		defer stop() // one is enough here
		_, err := tx.ExecContext(ctx, `INSERT INTO stock VALUES (?, 1)
			ON CONFLICT DO UPDATE SET changes = changes + 1`, e.Group)
		return err
	})
	fmt.Println(err, box.Close(context.Background()))

	var changes int
	_ = db.QueryRow(`SELECT changes FROM stock`).Scan(&changes)
	fmt.Println("changes:", changes)
	// Output:
	// stored
	// duplicate
	// duplicate
	// <nil> <nil>
	// changes: 1
}

// Open says why it refuses a database.
func Example_refused() {
	db, _ := sql.Open("sqlite", ":memory:")
	defer db.Close()
	_, err := inbox.Open(context.Background(), db, sqlstore.SQLite)
	fmt.Println(errors.Is(err, sqlstore.ErrNotDurable))
	fmt.Println(err)
	// Output:
	// true
	// inbox: open sqlite: database is not durable; use a file on a local disk in WAL mode, or turn fsync and synchronous_commit on: journal mode stays "memory"
}
