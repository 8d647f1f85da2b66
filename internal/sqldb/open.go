package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// OpenTimeout bounds how long Prepare waits for a database that somebody else holds.
const OpenTimeout = 10 * time.Second

// Prepare checks that the database keeps what it acknowledges and brings the tables up to
// date. Lock is a number that tells this kind of tables from others when PostgreSQL is
// migrated by several at once.
func Prepare(ctx context.Context, db *sql.DB, d *Dialect, table string, steps [][]string, lock int64) error {
	ctx, cancel := context.WithTimeout(ctx, OpenTimeout)
	defer cancel()
	if d.OneWriter {
		return prepareSQLite(ctx, db, d, table, steps)
	}
	return preparePostgres(ctx, db, d, table, steps, lock)
}

func prepareSQLite(ctx context.Context, db *sql.DB, d *Dialect, table string, steps [][]string) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := useWAL(ctx, conn); err != nil {
		return err
	}
	if err := Durable(ctx, conn); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		}
	}()
	if err := Migrate(ctx, conn, d.Texts(table), table, steps); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `COMMIT`)
	return err
}

// useWAL waits out others who are just opening the file: changing the mode does not wait
// by itself.
func useWAL(ctx context.Context, conn *sql.Conn) error {
	for pause := time.Millisecond; ; pause *= 2 {
		var mode string
		err := conn.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode)
		if err == nil && mode == "wal" {
			return nil
		}
		if err == nil {
			return fmt.Errorf("%w: journal mode stays %q", ErrNotDurable, mode)
		}
		if !strings.Contains(err.Error(), "locked") || pause > time.Second {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

const (
	busyTimeout = 5 * time.Second
	syncFull    = 2 // PRAGMA synchronous: each commit reaches the disk
)

// Durable makes a connection to SQLite wait for other writers and flush each commit. The
// settings belong to a connection, and whoever opened the database may have chosen less, so
// it is called before each write; when nothing is to be changed that costs microseconds.
func Durable(ctx context.Context, conn *sql.Conn) error {
	var wait, level int64
	if err := conn.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&wait); err != nil {
		return err
	}
	if wait == 0 {
		if _, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, busyTimeout.Milliseconds())); err != nil {
			return err
		}
	}
	for range 2 {
		if err := conn.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&level); err != nil || level >= syncFull {
			return err
		}
		if _, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA synchronous = %d`, syncFull)); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: synchronous stays at %d", ErrNotDurable, level)
}

func preparePostgres(ctx context.Context, db *sql.DB, d *Dialect, table string, steps [][]string, lock int64) error {
	var readOnly, fsync, synchronous string
	err := db.QueryRowContext(ctx, `SELECT current_setting('transaction_read_only'), current_setting('fsync'),
		current_setting('synchronous_commit')`).Scan(&readOnly, &fsync, &synchronous)
	switch {
	case err != nil:
		return err
	case readOnly == "on":
		return ErrReadOnly
	case fsync == "off" || synchronous == "off":
		return fmt.Errorf("%w: fsync is %s, synchronous_commit is %s", ErrNotDurable, fsync, synchronous)
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, lock); err != nil {
		return err
	}
	if err := Migrate(ctx, tx, d.Texts(table), table, steps); err != nil {
		return err
	}
	return tx.Commit()
}
