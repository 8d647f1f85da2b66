package harbor

import (
	"errors"
	"net/http"
	"strings"

	"github.com/lockerline/lockerline-go/internal/tokens"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// What an error is, for errors.Is. An error may be several of these.
var (
	ErrNotFound          = errors.New("harbor: not found")            // 404, 410; no location in range
	ErrUnauthorized      = errors.New("harbor: unauthorized")         // 401, or no token for these credentials
	ErrForbidden         = errors.New("harbor: forbidden")            // 403
	ErrInvalid           = errors.New("harbor: invalid request")      // 400, 422, and arguments refused here
	ErrConflict          = errors.New("harbor: conflict")             // 409: the locker is in another state, or another's
	ErrRateLimited       = errors.New("harbor: rate limited")         // 429
	ErrServer            = errors.New("harbor: server error")         // 5xx
	ErrNoLockerAvailable = errors.New("harbor: no locker available")  // by Harbor's words, whatever the status
	ErrOutcomeUnknown    = errors.New("harbor: outcome unknown")      // Error.MaybeApplied: look before asking again
	ErrAttemptTimeout    = transport.ErrAttemptTimeout                // the last attempt took too long; not context.DeadlineExceeded
	ErrClosed            = errors.New("harbor: the client is closed") // a call after Client.Close
)

// kindOf says what an HTTP status means.
func kindOf(status int) error {
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return ErrInvalid
	case http.StatusUnauthorized:
		return ErrUnauthorized
	case http.StatusForbidden:
		return ErrForbidden
	case http.StatusNotFound, http.StatusGone:
		return ErrNotFound
	case http.StatusConflict:
		return ErrConflict
	case http.StatusTooManyRequests:
		return ErrRateLimited
	}
	if status >= 500 {
		return ErrServer
	}
	return nil
}

// advice is the last words of an error: what to do about it.
func (e *Error) advice() string {
	switch {
	case e.MaybeApplied:
		return "it may have been applied: look before asking again"
	case e.is(ErrNoLockerAvailable):
		return "no locker of this kind is free: try another type or place"
	case e.RetryAfter > 0:
		return "asked to wait " + e.RetryAfter.String()
	case e.StatusCode == http.StatusUnauthorized && e.cause == nil:
		return "check that the credentials belong to this environment and scope"
	}
	return ""
}

func (e *Error) is(kind error) bool {
	for _, k := range e.kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// Retryable reports whether making the same call again, later, may succeed and can do no
// harm:
//
//	429, 408 and 5xx but 501 to a read                       yes
//	no answer, or an attempt that timed out, to a read       yes
//	a write that provably had no effect for one of these     yes
//	a write that may have been applied (ErrOutcomeUnknown)   no: look first
//	no token, for a passing reason                           yes
//	the caller's own cancellation or deadline                no
//	a client that is closed                                  no
//	wrong arguments, other 4xx, unreadable answers           no
//
// The client has tried already, as often as its RetryPolicy says. The outcome of no
// other function should be used to decide.
func Retryable(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.MaybeApplied {
		return false
	}
	if _, canceled := errors.AsType[*transport.CanceledError](err); canceled || e.is(ErrClosed) {
		return false
	}
	if auth, ok := errors.AsType[*AuthError](err); ok {
		return !auth.Permanent
	}
	if _, ok := errors.AsType[*DecodeError](err); ok {
		return false
	}
	if e.cause != nil {
		return transport.Transient(e.cause)
	}
	switch e.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented:
		return false
	}
	return e.StatusCode >= 500
}

// newError turns what the transport knows into what a user sees.
func newError(err error) error {
	f, ok := err.(*transport.Failure)
	if !ok {
		return err
	}
	if p, ok := f.Cause.(*transport.PathError); ok {
		return &ArgumentError{Op: f.Op.Name, Fields: []FieldError{{Field: p.Param, Message: p.Reason}}}
	}
	e := &Error{
		Op: f.Op.Name, Method: f.Op.Method, Path: f.Op.Path, StatusCode: f.StatusCode,
		RequestID: f.RequestID, Attempts: f.Attempts, RetryAfter: f.RetryAfter,
		MaybeApplied: f.MaybeApplied, body: f.Body, cause: f.Cause,
	}
	var auth, closed, full, unknown error
	switch cause := f.Cause.(type) {
	case nil:
		e.Detail, e.Fields = parseDetail(f.Body)
		if strings.Contains(strings.ToLower(e.Detail), "no locker available") {
			full = ErrNoLockerAvailable
		}
	case *transport.DecodeError:
		e.cause = &DecodeError{cause.Reason, cause.Offset, cause.Body, cause.Cause}
	case *tokens.Error:
		e.cause = &AuthError{
			cause.StatusCode, cause.Code, cause.Description, cause.RetryAfter, cause.Permanent(), cause.Error(), cause.Cause,
		}
		e.RetryAfter = cause.RetryAfter
		auth = authKind(cause)
	default:
		if errors.Is(cause, tokens.ErrClosed) {
			closed = ErrClosed
		}
	}
	if e.MaybeApplied {
		unknown = ErrOutcomeUnknown
	}
	for _, kind := range [...]error{auth, kindOf(e.StatusCode), closed, full, unknown} {
		if kind != nil && !e.is(kind) {
			e.kinds = append(e.kinds, kind)
		}
	}
	return e
}

// authKind says what a refusal of the token endpoint is: OAuth answers wrong credentials
// with 400 as well.
func authKind(e *tokens.Error) error {
	if e.StatusCode == http.StatusBadRequest {
		return ErrUnauthorized
	}
	return kindOf(e.StatusCode)
}
