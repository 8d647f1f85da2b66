package callbacks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
)

// What a Sink may return, for errors.Is. Each has a Reason of its own.
var (
	// ErrSinkFull: the sink holds as many deliveries as it may; nothing was kept.
	ErrSinkFull = errors.New("the sink is full; slow the sender down")
	// ErrSinkTimeout: the sink did not finish in time. Whether the delivery was kept is
	// unknown; sent again it is a duplicate at worst.
	ErrSinkTimeout = errors.New("the sink did not finish in time; send the callback again")
	// ErrSinkClosed: the sink is shut down; nothing was kept.
	ErrSinkClosed = errors.New("the sink is shut down")
	// ErrNoQuarantine: the body cannot be read, and the sink has no place to keep it. The
	// handler answers 400, so that the body is not lost in silence.
	ErrNoQuarantine = errors.New("callbacks: nothing keeps unreadable bodies; use an inbox or OnQuarantine")
)

var errNoOutcome = errors.New("callbacks: the sink returned neither an outcome nor an error")

// Reason says why a request was not acknowledged. Each has one HTTP status.
type Reason string

// The reasons, in the order in which a handler looks.
const (
	// ReasonMethod is a method that the handler does not take.
	ReasonMethod Reason = "method"
	// ReasonCredential is a missing or wrong secret; nothing of the body was read.
	ReasonCredential Reason = "credential"
	// ReasonExpired is a right secret whose time is over; the event names it.
	ReasonExpired Reason = "expired_credential"
	// ReasonContentType is a body that does not claim to be JSON.
	ReasonContentType Reason = "content_type"
	// ReasonTooLarge is a body over the limit, by its length or in chunks.
	ReasonTooLarge Reason = "too_large"
	// ReasonSlow is a body that did not come in time.
	ReasonSlow Reason = "slow_body"
	// ReasonCut is a body that broke off.
	ReasonCut Reason = "cut_body"
	// ReasonEmpty is a body without content. There is nothing to keep, so acknowledging
	// it could only lose a change whose body went missing on the way.
	ReasonEmpty Reason = "empty_body"
	// ReasonUnreadable is a body that cannot be read and a sink with ErrNoQuarantine.
	ReasonUnreadable Reason = "unreadable"
	// ReasonShutdown is a request after Shutdown.
	ReasonShutdown Reason = "shutdown"
	// ReasonFull is a sink that holds as many deliveries as it may.
	ReasonFull Reason = "full"
	// ReasonTimeout is a sink that did not finish in time.
	ReasonTimeout Reason = "store_timeout"
	// ReasonStore is another error of the sink.
	ReasonStore Reason = "store_error"
	// ReasonPanic is a panic in the sink.
	ReasonPanic Reason = "panic"
)

// refusals holds the HTTP status of each reason. After a 503 the sender should come again.
var refusals = map[Reason]int{
	ReasonMethod:      http.StatusMethodNotAllowed,
	ReasonCredential:  http.StatusUnauthorized,
	ReasonExpired:     http.StatusUnauthorized,
	ReasonContentType: http.StatusUnsupportedMediaType,
	ReasonTooLarge:    http.StatusRequestEntityTooLarge,
	ReasonSlow:        http.StatusRequestTimeout,
	ReasonCut:         http.StatusBadRequest,
	ReasonEmpty:       http.StatusBadRequest,
	ReasonUnreadable:  http.StatusBadRequest,
	ReasonShutdown:    http.StatusServiceUnavailable,
	ReasonFull:        http.StatusServiceUnavailable,
	ReasonTimeout:     http.StatusServiceUnavailable,
	ReasonStore:       http.StatusServiceUnavailable,
	ReasonPanic:       http.StatusInternalServerError,
}

// Status returns the HTTP status that the sender gets; 500 for a reason that is not known.
func (r Reason) Status() int { return cmp.Or(refusals[r], http.StatusInternalServerError) }

// reasonOf reads the error of a sink. Late tells that its context had ended: an earlier
// context.DeadlineExceeded is about a deadline of the sink's own.
func reasonOf(err error, late, quarantined bool) Reason {
	_, panicked := errors.AsType[*PanicError](err)
	switch {
	case panicked:
		return ReasonPanic
	case quarantined && errors.Is(err, ErrNoQuarantine):
		return ReasonUnreadable
	case errors.Is(err, ErrSinkClosed):
		return ReasonShutdown
	case errors.Is(err, ErrSinkFull):
		return ReasonFull
	case errors.Is(err, ErrSinkTimeout), late && errors.Is(err, context.DeadlineExceeded):
		return ReasonTimeout
	}
	return ReasonStore
}

// PanicError is a panic that was caught in code given to this package. Its text leaves out
// the value, which may hold anything, unless the Go runtime made it.
type PanicError struct {
	Op    string // what was running
	Value any
	Stack []byte
}

// Error returns one line.
func (e *PanicError) Error() string {
	if fault, ok := e.Value.(runtime.Error); ok {
		return "callbacks: panic in " + e.Op + ": " + fault.Error()
	}
	return fmt.Sprintf("callbacks: panic in %s with a %T", e.Op, e.Value)
}

// Unwrap returns the value where it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

func caught(op string, value any) *PanicError {
	return &PanicError{Op: op, Value: value, Stack: debug.Stack()}
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
