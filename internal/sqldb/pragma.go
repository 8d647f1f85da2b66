package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"
)

// SQLite's settings belong to a connection, and whoever opened the database may have
// chosen less than a store needs, or change them at any time. So they are looked at before
// each write, which costs microseconds.

// The levels of PRAGMA synchronous: in WAL mode a commit is flushed to the disk from full
// on, below that it survives the process but perhaps not a power cut.
const (
	syncNormal = 1
	syncFull   = 2
)

// Durable makes a connection to SQLite wait for other writers and flush each commit, to a
// file that can be found again.
func (t *Tables) Durable(ctx context.Context, conn *sql.Conn) error {
	if err := t.InPlace(); err != nil {
		return err
	}
	if err := t.waitWhenBusy(ctx, conn); err != nil {
		return err
	}
	level, err := syncLevel(ctx, conn)
	if err != nil || level >= syncFull {
		return err
	}
	if err := setSyncLevel(ctx, conn, syncFull); err != nil {
		return err
	}
	level, err = syncLevel(ctx, conn)
	if err != nil || level >= syncFull {
		return err
	}
	return &Refusal{t.Reasons[NotDurable], fmt.Errorf("synchronous stays at %d", level)}
}

// Hasty makes a connection to SQLite wait for other writers and no more than hand commits
// to the system, until it is restored.
func (t *Tables) Hasty(ctx context.Context, conn *sql.Conn) (restore func(), err error) {
	if err := t.waitWhenBusy(ctx, conn); err != nil {
		return nil, err
	}
	was, err := syncLevel(ctx, conn)
	if err != nil || was <= syncNormal {
		return func() {}, err
	}
	if err := setSyncLevel(ctx, conn, syncNormal); err != nil {
		return nil, err
	}
	return func() {
		if setSyncLevel(context.WithoutCancel(ctx), conn, was) != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // nobody gets it again
		}
	}, nil
}

func (t *Tables) waitWhenBusy(ctx context.Context, conn *sql.Conn) error {
	var ms int64
	if err := conn.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&ms); err != nil || ms > 0 {
		return err
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, t.Busy.Milliseconds()))
	return err
}

// useWAL waits out other processes that are just opening the file: changing the mode does
// not wait by itself.
func (t *Tables) useWAL(ctx context.Context, conn *sql.Conn) error {
	for pause := time.Millisecond; ; pause *= 2 {
		var mode string
		err := conn.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode)
		if err == nil && mode == "wal" {
			return nil
		}
		if err == nil {
			return &Refusal{t.Reasons[NotDurable], fmt.Errorf("journal mode stays %q", mode)}
		}
		if reasonOf(err) != Locked || pause > time.Second {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

func syncLevel(ctx context.Context, conn *sql.Conn) (level int, err error) {
	err = conn.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&level)
	return level, err
}

func setSyncLevel(ctx context.Context, conn *sql.Conn, level int) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA synchronous = %d`, level))
	return err
}
