// Package sqlstore is what a store on database/sql needs beside its statements: two
// dialects, a check that the database keeps what it acknowledges, versioned tables, and
// write transactions.
//
// Most programs need of it [SQLite] and [Postgres], and the errors that say why a database
// was refused:
//
//	box, err := inbox.Open(ctx, db, sqlstore.SQLite)
//	if errors.Is(err, sqlstore.ErrReadOnly) { … }
//
// No driver is linked: the caller opens the *sql.DB, and closes it.
package sqlstore
