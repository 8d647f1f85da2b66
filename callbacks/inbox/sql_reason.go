package inbox

import (
	"errors"
	"strings"
)

// No driver is linked, so what went wrong is told by the codes that drivers show in one of
// two ways, and by the database's own words where a driver shows none.

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

var reasons = []error{ErrCorrupt, ErrReadOnly, ErrLocked, ErrNewerSchema, ErrForeignSchema, ErrNotDurable}

// reasonOf is the sentinel that err stands for, or nil.
func reasonOf(err error) error {
	if err == nil {
		return nil
	}
	for _, r := range reasons {
		if errors.Is(err, r) && r != ErrForeignSchema {
			return r
		}
	}
	if e, ok := errors.AsType[interface {
		error
		Code() int
	}](err); ok {
		if r := sqliteReasons[e.Code()&0xff]; r != nil {
			return r
		}
	}
	if e, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		if r := postgresReasons[e.SQLState()]; r != nil {
			return r
		}
	}
	for _, w := range wordedReasons {
		if strings.Contains(err.Error(), w.words) {
			return w.reason
		}
	}
	if errors.Is(err, ErrForeignSchema) {
		return ErrForeignSchema
	}
	return nil
}
