package sqldb

import (
	"cmp"
	"context"
	"errors"
	"strings"
)

// Refusal is why tables cannot be used. Its text is one line.
type Refusal struct {
	Reason error // one of the store's Reasons, or nil when the cause is none of them
	Err    error // what the database said, or nil
}

// Error names the reason, then what the database said.
func (r *Refusal) Error() string {
	var texts []string
	for _, err := range r.Unwrap() {
		texts = append(texts, OneLine(err.Error()))
	}
	return strings.Join(texts, ": ")
}

// Unwrap gives both the reason and the database's error.
func (r *Refusal) Unwrap() []error {
	out := make([]error, 0, 2)
	for _, err := range []error{r.Reason, r.Err} {
		if err != nil {
			out = append(out, err)
		}
	}
	return out
}

// Reason is why a database is refused.
type Reason uint8

// The reasons there are. Zero is none of them.
const (
	Corrupt       Reason = iota + 1 // the file is damaged or no database at all
	ReadOnly                        // nothing can be written
	Locked                          // another process holds the database and did not let go in time
	NewerSchema                     // a later version of the program made the tables
	ForeignSchema                   // the tables are somebody else's
	NotDurable                      // acknowledged writes would be lost in a crash
	reasons
)

// Reasons are the errors by which a store shows its users the reasons.
type Reasons [reasons]error

// refusal is err with the reason it stands for. What the database says outranks the guess
// that tables are foreign, which is made of any failure to use them.
func (t *Tables) refusal(err error) *Refusal {
	if err == nil {
		return nil
	}
	r, ok := errors.AsType[*Refusal](err)
	if !ok {
		r = &Refusal{Err: err}
	}
	switch guessed := r.Reason == t.Reasons[ForeignSchema]; {
	case guessed && errors.Is(r.Err, context.Canceled):
		r.Reason = nil // nobody waited for the answer
	case guessed || r.Reason == nil:
		r.Reason = cmp.Or(t.Reasons[reasonOf(r.Err)], r.Reason)
	}
	return r
}

// No driver is linked, so what went wrong is told by the codes that drivers show in one of
// two ways, and by the database's own words where a driver shows none.

// sqliteReasons are by primary result code, https://www.sqlite.org/rescode.html.
var sqliteReasons = map[int]Reason{
	5:  Locked,   // SQLITE_BUSY
	6:  Locked,   // SQLITE_LOCKED
	8:  ReadOnly, // SQLITE_READONLY
	11: Corrupt,  // SQLITE_CORRUPT
	26: Corrupt,  // SQLITE_NOTADB
}

// postgresReasons are by SQLSTATE.
var postgresReasons = map[string]Reason{
	"25006": ReadOnly,      // read_only_sql_transaction
	"42501": ReadOnly,      // insufficient_privilege
	"55P03": Locked,        // lock_not_available
	"42703": ForeignSchema, // undefined_column
	"42P01": ForeignSchema, // undefined_table
	"42P07": ForeignSchema, // duplicate_table
	"42P10": ForeignSchema, // no unique index for ON CONFLICT
	"XX001": Corrupt,       // data_corrupted
	"XX002": Corrupt,       // index_corrupted
}

var wordedReasons = []struct {
	words  string
	reason Reason
}{
	{"database is locked", Locked},
	{"database table is locked", Locked},
	{"readonly database", ReadOnly},
	{"read-only", ReadOnly},
	{"disk image is malformed", Corrupt},
	{"file is not a database", Corrupt},
	{"no such table", ForeignSchema},
	{"no such column", ForeignSchema},
}

// reasonOf is what the database's error stands for.
func reasonOf(err error) Reason {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[interface {
		error
		Code() int
	}](err); ok {
		if r := sqliteReasons[e.Code()&0xff]; r != 0 {
			return r
		}
	}
	if e, ok := errors.AsType[interface {
		error
		SQLState() string
	}](err); ok {
		if r := postgresReasons[e.SQLState()]; r != 0 {
			return r
		}
	}
	for _, w := range wordedReasons {
		if strings.Contains(err.Error(), w.words) {
			return w.reason
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Locked
	}
	return 0
}
