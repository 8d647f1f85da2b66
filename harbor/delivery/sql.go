package delivery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

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
	// ErrCorrupt: the file is damaged or no SQLite database at all.
	ErrCorrupt = errors.New("database is corrupt or not a database; restore a backup or move the file away")
	// ErrReadOnly: nothing can be written.
	ErrReadOnly = errors.New("database is read-only; make it writable or connect to the primary")
	// ErrLocked: another process holds the database and did not let go in time.
	ErrLocked = errors.New("database is locked by another process; stop it or try again")
	// ErrNewerSchema: a later version of this package made the tables.
	ErrNewerSchema = errors.New("tables are of a newer version; update the program")
	// ErrForeignSchema: a table of the name is there and is not this package's.
	ErrForeignSchema = errors.New("a table of this name is there and is none of this package; choose another name")
	// ErrNotDurable: the database would lose what it acknowledged in a crash.
	ErrNotDurable = errors.New("database is not durable; use a file on a local disk, in WAL mode, or turn fsync and synchronous_commit on")
)

var reasons = sqldb.Reasons{
	sqldb.Corrupt: ErrCorrupt, sqldb.ReadOnly: ErrReadOnly, sqldb.Locked: ErrLocked,
	sqldb.NewerSchema: ErrNewerSchema, sqldb.ForeignSchema: ErrForeignSchema, sqldb.NotDurable: ErrNotDurable,
}

// SQLStore is a Store on database/sql. It links no driver: db is opened by the caller, with
// whichever is liked, and stays the caller's to close.
type SQLStore struct {
	db     *sql.DB
	tables *sqldb.Tables
	text   func(string) string
	writer chan struct{} // held while writing when the dialect has one writer
}

var _ Store = (*SQLStore)(nil)

// DefaultTable is the table that OpenSQL uses when it is given no name.
const DefaultTable = "lockerline_deliveries"

// migrating tells these tables from others in PostgreSQL's advisory locks.
const migrating = 7305803

// OpenSQL returns a store in a table of db, which it creates or brings up to date; an empty
// name is DefaultTable. It fails when the database would lose acknowledged writes. On SQLite
// it also reads the file once for damage, which takes about a second for each few hundred
// megabytes.
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
	s := &SQLStore{db: db, text: d.d.Texts(table), tables: &sqldb.Tables{
		DB: db, Dialect: d.d, Name: table, Steps: sqlSchema, Lock: migrating,
		Busy: 5 * time.Second, Wait: 10 * time.Second, Reasons: reasons,
	}}
	if d.d.OneWriter {
		s.writer = make(chan struct{}, 1)
	}
	if refusal := s.tables.Open(ctx, true, s.rehearse); refusal != nil {
		return nil, fmt.Errorf("delivery: open %s: %w", d, refusal)
	}
	return s, nil
}

// rehearse needs each column and each unique index, and changes nothing.
func (s *SQLStore) rehearse(ctx context.Context) error {
	for _, unique := range []string{`(reference)`, `(claim) WHERE claim IS NOT NULL`} {
		if _, err := s.exec(ctx, `INSERT INTO {t} SELECT * FROM {t} WHERE 1 = 0 ON CONFLICT `+unique+` DO NOTHING`); err != nil {
			return &sqldb.Refusal{Reason: ErrForeignSchema, Err: err}
		}
	}
	_, err := s.exec(ctx, sqlUpdate, append(columns(Row{}), -1)...) // no row has this version
	return err
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
