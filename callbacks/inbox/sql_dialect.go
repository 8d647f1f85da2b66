package inbox

import "github.com/lockerline/lockerline-go/internal/sqldb"

// Dialect says which database Open speaks to. The two that exist are SQLite and Postgres.
type Dialect struct{ d *sqldb.Dialect }

// The databases Open knows.
var (
	// SQLite keeps the inbox in a file on a local disk, in WAL mode, with every
	// acknowledged write flushed (synchronous=FULL, set on each connection the inbox
	// writes on). Needs SQLite 3.35 or newer. Several processes may share the file;
	// they take turns at writing.
	SQLite = Dialect{&sqldb.SQLite}
	// Postgres keeps the inbox in PostgreSQL 12 or newer, for any number of receivers
	// and handlers. Leases are measured by the server's clock.
	Postgres = Dialect{&sqldb.Postgres}
)

// String is the name of the database, lower case.
func (d Dialect) String() string { return d.d.String() }
