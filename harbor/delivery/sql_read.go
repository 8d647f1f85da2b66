package delivery

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/sqldb"
)

// Get implements Store.
func (s *SQLStore) Get(ctx context.Context, reference string) (Row, error) {
	rows, err := s.query(ctx, "get", `WHERE reference = $1`, reference)
	if err == nil && len(rows) == 0 {
		return Row{}, ErrNotFound
	}
	if err != nil {
		return Row{}, err
	}
	return rows[0], nil
}

// At implements Store.
func (s *SQLStore) At(ctx context.Context, locker string) ([]Row, error) {
	ds, err := s.query(ctx, "at", `WHERE claim = $1`, locker)
	if err != nil {
		return nil, err
	}
	others, err := s.query(ctx, "at", fmt.Sprintf(`WHERE locker = $1 AND claim IS NULL
		ORDER BY updated_at DESC, reference LIMIT %d`, lastAtLocker), locker)
	return append(ds, others...), err
}

// List implements Store.
func (s *SQLStore) List(ctx context.Context, f Filter) ([]Row, error) {
	text, args := `WHERE reference > $1`, []any{f.After}
	if f.Open {
		text += ` AND ended_at IS NULL`
	}
	if len(f.Phases) > 0 {
		marks := make([]string, len(f.Phases))
		for i, p := range f.Phases {
			args = append(args, string(p))
			marks[i] = fmt.Sprintf("$%d", len(args))
		}
		text += ` AND phase IN (` + strings.Join(marks, ", ") + `)`
	}
	return s.query(ctx, "list", fmt.Sprintf(`%s ORDER BY reference LIMIT %d`, text, f.Max()), args...)
}

// Due implements Store.
func (s *SQLStore) Due(ctx context.Context, now time.Time, limit int) ([]Row, error) {
	return s.query(ctx, "due", fmt.Sprintf(`WHERE due_at <= $1 ORDER BY due_at, reference LIMIT %d`,
		max(limit, 0)), now.UnixMicro())
}

// Count implements Store.
func (s *SQLStore) Count(ctx context.Context) (map[Phase]int, error) {
	n := map[Phase]int{}
	rows, err := s.db.QueryContext(ctx, s.text(`SELECT phase, count(*) FROM {t} WHERE ended_at IS NULL GROUP BY phase`))
	_, err = sqldb.Collect(rows, err, func(rows *sql.Rows) (_ struct{}, err error) {
		var p Phase
		var count int
		err = rows.Scan(&p, &count)
		n[p] = count
		return struct{}{}, err
	})
	if err != nil {
		return nil, sqlError("count", err)
	}
	return n, nil
}

// Prune implements Store.
func (s *SQLStore) Prune(ctx context.Context, endedBefore time.Time) (int, error) {
	n, err := s.exec(ctx, `DELETE FROM {t} WHERE ended_at < $1 AND claim IS NULL AND owes = 0`, endedBefore.UnixMicro())
	return int(n), sqlError("prune", err)
}

// query reads rows.
func (s *SQLStore) query(ctx context.Context, op, where string, args ...any) ([]Row, error) {
	rows, err := s.db.QueryContext(ctx, s.text(`SELECT reference, version, phase, ended_at, claim, locker, due_at, owes, updated_at, data
		FROM {t} `+where), args...)
	found, err := sqldb.Collect(rows, err, func(rows *sql.Rows) (Row, error) {
		var r Row
		var claim, locker sql.NullString
		var ended, due sql.NullInt64
		var updated int64
		var data string
		err := rows.Scan(&r.Reference, &r.Version, &r.Phase, &ended, &claim, &locker, &due, &r.Owes, &updated, &data)
		r.Locker, r.Claim, r.Data = locker.String, claim.Valid, []byte(data)
		r.EndedAt, r.DueAt, r.UpdatedAt = micros(ended), micros(due), time.UnixMicro(updated).UTC()
		return r, err
	})
	return found, sqlError(op, err)
}

func micros(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}
