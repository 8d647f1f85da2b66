package delivery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/sqlstore"
)

// SQLStore is a Store on database/sql. It links no driver: the caller opens the *sql.DB
// with a driver of its choice, and closes it.
type SQLStore struct {
	db     *sql.DB
	tables *sqlstore.Tables
}

var _ Store = (*SQLStore)(nil)

// DefaultTable is the table that OpenSQL uses when it is given no name.
const DefaultTable = "lockerline_deliveries"

// migrating tells these tables from others in PostgreSQL's advisory locks.
const migrating = 7305803

// OpenSQL returns a store in a table of db, which it creates or brings up to date; an empty
// name is DefaultTable. A database that cannot be used, or that would lose acknowledged
// writes, is a *sqlstore.OpenError. On SQLite OpenSQL also reads the file once for damage,
// which takes about a second for each few hundred megabytes.
func OpenSQL(ctx context.Context, db *sql.DB, d sqlstore.Dialect, table string) (*SQLStore, error) {
	if table == "" {
		table = DefaultTable
	}
	switch {
	case db == nil:
		return nil, errors.New("delivery: open: the database is nil")
	case d.IsZero():
		return nil, errors.New("delivery: open: the dialect must be sqlstore.SQLite or sqlstore.Postgres")
	case !sqlstore.ValidTable(table):
		return nil, errors.New("delivery: open: a table name is up to 40 lower-case letters, digits and underscores")
	}
	tables, err := sqlstore.Open(ctx, db, sqlstore.Config{
		Dialect: d, Table: table, Steps: sqlSchema, Lock: migrating,
		BusyTimeout: 5 * time.Second, OpenTimeout: 10 * time.Second, Verify: verifySchema,
	})
	if err != nil {
		return nil, fmt.Errorf("delivery: %w", err)
	}
	return &SQLStore{db: db, tables: tables}, nil
}

// verifySchema needs each column and each unique index, and changes nothing.
func verifySchema(ctx context.Context, t *sqlstore.Tables) error {
	for _, unique := range []string{`(reference)`, `(claim) WHERE claim IS NOT NULL`} {
		if _, err := t.Exec(ctx, `INSERT INTO {t} SELECT * FROM {t} WHERE 1 = 0 ON CONFLICT `+unique+` DO NOTHING`); err != nil {
			return &sqlstore.OpenError{Reason: sqlstore.ErrForeignSchema, Err: err}
		}
	}
	_, err := t.Exec(ctx, sqlUpdate, append(columns(Row{}), -1)...) // no row has this version
	return err
}

// sqlSchema holds, for each version, the statements that lead to it from the one before.
// The columns are what is searched by; the delivery itself is data.
var sqlSchema = [][]string{{
	`CREATE TABLE {t} (
		reference  {text}   PRIMARY KEY,
		version    BIGINT   NOT NULL,
		phase      {text}   NOT NULL,
		ended_at   BIGINT,
		claim      {text},
		locker     {text},
		due_at     BIGINT,
		owes       SMALLINT NOT NULL,
		updated_at BIGINT   NOT NULL,
		data       {text}   NOT NULL
	)`,
	`CREATE UNIQUE INDEX {t}_claim ON {t} (claim) WHERE claim IS NOT NULL`,
	`CREATE INDEX {t}_locker ON {t} (locker, updated_at)`,
	`CREATE INDEX {t}_due ON {t} (due_at) WHERE due_at IS NOT NULL`,
	`CREATE INDEX {t}_open ON {t} (reference) WHERE ended_at IS NULL`,
	`CREATE INDEX {t}_ended ON {t} (ended_at) WHERE ended_at IS NOT NULL`,
}}

// columns are the values of a row, in the order of the statements.
func columns(r Row) []any {
	var claim, locker, ended, due any
	if r.Locker != "" {
		locker = r.Locker
	}
	if r.Claim {
		claim = locker
	}
	if !r.EndedAt.IsZero() {
		ended = r.EndedAt.UnixMicro()
	}
	if !r.DueAt.IsZero() {
		due = r.DueAt.UnixMicro()
	}
	owes := 0
	if r.Owes {
		owes = 1
	}
	return []any{r.Reference, r.Version, string(r.Phase), ended, claim, locker, due, owes, r.UpdatedAt.UnixMicro(), string(r.Data)}
}

const (
	sqlCreate = `INSERT INTO {t} (reference, version, phase, ended_at, claim, locker, due_at, owes, updated_at, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (reference) DO NOTHING`
	sqlUpdate = `UPDATE {t} SET version = $2, phase = $3, ended_at = $4, claim = $5, locker = $6, due_at = $7,
		owes = $8, updated_at = $9, data = $10 WHERE reference = $1 AND version = $11`
	sqlClaimant = `SELECT reference FROM {t} WHERE claim = $1`
)

// Create implements Store.
func (s *SQLStore) Create(ctx context.Context, r Row) error {
	n, err := s.tables.Exec(ctx, sqlCreate, columns(r)...)
	if err != nil {
		return s.claimedOr(ctx, "create", r, err)
	}
	if n == 0 {
		return ErrReferenceTaken
	}
	return nil
}

// Update implements Store.
func (s *SQLStore) Update(ctx context.Context, r Row) error {
	n, err := s.tables.Exec(ctx, sqlUpdate, append(columns(r), r.Version-1)...)
	if err != nil {
		return s.claimedOr(ctx, "update", r, err)
	}
	if n == 0 {
		if _, err := s.Get(ctx, r.Reference); err != nil {
			return err
		}
		return ErrStale
	}
	return nil
}

// claimedOr tells a claim that is in the way from other errors: drivers differ in how they
// show a violated index, so the table is asked.
func (s *SQLStore) claimedOr(ctx context.Context, op string, r Row, failure error) error {
	if !r.Claim {
		return sqlError(op, failure)
	}
	var who string
	err := s.db.QueryRowContext(ctx, s.tables.Text(sqlClaimant), r.Locker).Scan(&who)
	if err == nil && who != r.Reference {
		return ErrLockerClaimed
	}
	return sqlError(op, failure)
}

// sqlError names the operation that failed.
func sqlError(op string, err error) error {
	if err == nil {
		return nil
	}
	return &sqlstore.Error{Op: "delivery: store: " + op, Err: err}
}

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
	rows, err := s.db.QueryContext(ctx, s.tables.Text(`SELECT phase, count(*) FROM {t} WHERE ended_at IS NULL GROUP BY phase`))
	_, err = sqlstore.Collect(rows, err, func(rows *sql.Rows) (_ struct{}, err error) {
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
	n, err := s.tables.Exec(ctx, `DELETE FROM {t} WHERE ended_at < $1 AND claim IS NULL AND owes = 0`, endedBefore.UnixMicro())
	return int(n), sqlError("prune", err)
}

// query reads rows.
func (s *SQLStore) query(ctx context.Context, op, where string, args ...any) ([]Row, error) {
	rows, err := s.db.QueryContext(ctx, s.tables.Text(`SELECT reference, version, phase, ended_at, claim, locker, due_at, owes, updated_at, data
		FROM {t} `+where), args...)
	found, err := sqlstore.Collect(rows, err, func(rows *sql.Rows) (Row, error) {
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
