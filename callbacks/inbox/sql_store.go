package inbox

import (
	"context"
	"database/sql"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// sqlStore is the Store on database/sql. What both databases do alike stands here; what
// they do best in their own way is the engine.
type sqlStore struct {
	db     *sql.DB
	engine engine
	tables *sqlstore.Tables
	stmts  map[string]*sql.Stmt // prepared, by text as written here
}

// engine is the part of the store that is worth writing for each database. All of it runs
// within one transaction of sqlStore.write.
type engine interface {
	// put inserts checked records.
	put(ctx context.Context, tx *sql.Tx, records []callbacks.Record) ([]callbacks.Outcome, error)
	// heads counts a try for the head of each claimed group and returns it.
	heads(ctx context.Context, tx *sql.Tx, feed string, groups []claimedGroup) ([]Item, error)
	// take ends the leases that still hold and returns whose they were. Its first
	// statement writes, and it locks in the order of groups.
	take(ctx context.Context, tx *sql.Tx, leases []Lease) ([]taken, error)
	// finish marks what was taken as handled.
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
	if err := s.tables.Write(ctx, kind, fn); err != nil {
		return storeError(op, err)
	}
	return nil
}

func (s *sqlStore) text(statement string) string { return s.tables.Text(statement) }

// query is a statement in tx, prepared when it was worth it.
func (s *sqlStore) query(ctx context.Context, tx *sql.Tx, text string, args ...any) (*sql.Rows, error) {
	if st := s.stmts[text]; st != nil {
		return tx.StmtContext(ctx, st).QueryContext(ctx, args...)
	}
	return tx.QueryContext(ctx, s.text(text), args...)
}

func (s *sqlStore) exec(ctx context.Context, tx *sql.Tx, text string, args ...any) (int64, error) {
	var res sql.Result
	var err error
	if st := s.stmts[text]; st != nil {
		res, err = tx.StmtContext(ctx, st).ExecContext(ctx, args...)
	} else {
		res, err = tx.ExecContext(ctx, s.text(text), args...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
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
	if err != nil {
		return nil, err
	}
	return out, nil
}

const (
	sqlAnyDue = `SELECT count(*) FROM (SELECT 1 FROM {t}_groups WHERE feed = $1 AND due_at <= {now} LIMIT 1) AS due`

	sqlClaimGroups = `WITH due AS (
		SELECT feed, grp FROM {t}_groups WHERE feed = $1 AND due_at <= {now} ORDER BY due_at LIMIT $2{skiplocked})
		UPDATE {t}_groups SET due_at = {now} + $3, fence = fence + 1 FROM due
		WHERE {t}_groups.feed = due.feed AND {t}_groups.grp = due.grp
		RETURNING {t}_groups.grp, {t}_groups.newest, {t}_groups.fence`

	// A group that was woken by a callback it had already, or whose rows somebody
	// deleted, goes back to sleep.
	sqlSleep = `UPDATE {t}_groups SET due_at = NULL WHERE feed = $1 AND grp = $2`
)

// Claim implements Store.
func (s *sqlStore) Claim(ctx context.Context, feed string, n int, lease time.Duration) (items []Item, err error) {
	// A look without the write lock: most claims of an idle inbox end here.
	var due int
	if err := s.db.QueryRowContext(ctx, s.text(sqlAnyDue), feed).Scan(&due); err != nil {
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
		if len(items) == len(groups) {
			return nil
		}
		full := make(map[string]bool, len(items))
		for _, item := range items {
			full[storedGroup(item.Group)] = true
		}
		for _, g := range groups {
			if !full[g.name] {
				if _, err := s.exec(ctx, tx, sqlSleep, feed, g.name); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return items, nil
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

// without is the leases that are not among held.
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
