package delivery

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/internal/sqldb"
)

// Get implements Store.
func (s *SQLStore) Get(ctx context.Context, reference string) (*Delivery, error) {
	ds, err := s.query(ctx, "get", `SELECT data FROM {t} WHERE reference = $1`, reference)
	if err == nil && len(ds) == 0 {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return ds[0], nil
}

// At implements Store.
func (s *SQLStore) At(ctx context.Context, ref harbor.LockerRef) ([]*Delivery, error) {
	ds, err := s.query(ctx, "at", `SELECT data FROM {t} WHERE claim = $1`, ref.String())
	if err != nil {
		return nil, err
	}
	others, err := s.query(ctx, "at", fmt.Sprintf(`SELECT data FROM {t} WHERE locker = $1 AND claim IS NULL
		ORDER BY updated_at DESC, reference LIMIT %d`, lastAtLocker), ref.String())
	return append(ds, others...), err
}

// List implements Store.
func (s *SQLStore) List(ctx context.Context, f Filter) ([]*Delivery, error) {
	text, args := `SELECT data FROM {t} WHERE reference > $1`, []any{f.After}
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
func (s *SQLStore) Due(ctx context.Context, now time.Time, limit int) ([]*Delivery, error) {
	return s.query(ctx, "due", fmt.Sprintf(`SELECT data FROM {t} WHERE due_at <= $1 ORDER BY due_at, reference LIMIT %d`,
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

// query reads deliveries.
func (s *SQLStore) query(ctx context.Context, op, text string, args ...any) ([]*Delivery, error) {
	rows, err := s.db.QueryContext(ctx, s.text(text), args...)
	ds, err := sqldb.Collect(rows, err, func(rows *sql.Rows) (*Delivery, error) {
		var data string
		if err := rows.Scan(&data); err != nil {
			return nil, err
		}
		d := new(Delivery)
		return d, json.Unmarshal([]byte(data), d)
	})
	return ds, sqlError(op, err)
}
