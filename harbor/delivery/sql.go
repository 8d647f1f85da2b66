package delivery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/lockerline/lockerline-go/internal/sqldb"
)

// Dialect says which database OpenSQL speaks to: SQLite or Postgres.
type Dialect struct{ d *sqldb.Dialect }

// The databases OpenSQL knows.
var (
	// SQLite keeps deliveries in a file on a local disk, in WAL mode, with every write
	// flushed. Needs SQLite 3.35 or newer. Processes on the machine may share the file.
	SQLite = Dialect{&sqldb.SQLite}
	// Postgres keeps deliveries in PostgreSQL 12 or newer, for any number of processes.
	Postgres = Dialect{&sqldb.Postgres}
)

// String is the name of the database, lower case.
func (d Dialect) String() string { return d.d.String() }

// Why OpenSQL refuses a database, for errors.Is.
var (
	// ErrNewerSchema: a later version of this package made the tables.
	ErrNewerSchema = sqldb.ErrNewerSchema
	// ErrForeignSchema: a table of the name is there and is not this package's.
	ErrForeignSchema = sqldb.ErrForeignSchema
	// ErrNotDurable: the database would lose what it acknowledged in a crash.
	ErrNotDurable = sqldb.ErrNotDurable
	// ErrReadOnly: nothing can be written.
	ErrReadOnly = sqldb.ErrReadOnly
)

// SQLStore is a Store on database/sql. It links no driver: db is opened by the caller, with
// whichever is liked, and stays the caller's to close.
type SQLStore struct {
	db     *sql.DB
	d      *sqldb.Dialect
	text   func(string) string
	writer chan struct{} // held while writing when the dialect has one writer
}

var _ Store = (*SQLStore)(nil)

// DefaultTable is the table that OpenSQL uses when it is given no name.
const DefaultTable = "lockerline_deliveries"

// migrating tells these tables from others in PostgreSQL's advisory locks.
const migrating = 7305803

// OpenSQL returns a store in a table of db, which it creates or brings up to date; an empty
// name is DefaultTable. It fails when the database would lose acknowledged writes.
func OpenSQL(ctx context.Context, db *sql.DB, d Dialect, table string) (*SQLStore, error) {
	if table == "" {
		table = DefaultTable
	}
	switch {
	case db == nil:
		return nil, errors.New("delivery: open: the database is nil")
	case d.d == nil:
		return nil, errors.New("delivery: open: the dialect must be SQLite or Postgres")
	case !sqldb.ValidTable(table):
		return nil, errors.New("delivery: open: a table name is up to 40 lower-case letters, digits and underscores")
	}
	s := &SQLStore{db: db, d: d.d, text: d.d.Texts(table)}
	if d.d.OneWriter {
		s.writer = make(chan struct{}, 1)
	}
	if err := sqldb.Prepare(ctx, db, d.d, table, sqlSchema, migrating); err != nil {
		return nil, fmt.Errorf("delivery: open %s: %w", d, err)
	}
	return s, nil
}

// sqlSchema holds, for each version, the statements that lead to it from the one before.
// The columns are what is searched by; the delivery itself is data.
var sqlSchema = [][]string{{
	`CREATE TABLE {t} (
		reference  {text}   PRIMARY KEY,
		version    BIGINT   NOT NULL,
		phase      {text}   NOT NULL,
		ended_at   BIGINT,
		claim      {text},
		locker     {text},
		due_at     BIGINT,
		owes       SMALLINT NOT NULL,
		updated_at BIGINT   NOT NULL,
		data       {text}   NOT NULL
	)`,
	`CREATE UNIQUE INDEX {t}_claim ON {t} (claim) WHERE claim IS NOT NULL`,
	`CREATE INDEX {t}_locker ON {t} (locker, updated_at)`,
	`CREATE INDEX {t}_due ON {t} (due_at) WHERE due_at IS NOT NULL`,
	`CREATE INDEX {t}_open ON {t} (reference) WHERE ended_at IS NULL`,
	`CREATE INDEX {t}_ended ON {t} (ended_at) WHERE ended_at IS NOT NULL`,
}}
