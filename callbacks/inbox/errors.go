package inbox

import (
	"errors"
	"fmt"

	"github.com/lockerline/lockerline-go/callbacks"
)

// Errors for errors.Is. Why Open refused a database is told by the errors of sqlstore.
var (
	// ErrClosed: the box is shutting down; nothing was stored.
	ErrClosed = fmt.Errorf("inbox: closed: %w", callbacks.ErrSinkClosed)
	// ErrFull: more deliveries wait to be written than the box may hold in memory.
	ErrFull = fmt.Errorf("inbox: too many deliveries wait to be written: %w", callbacks.ErrSinkFull)
	// ErrStoreTimeout: the store did not answer in time. Whether the delivery was
	// written is unknown; sent again it is a duplicate at worst.
	ErrStoreTimeout = fmt.Errorf("inbox: store did not answer in time: %w", callbacks.ErrSinkTimeout)
	// ErrLeaseLost: the lease ran out; another worker may have the callback.
	ErrLeaseLost = errors.New("inbox: lease lost")
	// ErrNotFound: no callback has this ID.
	ErrNotFound = errors.New("inbox: no such callback")
	// ErrDraining is the cause of the context of a handler that outlived the drain time.
	ErrDraining = errors.New("inbox: shutting down")
	// ErrDrainTimeout: some handlers did not return in the drain time; their callbacks
	// stay stored and are handed over again.
	ErrDrainTimeout = errors.New("inbox: handlers still running after the drain time")
	// ErrNoTx: the store of this box has no transactions, so HandleTx cannot be used.
	ErrNoTx = errors.New("inbox: store has no transactions; use Run")
)

// Permanent marks an error that a further try cannot mend: the callback becomes a dead
// letter at once. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ error }

func (e *permanentError) Unwrap() error { return e.error }
