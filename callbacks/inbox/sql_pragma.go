package inbox

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// SQLite's settings belong to a connection, and whoever opened the database may have
// chosen less than an inbox needs, or change them at any time. So they are looked at
// before each write, which costs microseconds.

// busyTimeout is how long SQLite waits for another process's write, unless whoever opened
// the database chose a time.
const busyTimeout = time.Second

func waitWhenBusy(ctx context.Context, conn *sql.Conn) error {
	var ms int64
	if err := conn.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&ms); err != nil || ms > 0 {
		return err
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, busyTimeout.Milliseconds()))
	return err
}

// makeDurable has each commit of this connection flushed to the disk.
func makeDurable(ctx context.Context, conn *sql.Conn) error {
	const full = 2
	var level int
	read := func() error { return conn.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&level) }
	if err := read(); err != nil || level >= full {
		return err
	}
	if _, err := conn.ExecContext(ctx, `PRAGMA synchronous = FULL`); err != nil {
		return err
	}
	if err := read(); err != nil || level >= full {
		return err
	}
	return fmt.Errorf("%w: synchronous stays at %d", ErrNotDurable, level)
}
