package inbox

import (
	"errors"
	"fmt"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/internal/sqldb"
)

// Errors for errors.Is.
var (
	// ErrClosed: the box is shutting down; nothing was stored.
	ErrClosed = fmt.Errorf("inbox: closed: %w", callbacks.ErrSinkClosed)
	// ErrFull: more deliveries wait to be written than the box may hold in memory.
	ErrFull = fmt.Errorf("inbox: too many deliveries wait to be written: %w", callbacks.ErrSinkFull)
	// ErrStoreTimeout: the store did not answer in time. Whether the delivery was
	// written is unknown; sent again it is a duplicate at worst.
	ErrStoreTimeout = fmt.Errorf("inbox: store did not answer in time: %w", callbacks.ErrSinkTimeout)
	// ErrLeaseLost: the lease ran out and somebody else may be handling the callback.
	ErrLeaseLost = errors.New("inbox: lease lost")
	// ErrNotFound: no callback has this ID.
	ErrNotFound = errors.New("inbox: no such callback")
	// ErrDraining is the cause of the context of a handler that outlived the drain time.
	ErrDraining = errors.New("inbox: shutting down")
	// ErrDrainTimeout: some handlers did not return in the drain time; what they
	// handled stays stored and is handed over again.
	ErrDrainTimeout = errors.New("inbox: handlers still running after the drain time")
	// ErrNoTx: the store of this box has no transactions, so HandleTx cannot be used.
	ErrNoTx = errors.New("inbox: store has no transactions; use Run")
)

// Why Open refused a database, for errors.Is.
var (
	// ErrCorrupt: the file is damaged or no SQLite database at all.
	ErrCorrupt = errors.New("database is corrupt or not a database; restore a backup or move the file away")
	// ErrReadOnly: nothing can be written.
	ErrReadOnly = errors.New("database is read-only; make it writable or connect to the primary")
	// ErrLocked: another process holds the database and did not let go in time.
	ErrLocked = errors.New("database is locked by another process; stop it or try again")
	// ErrNewerSchema: a later version of this package made the tables.
	ErrNewerSchema = errors.New("tables are of a newer version; update the program")
	// ErrForeignSchema: the tables exist but are not this package's.
	ErrForeignSchema = errors.New("tables of this name are not an inbox of this package; choose another WithTable")
	// ErrNotDurable: the database would lose acknowledged callbacks in a crash.
	ErrNotDurable = errors.New("database is not durable; use a file on a local disk, in WAL mode")
)

var reasons = sqldb.Reasons{
	sqldb.Corrupt: ErrCorrupt, sqldb.ReadOnly: ErrReadOnly, sqldb.Locked: ErrLocked,
	sqldb.NewerSchema: ErrNewerSchema, sqldb.ForeignSchema: ErrForeignSchema, sqldb.NotDurable: ErrNotDurable,
}

// OpenError says why Open refused a database.
type OpenError struct {
	Dialect string // "sqlite" or "postgres"
	Reason  error  // one of the sentinels above, or nil when the cause is none of them
	Err     error  // what the driver said, or nil
}

// Error is one line. The driver's text is part of it.
func (e *OpenError) Error() string { return "inbox: open " + e.Dialect + ": " + e.refusal().Error() }

// Unwrap gives both the reason and the driver's error.
func (e *OpenError) Unwrap() []error { return e.refusal().Unwrap() }

func (e *OpenError) refusal() *sqldb.Refusal { return &sqldb.Refusal{Reason: e.Reason, Err: e.Err} }

// storeError is what a database said about an operation of the store, on one line.
func storeError(op string, err error) error { return &sqldb.Error{Op: "inbox: " + op, Err: err} }

// PanicError is what a handler's panic becomes.
type PanicError struct {
	Value any    // what was passed to panic
	Stack []byte // where
}

// Error is the value alone, on one line.
func (e *PanicError) Error() string {
	return sqldb.OneLine(fmt.Sprintf("handler panicked: %v", e.Value))
}

// Permanent marks an error that no further try can mend: the callback becomes a dead
// letter at once. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }
