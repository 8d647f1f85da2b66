package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
)

// Why a database is refused, for errors.Is.
var (
	// ErrCorrupt: the file is damaged or is no SQLite database.
	ErrCorrupt = errors.New("database is corrupt or not a database; restore a backup or move the file away")
	// ErrReadOnly: the database cannot be written.
	ErrReadOnly = errors.New("database is read-only; make it writable or connect to the primary")
	// ErrLocked: another process kept the database locked for too long.
	ErrLocked = errors.New("database is locked by another process; stop it or try again")
	// ErrNewerSchema: a later version of the program made the tables.
	ErrNewerSchema = errors.New("tables are of a newer version; update the program")
	// ErrForeignSchema: the table exists and was not made by the package that opens it.
	ErrForeignSchema = errors.New("the table exists and was not made by this package; choose another name")
	// ErrNotDurable: the database would lose acknowledged writes in a crash.
	ErrNotDurable = errors.New("database is not durable; use a file on a local disk in WAL mode, or turn fsync and synchronous_commit on")
)

// OpenError says why a database was refused.
type OpenError struct {
	Dialect string // "sqlite" or "postgres"; empty when a write was refused after Open
	Reason  error  // one of the errors above; nil for any other cause
	Err     error  // of the driver; nil when Reason says all
}

// Error is one line: the dialect, the reason, the driver's text.
func (e *OpenError) Error() string {
	var texts []string
	if e.Dialect != "" {
		texts = append(texts, "open "+e.Dialect)
	}
	for _, err := range e.Unwrap() {
		texts = append(texts, OneLine(err.Error()))
	}
	return strings.Join(texts, ": ")
}

// Unwrap returns the reason and the driver's error.
func (e *OpenError) Unwrap() []error {
	return slices.DeleteFunc([]error{e.Reason, e.Err}, func(err error) bool { return err == nil })
}

// openError returns err with the reason it stands for. The driver's own error outranks
// ErrForeignSchema, which stands for any failure of a statement on the tables.
func openError(d Dialect, err error) *OpenError {
	e, ok := errors.AsType[*OpenError](err)
	if !ok {
		e = &OpenError{Err: err}
	}
	e.Dialect = d.String()
	switch guessed := e.Reason == ErrForeignSchema; {
	case guessed && errors.Is(e.Err, context.Canceled):
		e.Reason = nil // the caller gave up; the tables are not to blame
	case guessed || e.Reason == nil:
		e.Reason = cmp.Or(reasonOf(e.Err), e.Reason)
	}
	return e
}

// Drivers are not linked, so their errors are read by the codes that they show through
// one of two methods, and by the database's own words otherwise.

// sqliteReasons are by primary result code, https://www.sqlite.org/rescode.html.
var sqliteReasons = map[int]error{
	5:  ErrLocked,   // SQLITE_BUSY
	6:  ErrLocked,   // SQLITE_LOCKED
	8:  ErrReadOnly, // SQLITE_READONLY
	11: ErrCorrupt,  // SQLITE_CORRUPT
	26: ErrCorrupt,  // SQLITE_NOTADB
}

// postgresReasons are by SQLSTATE.
var postgresReasons = map[string]error{
	"25006": ErrReadOnly,      // read_only_sql_transaction
	"42501": ErrReadOnly,      // insufficient_privilege
	"55P03": ErrLocked,        // lock_not_available
	"42703": ErrForeignSchema, // undefined_column
	"42P01": ErrForeignSchema, // undefined_table
	"42P07": ErrForeignSchema, // duplicate_table
	"42P10": ErrForeignSchema, // no unique index for ON CONFLICT
	"XX001": ErrCorrupt,       // data_corrupted
	"XX002": ErrCorrupt,       // index_corrupted
}

var wordedReasons = []struct {
	words  string
	reason error
}{
	{"database is locked", ErrLocked},
	{"database table is locked", ErrLocked},
	{"readonly database", ErrReadOnly},
	{"read-only", ErrReadOnly},
	{"disk image is malformed", ErrCorrupt},
	{"file is not a database", ErrCorrupt},
	{"no such table", ErrForeignSchema},
	{"no such column", ErrForeignSchema},
}

// reasonOf returns the sentinel that the database's error stands for, or nil.
func reasonOf(err error) error {
	if err == nil {
		return nil
	}
	var reason error
	if e, ok := errors.AsType[interface {
		error
		Code() int
	}](err); ok {
		reason = sqliteReasons[e.Code()&0xff]
	} else if e, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		reason = postgresReasons[e.SQLState()]
	}
	if reason != nil {
		return reason
	}
	for _, w := range wordedReasons {
		if strings.Contains(err.Error(), w.words) {
			return w.reason
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return ErrLocked
	}
	return nil
}

// Error is a failed operation of a store, on one line.
type Error struct {
	Op  string // with the package in front: "inbox: put"
	Err error
}

// Error names the operation.
func (e *Error) Error() string { return e.Op + ": " + OneLine(e.Err.Error()) }

// Unwrap returns the database's error.
func (e *Error) Unwrap() error { return e.Err }

// OneLine makes an error's text fit to be stored: one line, at most 1 KiB, valid UTF-8.
func OneLine(s string) string {
	const limit = 1 << 10
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}
