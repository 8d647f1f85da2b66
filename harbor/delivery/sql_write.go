package delivery

import (
	"context"

	"github.com/lockerline/lockerline-go/internal/sqldb"
)

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
	n, err := s.exec(ctx, sqlCreate, columns(r)...)
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
	n, err := s.exec(ctx, sqlUpdate, append(columns(r), r.Version-1)...)
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
	err := s.db.QueryRowContext(ctx, s.text(sqlClaimant), r.Locker).Scan(&who)
	if err == nil && who != r.Reference {
		return ErrLockerClaimed
	}
	return sqlError(op, failure)
}

// exec is one durable write.
func (s *SQLStore) exec(ctx context.Context, statement string, args ...any) (int64, error) {
	if s.writer != nil {
		select {
		case s.writer <- struct{}{}:
			defer func() { <-s.writer }()
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if s.writer != nil {
		if err := s.tables.Durable(ctx, conn); err != nil {
			return 0, err
		}
	}
	res, err := conn.ExecContext(ctx, s.text(statement), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// sqlError is what a database said, on one line.
func sqlError(op string, err error) error {
	if err == nil {
		return nil
	}
	return &sqldb.Error{Op: "delivery: store: " + op, Err: err}
}
