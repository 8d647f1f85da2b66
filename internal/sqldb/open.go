package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Tables are those of one store, and what there is to know for opening them.
type Tables struct {
	DB      *sql.DB
	Dialect *Dialect
	Name    string        // of the first; the others have a suffix
	Steps   [][]string    // for each version, the statements that lead to it from the one before; a published step never changes
	Lock    int64         // tells this kind of tables from others in PostgreSQL's advisory locks
	Busy    time.Duration // that SQLite waits for another's write, unless whoever opened the database chose a time
	Wait    time.Duration // that Open may take, once the file is checked
	Reasons Reasons

	place *place // set by Open; nil when there is none to watch
}

// Open checks that the database keeps what it acknowledges and brings the tables up to
// date. Rehearse then runs the store's statements on nothing, so that tables that are not
// what they say they are show it now. Looking for damage in the file of SQLite takes as
// long as the file is big.
func (t *Tables) Open(ctx context.Context, checkFile bool, rehearse func(context.Context) error) *Refusal {
	if t.Dialect.OneWriter && checkFile {
		if err := t.checkFile(ctx); err != nil {
			return t.refusal(err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, t.Wait)
	defer cancel()
	open := t.openPostgres
	if t.Dialect.OneWriter {
		open = t.openSQLite
	}
	err := open(ctx)
	if err == nil {
		err = rehearse(ctx)
	}
	return t.refusal(err)
}

// checkFile reads the whole file once.
func (t *Tables) checkFile(ctx context.Context) error {
	conn, err := t.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := t.waitWhenBusy(ctx, conn); err != nil {
		return err
	}
	var verdict string
	err = conn.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict)
	if err == nil && verdict != "ok" {
		return &Refusal{t.Reasons[Corrupt], errors.New(verdict)}
	}
	return err
}

func (t *Tables) openSQLite(ctx context.Context) (err error) {
	conn, err := t.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := t.waitWhenBusy(ctx, conn); err != nil {
		return err
	}
	if err := t.useWAL(ctx, conn); err != nil {
		return err
	}
	if err := t.Durable(ctx, conn); err != nil {
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
	if err := t.migrate(ctx, conn); err != nil {
		return err
	}
	if _, err = conn.ExecContext(ctx, `COMMIT`); err != nil {
		return err
	}
	return t.findPlace(ctx, conn)
}

func (t *Tables) openPostgres(ctx context.Context) error {
	var readOnly, fsync, synchronous string
	err := t.DB.QueryRowContext(ctx, `SELECT current_setting('transaction_read_only'), current_setting('fsync'),
		current_setting('synchronous_commit')`).Scan(&readOnly, &fsync, &synchronous)
	switch {
	case err != nil:
		return err
	case readOnly == "on":
		return &Refusal{Reason: t.Reasons[ReadOnly]}
	case fsync == "off" || synchronous == "off":
		return &Refusal{t.Reasons[NotDurable], fmt.Errorf("fsync is %s, synchronous_commit is %s", fsync, synchronous)}
	}
	tx, err := t.DB.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, t.Lock); err != nil {
		return err
	}
	if err := t.migrate(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}
