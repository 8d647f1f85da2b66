package inbox

import (
	"context"
	"database/sql"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// postgresEngine works on whole batches, since each statement costs a round trip. Arrays
// travel as text, which every driver can send.
//
// Each transaction locks groups in ascending order, and groups before rows, so that no two
// transactions wait for each other.
type postgresEngine struct{ *sqlStore }

const (
	// The update locks the group even when it changes nothing, so that no other
	// transaction puts a group to sleep whose new row it cannot see yet.
	pgEnter = `INSERT INTO {t}_groups (feed, grp, due_at)
		SELECT feed, grp, {now} FROM unnest($1::text::text[], $2::text::text[]) AS n (feed, grp)
		ON CONFLICT (feed, grp) DO UPDATE SET due_at = excluded.due_at
		WHERE {t}_groups.due_at IS NULL AND {t}_groups.held = 0`

	pgInsert = `INSERT INTO {t} (feed, key, slot, grp, changed_at, received_at, raw, problem, state, amended, settled_at)
		SELECT n.feed, n.key, n.slot, n.grp, n.changed_at, n.received_at, n.raw, n.problem, n.state,
			CASE WHEN n.amended = 1 OR EXISTS (SELECT 1 FROM {t} AS o WHERE o.slot = n.slot AND o.feed = n.feed) THEN 1 ELSE 0 END,
			CASE n.state WHEN 0 THEN NULL ELSE {now} END
		FROM unnest($1::text::text[], $2::text::bytea[], $3::text::bytea[], $4::text::text[], $5::text::text[],
			$6::text::bigint[], $7::text::bytea[], $8::text::text[], $9::text::smallint[], $10::text::smallint[])
			AS n (feed, key, slot, grp, changed_at, received_at, raw, problem, state, amended)
		ON CONFLICT (key, feed) DO NOTHING RETURNING feed, key, amended`

	pgHeads = `WITH head AS (
			SELECT h.id, n.newest, n.fence
			FROM unnest($2::text::text[], $3::text::text[], $4::text::bigint[]) AS n (grp, newest, fence)
			CROSS JOIN LATERAL (SELECT id FROM {t} AS w WHERE w.feed = $1 AND w.grp = n.grp AND w.state = 0
				ORDER BY w.changed_at, w.id LIMIT 1) AS h)
		UPDATE {t} AS r SET attempts = attempts + 1, late = CASE WHEN changed_at < head.newest THEN 1 ELSE 0 END
		FROM head WHERE r.id = head.id RETURNING feed, key, slot, grp, changed_at, received_at, raw, problem,
			r.id, attempts, late, amended, head.fence`

	pgLocked = `WITH mine AS MATERIALIZED (
			SELECT g.feed, g.grp, r.id, g.fence, r.changed_at
			FROM unnest($1::text::bigint[], $2::text::bigint[]) AS l (id, fence)
			JOIN {t} AS r ON r.id = l.id AND r.state = 0
			JOIN {t}_groups AS g ON g.feed = r.feed AND g.grp = r.grp AND g.fence = l.fence
			ORDER BY g.feed, g.grp FOR UPDATE OF g)
		UPDATE {t}_groups AS g SET `

	pgTake = pgLocked + `fence = g.fence + 1 FROM mine
		WHERE g.feed = mine.feed AND g.grp = mine.grp RETURNING mine.id, mine.fence, g.feed, g.grp, mine.changed_at`

	pgRenew = pgLocked + `due_at = {now} + $3 FROM mine
		WHERE g.feed = mine.feed AND g.grp = mine.grp RETURNING mine.id, mine.fence`

	pgHandled = `UPDATE {t} SET state = 1, settled_at = {now} WHERE id = ANY ($1::text::bigint[])`

	pgWake = `UPDATE {t}_groups AS g SET newest = GREATEST(g.newest, n.changed_at), settled_at = {now},
			due_at = CASE WHEN g.held = 0 AND EXISTS (
				SELECT 1 FROM {t} AS w WHERE w.feed = g.feed AND w.grp = g.grp AND w.state = 0) THEN {now} END
		FROM unnest($1::text::text[], $2::text::text[], $3::text::text[]) AS n (feed, grp, changed_at)
		WHERE g.feed = n.feed AND g.grp = n.grp`
)

// Advisory locks, shared by all inboxes of a database.
const (
	pgOneAtATime   = `SELECT pg_advisory_xact_lock($1)`
	pgMigrating    = 7305801
	pgQuarantining = 7305802
)

// prepare leaves the statements to the driver: a pool in front of the server may not
// keep a connection's prepared ones.
func (e *postgresEngine) prepare() []string { return nil }

func (e *postgresEngine) put(ctx context.Context, tx *sql.Tx, records []callbacks.Record) ([]callbacks.Outcome, error) {
	b := newPgBatch(records)
	if b.ungrouped {
		if _, err := e.exec(ctx, tx, pgOneAtATime, pgQuarantining); err != nil {
			return nil, err
		}
	}
	if len(b.groups) > 0 {
		if _, err := e.exec(ctx, tx, pgEnter, array(b.groups, func(g groupKey) any { return g.feed }),
			array(b.groups, func(g groupKey) any { return g.group })); err != nil {
			return nil, err
		}
	}
	var columns []any
	for i := range 10 {
		columns = append(columns, array(b.rows, func(row []any) any { return row[i] }))
	}
	rows, err := e.query(ctx, tx, pgInsert, columns...)
	_, err = sqlstore.Collect(rows, err, func(rows *sql.Rows) (_ struct{}, err error) {
		var id pgKey
		var key []byte
		var amended bool
		err = rows.Scan(&id.feed, &key, &amended)
		copy(id.key[:], key)
		if i, ok := b.first[id]; ok {
			b.outcomes[i] = outcome(records[i], true, amended)
		}
		return struct{}{}, err
	})
	return b.outcomes, err
}

type pgKey struct {
	feed string
	key  callbacks.Key
}

// pgBatch is a batch without its repetitions.
type pgBatch struct {
	rows      [][]any       // by columns of pgInsert
	groups    []groupKey    // ascending
	first     map[pgKey]int // index of the first record with a key
	outcomes  []callbacks.Outcome
	ungrouped bool // some rows have no group to lock against a concurrent repeat
}

func newPgBatch(records []callbacks.Record) pgBatch {
	b := pgBatch{first: make(map[pgKey]int, len(records)), outcomes: make([]callbacks.Outcome, len(records))}
	slots := make(map[pgKey]bool)
	for i, r := range records {
		b.outcomes[i] = callbacks.OutcomeDuplicate // until its insert returns
		key, slot := pgKey{r.Feed, r.Key}, pgKey{r.Feed, r.Slot}
		if _, repeated := b.first[key]; repeated {
			continue
		}
		b.first[key] = i
		amends := int64(0) // 1: an earlier record of the batch has its slot
		if !r.Slot.IsZero() && !r.Quarantined() {
			if slots[slot] {
				amends = 1
			}
			slots[slot] = true
		}
		row := toRow(r)
		b.rows = append(b.rows, append(row.values(), amends))
		if name, ok := row.group.(string); ok {
			b.groups = append(b.groups, groupKey{r.Feed, name})
		} else {
			b.ungrouped = true
		}
	}
	slices.SortFunc(b.groups, groupKey.compare)
	b.groups = slices.Compact(b.groups)
	return b
}

func (e *postgresEngine) heads(ctx context.Context, tx *sql.Tx, feed string, groups []claimedGroup) ([]Item, error) {
	rows, err := e.query(ctx, tx, pgHeads, feed,
		array(groups, func(g claimedGroup) any { return g.name }),
		array(groups, func(g claimedGroup) any { return g.newest }),
		array(groups, func(g claimedGroup) any { return g.fence }))
	return sqlstore.Collect(rows, err, func(rows *sql.Rows) (Item, error) {
		var fence int64
		item, err := scanItem(rows, &fence)
		item.Lease.Fence = fence
		return item, err
	})
}

func (e *postgresEngine) take(ctx context.Context, tx *sql.Tx, leases []Lease) ([]taken, error) {
	ids, fences := leaseArrays(leases)
	rows, err := e.query(ctx, tx, pgTake, ids, fences)
	return sqlstore.Collect(rows, err, func(rows *sql.Rows) (t taken, err error) {
		err = rows.Scan(&t.lease.ID, &t.lease.Fence, &t.feed, &t.group, &t.change)
		return t, err
	})
}

func (e *postgresEngine) finish(ctx context.Context, tx *sql.Tx, done []taken) error {
	if _, err := e.exec(ctx, tx, pgHandled, array(done, func(t taken) any { return t.lease.ID })); err != nil {
		return err
	}
	_, err := e.exec(ctx, tx, pgWake,
		array(done, func(t taken) any { return t.feed }),
		array(done, func(t taken) any { return t.group }),
		array(done, func(t taken) any { return t.change }))
	return err
}

func (e *postgresEngine) renew(ctx context.Context, tx *sql.Tx, lease time.Duration, leases []Lease) ([]Lease, error) {
	ids, fences := leaseArrays(leases)
	rows, err := e.query(ctx, tx, pgRenew, ids, fences, lease.Microseconds())
	return sqlstore.Collect(rows, err, func(rows *sql.Rows) (l Lease, err error) { err = rows.Scan(&l.ID, &l.Fence); return l, err })
}

func leaseArrays(leases []Lease) (ids, fences string) {
	return array(leases, func(l Lease) any { return l.ID }), array(leases, func(l Lease) any { return l.Fence })
}

var quoting = strings.NewReplacer(`"`, `\"`, `\`, `\\`)

// array writes a PostgreSQL array of numbers, texts, bytes or nil.
func array[T any](values []T, element func(T) any) string {
	b := append(make([]byte, 0, 16+32*len(values)), '{')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		switch e := element(v).(type) {
		case int64:
			b = strconv.AppendInt(b, e, 10)
		case string:
			b = append(b, '"')
			b = append(b, quoting.Replace(e)...)
			b = append(b, '"')
		case []byte:
			b = append(b, `"\\x`...)
			b = hex.AppendEncode(b, e)
			b = append(b, '"')
		default:
			b = append(b, "NULL"...)
		}
	}
	return string(append(b, '}'))
}
