package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
)

// SQLite on Unix goes on writing to a file that was deleted or renamed. Whoever opens the
// database next does not find what was written there, so it must not count.

var errMoved = errors.New("file of the database was deleted or replaced while it was open; put it back or restart the program")

// place is where a file was when it was opened.
type place struct {
	path string
	file fs.FileInfo
}

// findPlace notes where the connection's file is. A database that is no file of the
// system's has no place, and cannot lose it.
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

// InPlace fails when the file is no longer where Open found it.
func (t *Tables) InPlace() error {
	if t.place == nil {
		return nil
	}
	if now, err := os.Stat(t.place.path); err != nil || !os.SameFile(now, t.place.file) {
		return errMoved
	}
	return nil
}
