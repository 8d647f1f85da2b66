package inbox

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// List implements Store.
func (s *sqlStore) List(ctx context.Context, f Filter) ([]Entry, error) {
	where, args := []string{"id > $1"}, []any{f.After}
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if f.Feed != "" {
		add("feed = $%d", f.Feed)
	}
	if f.Group != "" {
		add("grp = $%d", storedGroup(f.Group))
	}
	if len(f.States) > 0 {
		where = append(where, stateIn(f.States))
	}
	args = append(args, cmp.Or(f.Limit, DefaultListLimit))
	rows, err := s.db.QueryContext(ctx, s.tables.Text(fmt.Sprintf(`SELECT %s FROM {t} WHERE %s ORDER BY id LIMIT $%d`,
		entryColumns, strings.Join(where, " AND "), len(args))), args...)
	entries, err := sqlstore.Collect(rows, err, scanEntry)
	return entries, storeError("list", err)
}

func stateIn(states []State) string {
	var numbers []string
	for _, st := range states {
		numbers = append(numbers, strconv.Itoa(int(st)))
	}
	return "state IN (" + strings.Join(numbers, ", ") + ")"
}

const (
	// sqlBegin makes the transaction the writer before it reads, where there is one writer.
	sqlBegin = `UPDATE {t}_schema SET version = version`

	sqlFind = `SELECT feed, grp, state, problem FROM {t} WHERE id = $1`

	sqlResume = `UPDATE {t}_groups SET held = 0, due_at = {now} WHERE feed = $1 AND grp = $2 AND held = 1`

	sqlAgain = `UPDATE {t} SET state = 0, attempts = 0, settled_at = NULL WHERE id = $1 AND state IN (1, 2)`

	// A decoded record takes its key, unless another record has it.
	sqlDecoded = `UPDATE {t} SET key = $1, slot = $2, grp = $3, changed_at = $4, problem = NULL, state = 0, settled_at = NULL,
			amended = CASE WHEN EXISTS (SELECT 1 FROM {t} AS o WHERE o.slot = $2 AND o.feed = $5) THEN 1 ELSE 0 END
		WHERE id = $6 AND state = 3 AND NOT EXISTS (SELECT 1 FROM {t} AS o WHERE o.key = $1 AND o.feed = $5)
		RETURNING amended`

	sqlKnown = `UPDATE {t} SET state = 1, settled_at = {now} WHERE id = $1 AND state = 3`
)

// Requeue implements Store.
func (s *sqlStore) Requeue(ctx context.Context, id int64, decoded *callbacks.Record) (out callbacks.Outcome, err error) {
	out = callbacks.OutcomeStored
	err = s.write(ctx, "requeue", sqlstore.WriteDurable, func(tx *sql.Tx) error {
		if s.tables.OneWriter() {
			if _, err := s.exec(ctx, tx, sqlBegin); err != nil {
				return err
			}
		}
		var feed string
		var group, problem sql.NullString
		var state State
		err := s.queryRow(ctx, tx, sqlFind, id).Scan(&feed, &group, &state, &problem)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return ErrNotFound
		case err != nil:
			return err
		case state == StateWaiting:
			return nil
		case state == StateQuarantined:
			out, err = s.requeueDecoded(ctx, tx, id, feed, decoded)
			return err
		case problem.Valid:
			out = callbacks.OutcomeDuplicate // read by an earlier Requeue
			return nil
		}
		if state == StateDead {
			if _, err := s.exec(ctx, tx, sqlResume, feed, group); err != nil {
				return err
			}
		}
		if _, err := s.exec(ctx, tx, sqlEnter, feed, group); err != nil {
			return err
		}
		_, err = s.exec(ctx, tx, sqlAgain, id)
		return err
	})
	return out, err
}

func (s *sqlStore) requeueDecoded(ctx context.Context, tx *sql.Tx, id int64, feed string, decoded *callbacks.Record) (callbacks.Outcome, error) {
	if decoded == nil || decoded.Quarantined() {
		return callbacks.OutcomeQuarantined, nil
	}
	r := toRow(*decoded)
	if _, err := s.exec(ctx, tx, sqlEnter, feed, r.group); err != nil {
		return 0, err
	}
	var amended bool
	err := s.queryRow(ctx, tx, sqlDecoded, r.key, r.slot, r.group, r.change, feed, id).Scan(&amended)
	if errors.Is(err, sql.ErrNoRows) {
		_, err := s.exec(ctx, tx, sqlKnown, id)
		return callbacks.OutcomeDuplicate, err
	}
	return outcome(*decoded, true, amended), err
}

// Resume implements Store.
func (s *sqlStore) Resume(ctx context.Context, feed, group string) error {
	return s.write(ctx, "resume", sqlstore.WriteDurable, func(tx *sql.Tx) error {
		_, err := s.exec(ctx, tx, sqlResume, feed, storedGroup(group))
		return err
	})
}

const (
	sqlPrune = `DELETE FROM {t} WHERE id IN (SELECT id FROM {t}
			WHERE settled_at < {now} - $1 AND received_at < {now} - $1 AND %s ORDER BY settled_at LIMIT $2)
		RETURNING feed, grp`

	sqlForget = `DELETE FROM {t}_groups WHERE feed = $1 AND grp = $2 AND due_at IS NULL AND held = 0 AND settled_at < {now} - $3`
)

// Prune implements Store. Groups are forgotten in a transaction of their own, since Put
// locks a group before it meets the rows.
func (s *sqlStore) Prune(ctx context.Context, age time.Duration, limit int, states ...State) (int, error) {
	states = slices.DeleteFunc(slices.Clone(states), func(st State) bool { return st == StateWaiting })
	if len(states) == 0 || limit <= 0 {
		return 0, nil
	}
	var pruned []groupKey
	err := s.write(ctx, "prune", sqlstore.WriteDurable, func(tx *sql.Tx) error {
		rows, err := s.query(ctx, tx, fmt.Sprintf(sqlPrune, stateIn(states)), age.Microseconds(), limit)
		pruned, err = sqlstore.Collect(rows, err, func(rows *sql.Rows) (k groupKey, err error) {
			var group sql.NullString
			err = rows.Scan(&k.feed, &group)
			k.group = group.String
			return k, err
		})
		return err
	})
	if err != nil || len(pruned) == 0 {
		return 0, err
	}
	groups := slices.Clone(pruned)
	slices.SortFunc(groups, groupKey.compare)
	return len(pruned), s.write(ctx, "prune", sqlstore.WriteDurable, func(tx *sql.Tx) error {
		for _, k := range slices.Compact(groups) {
			if _, err := s.exec(ctx, tx, sqlForget, k.feed, k.group, age.Microseconds()); err != nil {
				return err
			}
		}
		return nil
	})
}

const sqlStats = `SELECT
	(SELECT count(*) FROM {t} WHERE state = 0 AND ($1 = '' OR feed = $1)),
	(SELECT COALESCE({now} - min(received_at), 0) FROM {t} WHERE state = 0 AND ($1 = '' OR feed = $1)),
	(SELECT count(*) FROM {t} WHERE state IN (2, 3) AND state = 2 AND ($1 = '' OR feed = $1)),
	(SELECT count(*) FROM {t} WHERE state IN (2, 3) AND state = 3 AND ($1 = '' OR feed = $1)),
	(SELECT count(*) FROM {t}_groups WHERE held = 1 AND ($1 = '' OR feed = $1))`

// Stats implements Store.
func (s *sqlStore) Stats(ctx context.Context, feed string) (st Stats, err error) {
	var oldest int64
	err = s.db.QueryRowContext(ctx, s.tables.Text(sqlStats), feed).Scan(&st.Depth, &oldest, &st.Dead, &st.Quarantined, &st.Held)
	st.OldestAge = time.Duration(max(oldest, 0)) * time.Microsecond
	return st, storeError("stats", err)
}
