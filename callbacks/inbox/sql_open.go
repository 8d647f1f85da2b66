package inbox

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lockerline/lockerline-go/internal/sqldb"
)

// openStore checks the database, brings its tables up to date and returns the store.
func openStore(ctx context.Context, db *sql.DB, d *sqldb.Dialect, table string, checkFile bool) (*sqlStore, error) {
	s := &sqlStore{db: db, d: d, text: d.Texts(table), stmts: make(map[string]*sql.Stmt), tables: &sqldb.Tables{
		DB: db, Dialect: d, Name: table, Steps: schema, Lock: pgMigrating,
		Busy: time.Second, Wait: 5 * time.Second, Reasons: reasons,
	}}
	s.engine = &postgresEngine{s}
	if d.OneWriter {
		s.engine = &sqliteEngine{s}
	}
	if r := s.tables.Open(ctx, checkFile, s.rehearse); r != nil {
		s.close()
		return nil, &OpenError{Dialect: d.Name, Reason: r.Reason, Err: r.Err}
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
			return &sqldb.Refusal{Reason: ErrForeignSchema, Err: err}
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
