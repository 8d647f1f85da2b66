package inbox

import (
	"context"
	"database/sql"
	"fmt"
)

// schema holds, for each version, the statements that lead to it from the one before.
// A published version never changes; a new one is appended.
var schema = [][]string{{
	`CREATE TABLE {t} (
		id          {serial},
		feed        {text}   NOT NULL,
		key         {bytes}  NOT NULL,
		slot        {bytes},
		grp         {text},
		changed_at  {text}   NOT NULL,
		received_at BIGINT   NOT NULL,
		raw         {bytes}  NOT NULL,
		problem     {text},
		state       SMALLINT NOT NULL,
		attempts    INTEGER  NOT NULL DEFAULT 0,
		late        SMALLINT NOT NULL DEFAULT 0,
		amended     SMALLINT NOT NULL DEFAULT 0,
		last_error  {text},
		settled_at  BIGINT
	)`,
	`CREATE UNIQUE INDEX {t}_key ON {t} (key, feed)`,
	`CREATE INDEX {t}_slot ON {t} (slot, feed) WHERE slot IS NOT NULL`,
	`CREATE INDEX {t}_waiting ON {t} (feed, grp, changed_at, id) WHERE state = 0`,
	`CREATE INDEX {t}_aside ON {t} (feed, state) WHERE state IN (2, 3)`,
	`CREATE INDEX {t}_settled ON {t} (settled_at) WHERE settled_at IS NOT NULL`,
	// due_at is when a group may be claimed, and so also its pause and its lease; null
	// when nothing waits in it or it is held.
	`CREATE TABLE {t}_groups (
		feed       {text}   NOT NULL,
		grp        {text}   NOT NULL,
		newest     {text}   NOT NULL DEFAULT '',
		due_at     BIGINT,
		fence      BIGINT   NOT NULL DEFAULT 0,
		held       SMALLINT NOT NULL DEFAULT 0,
		settled_at BIGINT   NOT NULL DEFAULT 0,
		PRIMARY KEY (feed, grp)
	){rowless}`,
	`CREATE INDEX {t}_due ON {t}_groups (feed, due_at) WHERE due_at IS NOT NULL`,
	`CREATE INDEX {t}_held ON {t}_groups (feed) WHERE held = 1`,
}}

// migrate brings the tables to the newest version, or says why it cannot. It runs in a
// transaction that nobody else can migrate in, and always writes, so that a database that
// cannot be written is found out now.
func migrate(ctx context.Context, q querier, text func(string) string, table string) error {
	exists := func(name string) (ok bool, err error) {
		err = q.QueryRowContext(ctx, text(`{exists}$1`), name).Scan(&ok)
		return ok, err
	}
	versioned, err := exists(table + "_schema")
	if err != nil {
		return err
	}
	version := 0
	if versioned {
		err := q.QueryRowContext(ctx, text(`SELECT version FROM {t}_schema`)).Scan(&version)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrForeignSchema, err)
		}
	} else if taken, err := exists(table); err != nil {
		return err
	} else if taken {
		return ErrForeignSchema
	} else {
		for _, t := range []string{
			`CREATE TABLE {t}_schema (version INTEGER NOT NULL)`,
			`INSERT INTO {t}_schema (version) VALUES (0)`,
		} {
			if _, err := q.ExecContext(ctx, text(t)); err != nil {
				return err
			}
		}
	}
	if version > len(schema) {
		return fmt.Errorf("%w: tables have version %d, this program knows %d", ErrNewerSchema, version, len(schema))
	}
	for _, step := range schema[version:] {
		for _, t := range step {
			if _, err := q.ExecContext(ctx, text(t)); err != nil {
				return err
			}
		}
	}
	_, err = q.ExecContext(ctx, text(`UPDATE {t}_schema SET version = $1`), len(schema))
	return err
}

// querier is what *sql.DB, *sql.Conn and *sql.Tx share.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
