package delivery

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/internal/sqldb"
)

// Dialect says which database OpenSQL speaks to: SQLite or Postgres.
type Dialect struct{ d *sqldb.Dialect }

// The databases OpenSQL knows.
var (
	// SQLite keeps deliveries in a file on a local disk, in WAL mode, with every write
	// flushed. Needs SQLite 3.35 or newer. Processes on the machine may share the file.
	SQLite = Dialect{&sqldb.SQLite}
	// Postgres keeps deliveries in PostgreSQL 12 or newer, for any number of processes.
	Postgres = Dialect{&sqldb.Postgres}
)

// String is the name of the database, lower case.
func (d Dialect) String() string {
	if d.d == nil {
		return "none"
	}
	return d.d.Name
}

// Why OpenSQL refuses a database, for errors.Is.
var (
	// ErrNewerSchema: a later version of this package made the tables.
	ErrNewerSchema = sqldb.ErrNewerSchema
	// ErrForeignSchema: a table of the name is there and is not this package's.
	ErrForeignSchema = sqldb.ErrForeignSchema
	// ErrNotDurable: the database would lose what it acknowledged in a crash.
	ErrNotDurable = sqldb.ErrNotDurable
	// ErrReadOnly: nothing can be written.
	ErrReadOnly = sqldb.ErrReadOnly
)

// SQLStore is a Store on database/sql. It links no driver: db is opened by the caller, with
// whichever is liked, and stays the caller's to close.
type SQLStore struct {
	db     *sql.DB
	d      *sqldb.Dialect
	texts  sqldb.Texts
	writer chan struct{} // held while writing when the dialect has one writer
}

var _ Store = (*SQLStore)(nil)

// DefaultTable is the table that OpenSQL uses when it is given no name.
const DefaultTable = "lockerline_deliveries"

// migrating tells these tables from others in PostgreSQL's advisory locks.
const migrating = 7305803

// OpenSQL returns a store in a table of db, which it creates or brings up to date; an empty
// name is DefaultTable. It fails when the database would lose acknowledged writes.
func OpenSQL(ctx context.Context, db *sql.DB, d Dialect, table string) (*SQLStore, error) {
	if table == "" {
		table = DefaultTable
	}
	switch {
	case db == nil:
		return nil, errors.New("delivery: open: the database is nil")
	case d.d == nil:
		return nil, errors.New("delivery: open: the dialect must be SQLite or Postgres")
	case !sqldb.ValidTable(table):
		return nil, errors.New("delivery: open: a table name is up to 40 lower-case letters, digits and underscores")
	}
	s := &SQLStore{db: db, d: d.d, texts: d.d.Texts(table)}
	if d.d.OneWriter {
		s.writer = make(chan struct{}, 1)
	}
	if err := sqldb.Prepare(ctx, db, d.d, table, sqlSchema, migrating); err != nil {
		return nil, fmt.Errorf("delivery: open %s: %w", d, err)
	}
	return s, nil
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

// columns are what a delivery is searched by, in the order of the statements.
func columns(d *Delivery, version int64) ([]any, error) {
	c := *d
	c.Version = version
	data, err := json.Marshal(&c)
	if err != nil {
		return nil, err
	}
	var claim, locker, ended, due any
	if d.Locker != nil {
		locker = d.Locker.Ref.String()
		if d.Claims {
			claim = locker
		}
	}
	if d.Phase.Ended() {
		ended = d.EndedAt.UnixMicro()
	}
	if !d.DueAt.IsZero() {
		due = d.DueAt.UnixMicro()
	}
	owes := 0
	if len(d.Outbox) > 0 {
		owes = 1
	}
	return []any{d.Reference, version, string(d.Phase), ended, claim, locker, due, owes, d.UpdatedAt.UnixMicro(), string(data)}, nil
}

const (
	sqlCreate = `INSERT INTO {t} (reference, version, phase, ended_at, claim, locker, due_at, owes, updated_at, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (reference) DO NOTHING`
	sqlUpdate = `UPDATE {t} SET version = $2, phase = $3, ended_at = $4, claim = $5, locker = $6, due_at = $7,
		owes = $8, updated_at = $9, data = $10 WHERE reference = $1 AND version = $11`
	sqlClaimant = `SELECT reference FROM {t} WHERE claim = $1`
)

// Create implements Store.
func (s *SQLStore) Create(ctx context.Context, d *Delivery) error {
	args, err := columns(d, 1)
	if err != nil {
		return sqlError("create", err)
	}
	n, err := s.exec(ctx, sqlCreate, args...)
	if err != nil {
		return s.claimedOr(ctx, "create", d, err)
	}
	if n == 0 {
		return ErrReferenceTaken
	}
	d.Version = 1
	return nil
}

// Update implements Store.
func (s *SQLStore) Update(ctx context.Context, d *Delivery) error {
	args, err := columns(d, d.Version+1)
	if err != nil {
		return sqlError("update", err)
	}
	n, err := s.exec(ctx, sqlUpdate, append(args, d.Version)...)
	if err != nil {
		return s.claimedOr(ctx, "update", d, err)
	}
	if n == 0 {
		if _, err := s.Get(ctx, d.Reference); err != nil {
			return err
		}
		return ErrStale
	}
	d.Version++
	return nil
}

// claimedOr tells a claim that is in the way from other errors: drivers differ in how they
// show a violated index, so the table is asked.
func (s *SQLStore) claimedOr(ctx context.Context, op string, d *Delivery, failure error) error {
	ref, claims := d.claim()
	if !claims {
		return sqlError(op, failure)
	}
	var who string
	err := s.db.QueryRowContext(ctx, s.texts.Of(sqlClaimant), ref.String()).Scan(&who)
	if err == nil && who != d.Reference {
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
	if s.d.OneWriter {
		if err := sqldb.Durable(ctx, conn); err != nil {
			return 0, err
		}
	}
	res, err := conn.ExecContext(ctx, s.texts.Of(statement), args...)
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
	return &storeError{op, err}
}

type storeError struct {
	op  string
	err error
}

func (e *storeError) Error() string {
	text := strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, e.err.Error())
	return "delivery: store: " + e.op + ": " + text
}

func (e *storeError) Unwrap() error { return e.err }

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
	rows, err := s.db.QueryContext(ctx, s.texts.Of(`SELECT phase, count(*) FROM {t} WHERE ended_at IS NULL GROUP BY phase`))
	if err != nil {
		return nil, sqlError("count", err)
	}
	defer rows.Close()
	n := map[Phase]int{}
	for rows.Next() {
		var p Phase
		var count int
		if err := rows.Scan(&p, &count); err != nil {
			return nil, sqlError("count", err)
		}
		n[p] = count
	}
	return n, sqlError("count", rows.Err())
}

// Prune implements Store.
func (s *SQLStore) Prune(ctx context.Context, endedBefore time.Time) (int, error) {
	n, err := s.exec(ctx, `DELETE FROM {t} WHERE ended_at < $1 AND claim IS NULL AND owes = 0`, endedBefore.UnixMicro())
	return int(n), sqlError("prune", err)
}

// query reads deliveries.
func (s *SQLStore) query(ctx context.Context, op, text string, args ...any) ([]*Delivery, error) {
	rows, err := s.db.QueryContext(ctx, s.texts.Of(text), args...)
	if err != nil {
		return nil, sqlError(op, err)
	}
	defer rows.Close()
	var out []*Delivery
	for rows.Next() {
		var data string
		if err := rows.Scan(&data); err != nil {
			return nil, sqlError(op, err)
		}
		d := new(Delivery)
		if err := json.Unmarshal([]byte(data), d); err != nil {
			return nil, sqlError(op, err)
		}
		out = append(out, d)
	}
	return out, sqlError(op, rows.Err())
}
