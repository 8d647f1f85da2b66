package sqldb

import (
	"context"
	"database/sql"
	"fmt"
)

// querier is what *sql.Conn and *sql.Tx share.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// migrate brings the tables to the newest version. It must run in a transaction that
// nobody else can migrate in, and always writes, so that a database that cannot be written
// is found out.
func (t *Tables) migrate(ctx context.Context, q querier) error {
	text := t.Dialect.Texts(t.Name)
	exists := func(name string) (ok bool, err error) {
		err = q.QueryRowContext(ctx, text(`{exists}$1`), name).Scan(&ok)
		return ok, err
	}
	run := func(statements ...string) error {
		for _, s := range statements {
			if _, err := q.ExecContext(ctx, text(s)); err != nil {
				return err
			}
		}
		return nil
	}
	versioned, err := exists(t.Name + "_schema")
	if err != nil {
		return err
	}
	version := 0
	if versioned {
		if err := q.QueryRowContext(ctx, text(`SELECT version FROM {t}_schema`)).Scan(&version); err != nil {
			return &Refusal{t.Reasons[ForeignSchema], err}
		}
	} else if taken, err := exists(t.Name); err != nil {
		return err
	} else if taken {
		return &Refusal{Reason: t.Reasons[ForeignSchema]}
	} else if err := run(`CREATE TABLE {t}_schema (version INTEGER NOT NULL)`, `INSERT INTO {t}_schema (version) VALUES (0)`); err != nil {
		return err
	}
	if version > len(t.Steps) {
		return &Refusal{t.Reasons[NewerSchema], fmt.Errorf("they have version %d, this program knows %d", version, len(t.Steps))}
	}
	for _, step := range t.Steps[version:] {
		if err := run(step...); err != nil {
			return err
		}
	}
	_, err = q.ExecContext(ctx, text(`UPDATE {t}_schema SET version = $1`), len(t.Steps))
	return err
}
