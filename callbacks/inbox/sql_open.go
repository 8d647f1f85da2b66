package inbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lockerline/lockerline-go/sqlstore"
)

// openStore checks the database, brings its tables up to date and returns the store.
func openStore(ctx context.Context, db *sql.DB, d sqlstore.Dialect, table string) (*sqlStore, error) {
	s := &sqlStore{db: db, stmts: make(map[string]*sql.Stmt)}
	s.engine = &postgresEngine{s}
	if d == sqlstore.SQLite {
		s.engine = &sqliteEngine{s}
	}
	_, err := sqlstore.Open(ctx, db, sqlstore.Config{
		Dialect: d, Table: table, Steps: schema, Lock: pgMigrating,
		BusyTimeout: time.Second, OpenTimeout: 5 * time.Second,
		Verify: func(ctx context.Context, t *sqlstore.Tables) error {
			s.tables = t
			return s.verifySchema(ctx)
		},
	})
	if err != nil {
		s.close()
		return nil, fmt.Errorf("inbox: %w", err)
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

// verifySchema prepares statements and runs each kind of them on no rows, so that tables of
// another making fail now.
func (s *sqlStore) verifySchema(ctx context.Context) error {
	for _, t := range s.engine.prepare() {
		stmt, err := s.db.PrepareContext(ctx, s.text(t))
		if err != nil {
			return &sqlstore.OpenError{Reason: sqlstore.ErrForeignSchema, Err: err}
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
