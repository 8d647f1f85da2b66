package inbox

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// sqliteEngine works row by row: a prepared statement costs no round trip here.
type sqliteEngine struct{ *sqlStore }

const (
	// Without RETURNING, which makes SQLite keep a journal of each statement.
	sqlInsert = `INSERT INTO {t} (feed, key, slot, grp, changed_at, received_at, raw, problem, state, settled_at, amended)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CASE $9 WHEN 0 THEN NULL ELSE {now} END,
			EXISTS (SELECT 1 FROM {t} AS o WHERE o.slot = $3 AND o.feed = $1))
		ON CONFLICT (key, feed) DO NOTHING`

	sqlAmended = `SELECT amended FROM {t} WHERE id = $1`

	sqlHead = `UPDATE {t} SET attempts = attempts + 1, late = changed_at < $1 WHERE id = (
			SELECT id FROM {t} WHERE feed = $2 AND grp = $3 AND state = 0 ORDER BY changed_at, id LIMIT 1)
		RETURNING ` + itemColumns

	sqlHandled = `UPDATE {t} SET state = 1, settled_at = {now} WHERE id = $1 RETURNING changed_at`

	sqlNewest = `UPDATE {t}_groups SET newest = $1 WHERE feed = $2 AND grp = $3 AND newest < $1`

	sqlRenew = `UPDATE {t}_groups SET due_at = {now} + $1
		WHERE fence = $2 AND (feed, grp) = (SELECT feed, grp FROM {t} WHERE id = $3 AND state = 0) RETURNING fence`
)

func (e *sqliteEngine) prepare() []string {
	return []string{
		sqlInsert, sqlAmended, sqlEnter, sqlClaimGroups, sqlHead, sqlTake, sqlHandled, sqlNewest, sqlWake,
	}
}

func (e *sqliteEngine) put(ctx context.Context, tx *sql.Tx, records []callbacks.Record) ([]callbacks.Outcome, error) {
	outcomes := make([]callbacks.Outcome, len(records))
	for i, r := range records {
		row := toRow(r)
		id, err := e.insert(ctx, tx, row)
		amended := false
		if err == nil && id != 0 && row.slot != nil {
			err = e.queryRow(ctx, tx, sqlAmended, id).Scan(&amended)
		}
		outcomes[i] = outcome(r, id != 0, amended)
		if err == nil && id != 0 && row.group != nil {
			_, err = e.exec(ctx, tx, sqlEnter, row.feed, row.group)
		}
		if err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}

// insert returns the new row's id, or 0 when its key is known.
func (e *sqliteEngine) insert(ctx context.Context, tx *sql.Tx, r row) (int64, error) {
	res, err := e.exec(ctx, tx, sqlInsert, r.values()...)
	if err != nil {
		return 0, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return 0, err
	}
	return res.LastInsertId()
}

func (e *sqliteEngine) heads(ctx context.Context, tx *sql.Tx, feed string, groups []claimedGroup) ([]Item, error) {
	items := make([]Item, 0, len(groups))
	for _, g := range groups {
		item, err := scanItem(e.queryRow(ctx, tx, sqlHead, g.newest, feed, g.name))
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		item.Lease.Fence = g.fence
		items = append(items, item)
	}
	return items, nil
}

func (e *sqliteEngine) take(ctx context.Context, tx *sql.Tx, leases []Lease) ([]taken, error) {
	got := make([]taken, 0, len(leases))
	for _, l := range leases {
		feed, group, err := e.takeOne(ctx, tx, l)
		if err == nil {
			got = append(got, taken{lease: l, feed: feed, group: group})
		} else if !errors.Is(err, ErrLeaseLost) {
			return nil, err
		}
	}
	return got, nil
}

func (e *sqliteEngine) finish(ctx context.Context, tx *sql.Tx, done []taken) error {
	for _, t := range done {
		var changed string
		err := e.queryRow(ctx, tx, sqlHandled, t.lease.ID).Scan(&changed)
		if err == nil {
			_, err = e.exec(ctx, tx, sqlNewest, changed, t.feed, t.group)
		}
		if err == nil {
			_, err = e.exec(ctx, tx, sqlWake, t.feed, t.group)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *sqliteEngine) renew(ctx context.Context, tx *sql.Tx, lease time.Duration, leases []Lease) (held []Lease, err error) {
	for _, l := range leases {
		err := e.queryRow(ctx, tx, sqlRenew, lease.Microseconds(), l.Fence, l.ID).Scan(new(int64))
		if err == nil {
			held = append(held, l)
		} else if !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	return held, nil
}
