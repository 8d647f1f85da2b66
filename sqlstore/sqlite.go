package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"
)

// checkFile reads the whole file once.
func (t *Tables) checkFile(ctx context.Context, conn *sql.Conn) error {
	if err := t.ensureBusyTimeout(ctx, conn); err != nil {
		return err
	}
	var verdict string
	err := conn.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict)
	if err == nil && verdict != "ok" {
		return &OpenError{Reason: ErrCorrupt, Err: errors.New(verdict)}
	}
	return err
}

func (t *Tables) openSQLite(ctx context.Context, conn *sql.Conn) (err error) {
	if err := t.ensureBusyTimeout(ctx, conn); err != nil {
		return err
	}
	if err := t.useWAL(ctx, conn); err != nil {
		return err
	}
	if err := t.ensureFullSync(ctx, conn); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		}
	}()
	if err := t.migrate(ctx, conn); err != nil {
		return err
	}
	if _, err = conn.ExecContext(ctx, `COMMIT`); err != nil {
		return err
	}
	return t.findPlace(ctx, conn)
}

// useWAL sets WAL mode. Changing the mode does not wait for other processes by itself, so
// useWAL repeats it while they open the file.
func (t *Tables) useWAL(ctx context.Context, conn *sql.Conn) error {
	for pause := time.Millisecond; ; pause *= 2 {
		var mode string
		err := conn.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode)
		if err == nil && mode == "wal" {
			return nil
		}
		if err == nil {
			return &OpenError{Reason: ErrNotDurable, Err: fmt.Errorf("journal mode stays %q", mode)}
		}
		if reasonOf(err) != ErrLocked || pause > time.Second {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

// SQLite's settings belong to a connection, and the program that opened the database can
// set less than a store needs, at any time. Reading them before each write takes
// microseconds.

// The levels of PRAGMA synchronous: in WAL mode a commit is flushed to the disk from full
// on; below, it survives the process but perhaps not a power cut.
const (
	syncNormal = 1
	syncFull   = 2
)

// ensureFullSync makes the connection wait for other writers and flush each commit, to a
// file that is still in its place.
func (t *Tables) ensureFullSync(ctx context.Context, conn *sql.Conn) error {
	if err := t.checkNotMoved(); err != nil {
		return err
	}
	if err := t.ensureBusyTimeout(ctx, conn); err != nil {
		return err
	}
	level, err := syncLevel(ctx, conn)
	if err == nil && level < syncFull {
		if err = setSyncLevel(ctx, conn, syncFull); err == nil {
			level, err = syncLevel(ctx, conn)
		}
	}
	if err != nil || level >= syncFull {
		return err
	}
	return &OpenError{Reason: ErrNotDurable, Err: fmt.Errorf("synchronous stays at %d", level)}
}

// relaxSync makes the connection wait for other writers and hand its commits to the
// system without a flush, until restore is called.
func (t *Tables) relaxSync(ctx context.Context, conn *sql.Conn) (restore func(), err error) {
	if err := t.ensureBusyTimeout(ctx, conn); err != nil {
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
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // the pool drops it
		}
	}, nil
}

// ensureBusyTimeout keeps a timeout that the connection has.
func (t *Tables) ensureBusyTimeout(ctx context.Context, conn *sql.Conn) error {
	var ms int64
	if err := conn.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&ms); err != nil || ms > 0 {
		return err
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, t.cfg.BusyTimeout.Milliseconds()))
	return err
}

func syncLevel(ctx context.Context, conn *sql.Conn) (level int, err error) {
	err = conn.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&level)
	return level, err
}

func setSyncLevel(ctx context.Context, conn *sql.Conn, level int) error {
	_, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA synchronous = %d`, level))
	return err
}

// SQLite on Unix goes on writing to a file that was deleted or renamed. The next program
// that opens the database does not find those writes, so they must not count.

var errMoved = errors.New("file of the database was deleted or replaced while it was open; put it back or restart the program")

// place is where a file was when it was opened.
type place struct {
	path string
	file fs.FileInfo
}

// findPlace notes where the connection's file is. A database without a file in the file
// system has no place and cannot lose it.
func (t *Tables) findPlace(ctx context.Context, conn *sql.Conn) error {
	var seq int
	var name, path sql.NullString
	err := conn.QueryRowContext(ctx, `PRAGMA database_list`).Scan(&seq, &name, &path)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil || path.String == "" {
		return err
	}
	if file, err := os.Stat(path.String); err == nil {
		t.place = &place{path.String, file}
	}
	return nil
}

// checkNotMoved fails when the file is no longer where Open found it.
func (t *Tables) checkNotMoved() error {
	if t.place == nil {
		return nil
	}
	if now, err := os.Stat(t.place.path); err != nil || !os.SameFile(now, t.place.file) {
		return errMoved
	}
	return nil
}

// writeLock lets the writers of a one-writer database in one by one, in order. Urgent
// writers go before patient ones, but at most maxStreak in a row.
type writeLock struct {
	mu     sync.Mutex
	busy   bool
	queue  []*writer
	streak int // urgent writers in a row while a patient one waited
}

// writer waits for the lock.
type writer struct {
	urgent bool
	turn   chan struct{} // closed when the writer has the lock
}

const maxStreak = 4

// take waits for the lock, at most until ctx ends.
func (l *writeLock) take(ctx context.Context, urgent bool) error {
	l.mu.Lock()
	if !l.busy {
		l.busy = true
		l.mu.Unlock()
		return nil
	}
	w := &writer{urgent: urgent, turn: make(chan struct{})}
	l.queue = append(l.queue, w)
	l.mu.Unlock()
	select {
	case <-w.turn:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	at := slices.Index(l.queue, w)
	if at >= 0 {
		l.queue = slices.Delete(l.queue, at, at+1)
	}
	l.mu.Unlock()
	if at < 0 {
		l.release() // w has the lock already
	}
	return context.Cause(ctx)
}

// release hands the lock to the next writer.
func (l *writeLock) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	next := slices.IndexFunc(l.queue, func(w *writer) bool { return w.urgent })
	patient := slices.IndexFunc(l.queue, func(w *writer) bool { return !w.urgent })
	l.streak++
	if patient < 0 {
		l.streak = 0
	} else if next < 0 || l.streak > maxStreak {
		next, l.streak = patient, 0
	}
	if l.busy = next >= 0; l.busy {
		close(l.queue[next].turn)
		l.queue = slices.Delete(l.queue, next, next+1)
	}
}
