package inbox

import (
	"context"
	"database/sql"
	"time"

	"github.com/lockerline/lockerline-go/sqlstore"
)

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

// DoneTx implements TxStore. With one writer the lease is ended first, which also makes
// the transaction the writer, so that the handler never meets a stale snapshot; elsewhere
// last, so that the group's row is not locked while the handler works.
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
	if failed != nil || err == nil {
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

	// When nothing waits any more the group sleeps until the next callback wakes it.
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
		if err != nil {
			return err
		}
		_, err = s.exec(ctx, tx, sqlPause, pause.Microseconds(), feed, group)
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
	rows, err := s.query(ctx, tx, sqlTake, l.Fence, l.ID)
	type key struct{ feed, group string }
	got, err := sqlstore.Collect(rows, err, func(rows *sql.Rows) (k key, err error) {
		err = rows.Scan(&k.feed, &k.group)
		return k, err
	})
	if err != nil {
		return "", "", err
	}
	if len(got) == 0 {
		return "", "", ErrLeaseLost
	}
	return got[0].feed, got[0].group, nil
}
