package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Why tables are refused, for errors.Is.
var (
	// ErrNewerSchema: a later version of the program made the tables.
	ErrNewerSchema = errors.New("tables are of a newer version; update the program")
	// ErrForeignSchema: there is a table of this name that is somebody else's.
	ErrForeignSchema = errors.New("a table of this name is there and is none of this package; choose another name")
	// ErrNotDurable: the database would lose what it acknowledged in a crash.
	ErrNotDurable = errors.New("database is not durable; use a file on a local disk, in WAL mode, or turn fsync and synchronous_commit on")
	// ErrReadOnly: nothing can be written.
	ErrReadOnly = errors.New("database is read-only; make it writable or connect to the primary")
)

// Querier is what *sql.DB, *sql.Conn and *sql.Tx share.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Migrate brings tables to the newest version. Steps holds, for each version, the
// statements that lead to it from the one before; a published step never changes. It must
// run in a transaction that nobody else can migrate in, and always writes, so that a
// database that cannot be written is found out.
func Migrate(ctx context.Context, q Querier, text func(string) string, table string, steps [][]string) error {
	exists := func(name string) (ok bool, err error) {
		err = q.QueryRowContext(ctx, text(`{exists}$1`), name).Scan(&ok)
		return ok, err
	}
	versioned, err := exists(table + "_schema")
	if err != nil {
		return err
	}
	version := 0
	switch taken, err := exists(table); {
	case err != nil:
		return err
	case versioned:
		if err := q.QueryRowContext(ctx, text(`SELECT version FROM {t}_schema`)).Scan(&version); err != nil {
			return fmt.Errorf("%w: %w", ErrForeignSchema, err)
		}
	case taken:
		return ErrForeignSchema
	default:
		for _, s := range []string{
			`CREATE TABLE {t}_schema (version INTEGER NOT NULL)`, `INSERT INTO {t}_schema (version) VALUES (0)`,
		} {
			if _, err := q.ExecContext(ctx, text(s)); err != nil {
				return err
			}
		}
	}
	if version > len(steps) {
		return fmt.Errorf("%w: they have version %d, this program knows %d", ErrNewerSchema, version, len(steps))
	}
	for _, step := range steps[version:] {
		for _, s := range step {
			if _, err := q.ExecContext(ctx, text(s)); err != nil {
				return err
			}
		}
	}
	_, err = q.ExecContext(ctx, text(`UPDATE {t}_schema SET version = $1`), len(steps))
	return err
}
