package inbox

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"
)

// SQLite's settings belong to a connection, and whoever opened the database may have
// chosen less than an inbox needs, or change them at any time. So they are looked at
// before each write, which costs microseconds.

// busyTimeout is how long SQLite waits for another process's write, unless whoever opened
// the database chose a time.
const busyTimeout = time.Second

// The levels of PRAGMA synchronous: in WAL mode a commit is flushed to the disk from full
// on, below that it survives the process but perhaps not a power cut.
const (
	syncNormal = 1
	syncFull   = 2
)

// settings prepares a connection for one transaction and returns what undoes that.
func (s *sqlStore) settings(ctx context.Context, conn *sql.Conn, durable bool) (restore func(), err error) {
	if err := waitWhenBusy(ctx, conn); err != nil {
		return nil, err
	}
	if durable {
		return func() {}, makeDurable(ctx, conn)
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
	return fmt.Errorf("%w: synchronous stays at %d", ErrNotDurable, level)
}

func syncLevel(ctx context.Context, conn *sql.Conn) (level int, err error) {
	err = conn.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&level)
	return level, err
}

func setSyncLevel(ctx context.Context, conn *sql.Conn, level int) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA synchronous = %d`, level))
	return err
}
