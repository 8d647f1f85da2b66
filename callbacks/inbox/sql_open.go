package inbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lockerline/lockerline-go/internal/sqldb"
)

// openTimeout bounds how long Open waits for a database that somebody else holds, when the
// caller's context does not end earlier.
const openTimeout = 5 * time.Second

// openStore checks the database, brings its tables up to date and returns the store.
func openStore(ctx context.Context, db *sql.DB, d *sqldb.Dialect, table string, checkFile bool) (*sqlStore, error) {
	s := &sqlStore{db: db, d: d, text: d.Texts(table), table: table, stmts: make(map[string]*sql.Stmt)}
	s.engine = &postgresEngine{s}
	if d.OneWriter {
		s.engine = &sqliteEngine{s}
	}
	var err error
	if d.OneWriter && checkFile {
		err = s.checkFile(ctx) // takes as long as the file is big
	}
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	if err == nil && d.OneWriter {
		err = s.openSQLite(ctx)
	} else if err == nil {
		err = s.openPostgres(ctx)
	}
	if err == nil {
		err = s.rehearse(ctx)
	}
	if err != nil {
		s.close()
		return nil, openError(d.Name, err)
	}
	return s, nil
}

// sqlAnyGroup costs nothing however many groups there are; counting them would.
const sqlAnyGroup = `SELECT 1 FROM {t}_groups
	WHERE feed = '' AND grp = '' AND (newest = '' OR due_at = 0 OR fence = 0 OR held = 0 OR settled_at = 0)`

func ignoreNoRows(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// rehearse prepares what is worth it and runs each kind of statement on nothing, so that
// tables that are not what they say they are show it now.
func (s *sqlStore) rehearse(ctx context.Context) error {
	for _, t := range s.engine.prepare() {
		stmt, err := s.db.PrepareContext(ctx, s.text(t))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrForeignSchema, err)
		}
		s.stmts[t] = stmt
	}
	_, err := s.List(ctx, Filter{Limit: 1})
	if err == nil {
		err = ignoreNoRows(s.db.QueryRowContext(ctx, s.text(sqlAnyGroup)).Scan(new(int)))
	}
	if err == nil {
		_, err = s.Put(ctx, nil)
	}
	if err == nil {
		_, err = s.Done(ctx)
	}
	return err
}

func (s *sqlStore) close() {
	for _, st := range s.stmts {
		st.Close()
	}
}

func (s *sqlStore) openSQLite(ctx context.Context) (err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := waitWhenBusy(ctx, conn); err != nil {
		return err
	}
	if err := useWAL(ctx, conn); err != nil {
		return err
	}
	if err := makeDurable(ctx, conn); err != nil {
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
	if err := migrate(ctx, conn, s.text, s.table); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `COMMIT`)
	return err
}

// checkFile reads the whole file once for damage.
func (s *sqlStore) checkFile(ctx context.Context) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := waitWhenBusy(ctx, conn); err != nil {
		return err
	}
	var verdict string
	if err := conn.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrCorrupt, oneLine(verdict))
	}
	return nil
}

// useWAL waits out other processes that are just opening the file: changing the mode does
// not wait by itself.
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
		if reasonOf(err) != ErrLocked || pause > busyTimeout {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

func (s *sqlStore) openPostgres(ctx context.Context) error {
	var readOnly, fsync, synchronous string
	err := s.db.QueryRowContext(ctx, `SELECT current_setting('transaction_read_only'), current_setting('fsync'),
		current_setting('synchronous_commit')`).Scan(&readOnly, &fsync, &synchronous)
	switch {
	case err != nil:
		return err
	case readOnly == "on":
		return ErrReadOnly
	case fsync == "off" || synchronous == "off":
		return fmt.Errorf("%w: fsync is %s, synchronous_commit is %s", ErrNotDurable, fsync, synchronous)
	}
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, pgOneAtATime, pgMigrating); err != nil {
		return err
	}
	if err := migrate(ctx, tx, s.text, s.table); err != nil {
		return err
	}
	return tx.Commit()
}

// openError is err with the reason it stands for.
func openError(dialect string, err error) error {
	reason := reasonOf(err)
	if reason == nil && errors.Is(err, context.DeadlineExceeded) {
		reason = ErrLocked
	}
	if reason == err {
		err = nil
	}
	return &OpenError{Dialect: dialect, Reason: reason, Err: err}
}
