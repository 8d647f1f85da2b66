package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Config describes the tables of a store.
type Config struct {
	Dialect     Dialect
	Table       string        // the first table; the others are it with a suffix
	Steps       [][]string    // for each version the statements that lead to it; a published step never changes
	Lock        int64         // of migrations, among PostgreSQL's advisory locks
	BusyTimeout time.Duration // of SQLite for another process's write, unless the connection has one
	OpenTimeout time.Duration // of Open, after the search for damage
	// Verify runs the store's statements on no rows, so that tables of another making
	// fail in Open.
	Verify func(context.Context, *Tables) error
}

// Tables are the opened tables of a store. Safe for concurrent use.
type Tables struct {
	db        *sql.DB
	cfg       Config
	translate func(string) string
	lock      writeLock // where there is one writer
	place     *place    // of SQLite's file; nil when there is none
}

// Open checks that db keeps what it acknowledges, creates the tables or brings them up to
// date, and verifies them. A refused database is an *OpenError. On SQLite Open sets WAL mode
// and reads the file once for damage, about a second for each few hundred megabytes.
func Open(ctx context.Context, db *sql.DB, cfg Config) (*Tables, error) {
	t := &Tables{db: db, cfg: cfg, translate: cfg.Dialect.translator(cfg.Table)}
	if err := t.open(ctx); err != nil {
		return nil, openError(cfg.Dialect, err)
	}
	return t, nil
}

func (t *Tables) open(ctx context.Context) error {
	open := t.openPostgres
	if t.OneWriter() {
		if err := t.withConn(ctx, t.checkFile); err != nil {
			return err
		}
		open = func(ctx context.Context) error { return t.withConn(ctx, t.openSQLite) }
	}
	ctx, cancel := context.WithTimeout(ctx, t.cfg.OpenTimeout)
	defer cancel()
	if err := open(ctx); err != nil {
		return err
	}
	return t.cfg.Verify(ctx, t)
}

func (t *Tables) withConn(ctx context.Context, fn func(context.Context, *sql.Conn) error) error {
	conn, err := t.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return fn(ctx, conn)
}

func (t *Tables) openPostgres(ctx context.Context) error {
	var readOnly, fsync, synchronous string
	err := t.db.QueryRowContext(ctx, `SELECT current_setting('transaction_read_only'), current_setting('fsync'),
		current_setting('synchronous_commit')`).Scan(&readOnly, &fsync, &synchronous)
	switch {
	case err != nil:
		return err
	case readOnly == "on":
		return &OpenError{Reason: ErrReadOnly}
	case fsync == "off" || synchronous == "off":
		return &OpenError{Reason: ErrNotDurable, Err: fmt.Errorf("fsync is %s, synchronous_commit is %s", fsync, synchronous)}
	}
	tx, err := t.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, t.cfg.Lock); err != nil {
		return err
	}
	if err := t.migrate(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

// querier is what *sql.Conn and *sql.Tx share.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// migrate brings the tables to the newest version, in a transaction that excludes other
// migrations. It always writes, so that a read-only database fails here.
func (t *Tables) migrate(ctx context.Context, q querier) error {
	exists := func(name string) (ok bool, err error) {
		err = q.QueryRowContext(ctx, t.Text(`{exists}$1`), name).Scan(&ok)
		return ok, err
	}
	run := func(statements ...string) error {
		for _, s := range statements {
			if _, err := q.ExecContext(ctx, t.Text(s)); err != nil {
				return err
			}
		}
		return nil
	}
	versioned, err := exists(t.cfg.Table + "_schema")
	if err != nil {
		return err
	}
	version, newest := 0, len(t.cfg.Steps)
	if versioned {
		if err := q.QueryRowContext(ctx, t.Text(`SELECT version FROM {t}_schema`)).Scan(&version); err != nil {
			return &OpenError{Reason: ErrForeignSchema, Err: err}
		}
	} else if taken, err := exists(t.cfg.Table); err != nil {
		return err
	} else if taken {
		return &OpenError{Reason: ErrForeignSchema}
	} else if err := run(`CREATE TABLE {t}_schema (version INTEGER NOT NULL)`, `INSERT INTO {t}_schema (version) VALUES (0)`); err != nil {
		return err
	}
	if version > newest {
		return &OpenError{Reason: ErrNewerSchema, Err: fmt.Errorf("the tables have version %d, this program knows %d", version, newest)}
	}
	for _, step := range t.cfg.Steps[version:] {
		if err := run(step...); err != nil {
			return err
		}
	}
	_, err = q.ExecContext(ctx, t.Text(`UPDATE {t}_schema SET version = $1`), newest)
	return err
}

// Text translates a statement: {t} is the table, $1 a parameter, {text} a column type that
// compares by bytes, {bytes}, {serial} and {rowless} types and options of a table, {now}
// microseconds since 1970, {skiplocked} the clause that skips locked rows.
func (t *Tables) Text(statement string) string { return t.translate(statement) }

// OneWriter reports whether write transactions run one at a time, as on SQLite.
func (t *Tables) OneWriter() bool { return t.cfg.Dialect.d.oneWriter }

// WriteKind is what a write transaction is for.
type WriteKind uint8

// The kinds of writes.
const (
	WriteUrgent  WriteKind = iota // flushed to the disk, for a waiting sender: before others
	WriteDurable                  // flushed to the disk
	WriteRelaxed                  // survives the process, perhaps not a power cut
)

// Write runs fn in a transaction and commits it when fn returns nil. Where there is one
// writer, transactions run one after the other.
func (t *Tables) Write(ctx context.Context, kind WriteKind, fn func(*sql.Tx) error) error {
	return t.onConn(ctx, kind, func(conn *sql.Conn) error {
		var opts *sql.TxOptions
		if !t.OneWriter() {
			opts = &sql.TxOptions{Isolation: sql.LevelReadCommitted}
		}
		tx, err := conn.BeginTx(ctx, opts)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if err := fn(tx); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil || kind != WriteUrgent {
			return err
		}
		return t.checkNotMoved()
	})
}

// Exec is one durable statement. It returns the number of changed rows.
func (t *Tables) Exec(ctx context.Context, statement string, args ...any) (n int64, err error) {
	err = t.onConn(ctx, WriteDurable, func(conn *sql.Conn) error {
		res, err := conn.ExecContext(ctx, t.Text(statement), args...)
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	return n, err
}

// onConn runs fn with a connection that is set up for the kind of write.
func (t *Tables) onConn(ctx context.Context, kind WriteKind, fn func(*sql.Conn) error) error {
	if t.OneWriter() {
		if err := t.lock.take(ctx, kind == WriteUrgent); err != nil {
			return fmt.Errorf("waiting for another write: %w", err)
		}
		defer t.lock.release()
	}
	return t.withConn(ctx, func(ctx context.Context, conn *sql.Conn) error {
		if t.OneWriter() && kind == WriteRelaxed {
			restore, err := t.relaxSync(ctx, conn)
			if err != nil {
				return err
			}
			defer restore()
		} else if t.OneWriter() {
			if err := t.ensureFullSync(ctx, conn); err != nil {
				return err
			}
		}
		return fn(conn)
	})
}

// Collect reads all rows of a query; rows and queryErr are the query's results.
func Collect[T any](rows *sql.Rows, queryErr error, read func(*sql.Rows) (T, error)) (out []T, err error) {
	if queryErr != nil {
		return nil, queryErr
	}
	defer rows.Close()
	for rows.Next() {
		v, err := read(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}
