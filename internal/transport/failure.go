package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Failure is the end of a call that brought no usable answer: all that is known, for the
// packages above to build their own error from.
type Failure struct {
	Op           *Operation
	StatusCode   int    // of the last answer; 0 when there was none
	Body         []byte // of the last answer, at most 256 KiB
	RequestID    string
	Attempts     int
	RetryAfter   time.Duration // as the server last asked; 0 when it did not
	MaybeApplied bool          // a write that may have taken effect
	Cause        error         // nil when the answer itself is the failure
}

// Error is one line without URL, body, identifiers or secrets.
func (f *Failure) Error() string {
	s := f.Op.Name + ": "
	switch {
	case f.Cause != nil && f.StatusCode != 0:
		s += fmt.Sprintf("%v (last answer was %d)", f.Cause, f.StatusCode)
	case f.Cause != nil:
		s += f.Cause.Error()
	default:
		s += fmt.Sprintf("answered %d %s", f.StatusCode, http.StatusText(f.StatusCode))
	}
	if f.Attempts > 1 {
		s += fmt.Sprintf(" after %d attempts", f.Attempts)
	}
	return s
}

// GoString is the same as Error: %#v would print the answer.
func (f *Failure) GoString() string { return f.Error() }

// Unwrap returns what stopped the call.
func (f *Failure) Unwrap() error { return f.Cause }

// CanceledError is the caller's own end of a call: its context was cancelled or ran out.
// It matches both context.Canceled (or context.DeadlineExceeded) and the cause given.
type CanceledError struct {
	Err   error // context.Canceled or context.DeadlineExceeded
	Cause error // context.Cause; the same as Err when none was given
}

func (e *CanceledError) Error() string {
	if e.Cause != nil && !errors.Is(e.Err, e.Cause) {
		return fmt.Sprintf("%v: %v", e.Err, e.Cause)
	}
	return e.Err.Error()
}

// Unwrap returns the context's error and its cause.
func (e *CanceledError) Unwrap() []error { return []error{e.Err, e.Cause} }

// Canceled returns the end of ctx as an error.
func Canceled(ctx context.Context) error {
	return &CanceledError{ctx.Err(), context.Cause(ctx)}
}

// DecodeError says that an answer was not what the operation promises.
type DecodeError struct {
	Reason string // for a person; never holds the answer
	Offset int64  // of the fault in bytes; -1 when it is not at one place
	Body   []byte // the start of the answer, at most 4 KiB
	Cause  error  // of encoding/json, if any
}

func (e *DecodeError) Error() string {
	if e.Offset >= 0 {
		return fmt.Sprintf("answer cannot be read: %s at byte %d", e.Reason, e.Offset)
	}
	return "answer cannot be read: " + e.Reason
}

// GoString is the same as Error: %#v would print the answer.
func (e *DecodeError) GoString() string { return e.Error() }

// Unwrap returns the cause.
func (e *DecodeError) Unwrap() error { return e.Cause }
