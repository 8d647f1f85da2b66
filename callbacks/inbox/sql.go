package inbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// sqlStore is the Store on database/sql. Here is what both databases do alike; the engine is
// what differs.
type sqlStore struct {
	db     *sql.DB
	engine engine
	tables *sqlstore.Tables
	stmts  map[string]*sql.Stmt // prepared, by text as written here
}

// engine is the part of the store that is written for each database. Each method runs within
// one transaction of sqlStore.write.
type engine interface {
	// put inserts checked records.
	put(ctx context.Context, tx *sql.Tx, records []callbacks.Record) ([]callbacks.Outcome, error)
	// heads counts a try for the head of each claimed group and returns it.
	heads(ctx context.Context, tx *sql.Tx, feed string, groups []claimedGroup) ([]Item, error)
	// take ends the leases that still hold and returns their callbacks. Its first
	// statement writes, and it locks in the order of groups.
	take(ctx context.Context, tx *sql.Tx, leases []Lease) ([]taken, error)
	// finish marks the taken callbacks as handled.
	finish(ctx context.Context, tx *sql.Tx, done []taken) error
	// renew makes the leases that still hold last, and returns them.
	renew(ctx context.Context, tx *sql.Tx, lease time.Duration, leases []Lease) ([]Lease, error)
	// prepare lists the statements worth preparing.
	prepare() []string
}

type claimedGroup struct {
	name, newest string
	fence        int64
}

// taken is a callback whose lease was ended by its holder.
type taken struct {
	lease               Lease
	feed, group, change string
}

var _ TxStore = (*sqlStore)(nil)

// write runs fn in a transaction.
func (s *sqlStore) write(ctx context.Context, op string, kind sqlstore.WriteKind, fn func(tx *sql.Tx) error) error {
	return storeError(op, s.tables.Write(ctx, kind, fn))
}

// query runs a statement in tx, the prepared one where there is one; so do queryRow and exec.
func (s *sqlStore) query(ctx context.Context, tx *sql.Tx, text string, args ...any) (*sql.Rows, error) {
	if st := s.stmts[text]; st != nil {
		return tx.StmtContext(ctx, st).QueryContext(ctx, args...)
	}
	return tx.QueryContext(ctx, s.tables.Text(text), args...)
}

func (s *sqlStore) queryRow(ctx context.Context, tx *sql.Tx, text string, args ...any) *sql.Row {
	if st := s.stmts[text]; st != nil {
		return tx.StmtContext(ctx, st).QueryRowContext(ctx, args...)
	}
	return tx.QueryRowContext(ctx, s.tables.Text(text), args...)
}

func (s *sqlStore) exec(ctx context.Context, tx *sql.Tx, text string, args ...any) (sql.Result, error) {
	if st := s.stmts[text]; st != nil {
		return tx.StmtContext(ctx, st).ExecContext(ctx, args...)
	}
	return tx.ExecContext(ctx, s.tables.Text(text), args...)
}

// Put implements Store.
func (s *sqlStore) Put(ctx context.Context, records []callbacks.Record) (out []callbacks.Outcome, err error) {
	if err := checkRecords(records); err != nil {
		return nil, storeError("put", err)
	}
	err = s.write(ctx, "put", sqlstore.WriteUrgent, func(tx *sql.Tx) error {
		out, err = s.engine.put(ctx, tx, records)
		return err
	})
	return out, err
}

const (
	sqlEnter = `INSERT INTO {t}_groups (feed, grp, due_at) VALUES ($1, $2, {now})
		ON CONFLICT (feed, grp) DO UPDATE SET due_at = excluded.due_at
		WHERE {t}_groups.due_at IS NULL AND {t}_groups.held = 0`

	sqlAnyDue = `SELECT count(*) FROM (SELECT 1 FROM {t}_groups WHERE feed = $1 AND due_at <= {now} LIMIT 1) AS due`

	sqlClaimGroups = `WITH due AS (
		SELECT feed, grp FROM {t}_groups WHERE feed = $1 AND due_at <= {now} ORDER BY due_at LIMIT $2{skiplocked})
		UPDATE {t}_groups SET due_at = {now} + $3, fence = fence + 1 FROM due
		WHERE {t}_groups.feed = due.feed AND {t}_groups.grp = due.grp
		RETURNING {t}_groups.grp, {t}_groups.newest, {t}_groups.fence`

	// A group without a waiting callback sleeps: a duplicate woke it, or its rows were
	// deleted by hand.
	sqlSleep = `UPDATE {t}_groups SET due_at = NULL WHERE feed = $1 AND grp = $2`
)

// Claim implements Store.
func (s *sqlStore) Claim(ctx context.Context, feed string, n int, lease time.Duration) (items []Item, err error) {
	// Read without the write lock: most claims of an idle inbox end here.
	var due int
	if err := s.db.QueryRowContext(ctx, s.tables.Text(sqlAnyDue), feed).Scan(&due); err != nil {
		return nil, storeError("claim", err)
	}
	if due == 0 || n <= 0 {
		return nil, nil
	}
	err = s.write(ctx, "claim", sqlstore.WriteRelaxed, func(tx *sql.Tx) error {
		rows, err := s.query(ctx, tx, sqlClaimGroups, feed, n, lease.Microseconds())
		groups, err := sqlstore.Collect(rows, err, func(rows *sql.Rows) (g claimedGroup, err error) {
			err = rows.Scan(&g.name, &g.newest, &g.fence)
			return g, err
		})
		if err != nil || len(groups) == 0 {
			return err
		}
		if items, err = s.engine.heads(ctx, tx, feed, groups); err != nil {
			return err
		}
		for _, g := range groups {
			if len(items) == len(groups) || slices.ContainsFunc(items, func(i Item) bool { return storedGroup(i.Group) == g.name }) {
				continue
			}
			if _, err := s.exec(ctx, tx, sqlSleep, feed, g.name); err != nil {
				return err
			}
		}
		return nil
	})
	return items, err
}

// Renew implements Store.
func (s *sqlStore) Renew(ctx context.Context, lease time.Duration, leases ...Lease) (lost []Lease, err error) {
	var held []Lease
	err = s.write(ctx, "renew", sqlstore.WriteRelaxed, func(tx *sql.Tx) error {
		held, err = s.engine.renew(ctx, tx, lease, leases)
		return err
	})
	if err != nil {
		return nil, err
	}
	return without(leases, held), nil
}

// without returns the leases that are not among held.
func without(leases, held []Lease) (rest []Lease) {
	have := make(map[Lease]bool, len(held))
	for _, l := range held {
		have[l] = true
	}
	for _, l := range leases {
		if !have[l] {
			rest = append(rest, l)
		}
	}
	return rest
}

// Done implements Store.
func (s *sqlStore) Done(ctx context.Context, leases ...Lease) ([]Lease, error) {
	var held []Lease
	err := s.write(ctx, "done", sqlstore.WriteDurable, func(tx *sql.Tx) error {
		got, err := s.engine.take(ctx, tx, leases)
		if err != nil {
			return err
		}
		for _, t := range got {
			held = append(held, t.lease)
		}
		return s.engine.finish(ctx, tx, got)
	})
	if err != nil {
		return nil, err
	}
	return without(leases, held), nil
}

// DoneTx implements TxStore. With one writer the lease ends first, which also makes the
// transaction the writer, so that the handler never meets a stale snapshot; elsewhere last,
// so that the group's row is not locked while the handler works.
func (s *sqlStore) DoneTx(ctx context.Context, l Lease, fn func(*sql.Tx) error) error {
	var failed error
	err := s.tables.Write(ctx, sqlstore.WriteDurable, func(tx *sql.Tx) error {
		if !s.tables.OneWriter() {
			if failed = fn(tx); failed != nil {
				return failed
			}
		}
		got, err := s.engine.take(ctx, tx, []Lease{l})
		if err != nil {
			return err
		}
		if len(got) == 0 {
			return ErrLeaseLost
		}
		if s.tables.OneWriter() {
			if failed = fn(tx); failed != nil {
				return failed
			}
		}
		return s.engine.finish(ctx, tx, got)
	})
	if failed != nil {
		return failed
	}
	return storeError("done", err)
}

const (
	sqlTake = `UPDATE {t}_groups SET fence = fence + 1
		WHERE fence = $1 AND (feed, grp) = (SELECT feed, grp FROM {t} WHERE id = $2 AND state = 0)
		RETURNING feed, grp`

	sqlRetry = `UPDATE {t} SET last_error = $1 WHERE id = $2`

	sqlUntried = `UPDATE {t} SET attempts = attempts - 1 WHERE id = $1`

	sqlPause = `UPDATE {t}_groups SET due_at = {now} + $1 WHERE feed = $2 AND grp = $3`

	sqlDead = `UPDATE {t} SET state = 2, last_error = $1, settled_at = {now} WHERE id = $2`

	sqlHold = `UPDATE {t}_groups SET due_at = NULL, held = 1 WHERE feed = $1 AND grp = $2`

	// A group without a waiting callback sleeps until the next callback wakes it.
	sqlWake = `UPDATE {t}_groups SET settled_at = {now}, due_at = CASE WHEN held = 0 AND EXISTS (
			SELECT 1 FROM {t} AS w WHERE w.feed = $1 AND w.grp = $2 AND w.state = 0) THEN {now} END
		WHERE feed = $1 AND grp = $2`
)

// Retry implements Store.
func (s *sqlStore) Retry(ctx context.Context, l Lease, pause time.Duration, reason string) error {
	return s.write(ctx, "retry", sqlstore.WriteDurable, func(tx *sql.Tx) error {
		feed, group, err := s.takeOne(ctx, tx, l)
		if err != nil {
			return err
		}
		if reason == "" {
			_, err = s.exec(ctx, tx, sqlUntried, l.ID)
		} else {
			_, err = s.exec(ctx, tx, sqlRetry, sqlstore.OneLine(reason), l.ID)
		}
		if err == nil {
			_, err = s.exec(ctx, tx, sqlPause, pause.Microseconds(), feed, group)
		}
		return err
	})
}

// Dead implements Store.
func (s *sqlStore) Dead(ctx context.Context, l Lease, reason string, hold bool) error {
	return s.write(ctx, "dead letter", sqlstore.WriteDurable, func(tx *sql.Tx) error {
		feed, group, err := s.takeOne(ctx, tx, l)
		if err != nil {
			return err
		}
		if _, err := s.exec(ctx, tx, sqlDead, sqlstore.OneLine(reason), l.ID); err != nil {
			return err
		}
		after := sqlWake
		if hold {
			after = sqlHold
		}
		_, err = s.exec(ctx, tx, after, feed, group)
		return err
	})
}

// takeOne ends a single lease.
func (s *sqlStore) takeOne(ctx context.Context, tx *sql.Tx, l Lease) (feed, group string, err error) {
	err = s.queryRow(ctx, tx, sqlTake, l.Fence, l.ID).Scan(&feed, &group)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrLeaseLost
	}
	return feed, group, err
}

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

// sqlAnyGroup names each column and finds no row, so its cost does not grow with the groups.
const sqlAnyGroup = `SELECT count(*) FROM {t}_groups
	WHERE feed = '' AND grp = '' AND (newest = '' OR due_at = 0 OR fence = 0 OR held = 0 OR settled_at = 0)`

// verifySchema prepares statements and runs each kind of them on no rows, so that tables
// with other columns or indexes fail now.
func (s *sqlStore) verifySchema(ctx context.Context) error {
	for _, t := range s.engine.prepare() {
		stmt, err := s.db.PrepareContext(ctx, s.tables.Text(t))
		if err != nil {
			return &sqlstore.OpenError{Reason: sqlstore.ErrForeignSchema, Err: err}
		}
		s.stmts[t] = stmt
	}
	_, err := s.List(ctx, Filter{Limit: 1})
	if err == nil {
		err = s.db.QueryRowContext(ctx, s.tables.Text(sqlAnyGroup)).Scan(new(int))
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
