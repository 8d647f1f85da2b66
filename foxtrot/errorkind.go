package foxtrot

import (
	"errors"
	"net/http"
	"slices"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// What an error is, for errors.Is. An error may be several of these. Codes says which of
// Foxtrot's codes each stands for.
var (
	ErrNotFound             = errors.New("foxtrot: not found")              // 404; 400 with code 2001, 3003 or 6000
	ErrUnauthorized         = errors.New("foxtrot: unauthorized")           // 401: the API key is wrong
	ErrForbidden            = errors.New("foxtrot: forbidden")              // 403: the DC does not exist, or is not yours
	ErrInvalid              = errors.New("foxtrot: invalid request")        // 400 and 422, and arguments refused here
	ErrConflict             = errors.New("foxtrot: conflict")               // 409, and codes for "not in this state"
	ErrDuplicate            = errors.New("foxtrot: exists already")         // codes 2000, 3005 to 3009 and 5001; also ErrConflict
	ErrNotConfigured        = errors.New("foxtrot: not configured")         // codes 1001 and 1002
	ErrRateLimited          = errors.New("foxtrot: rate limited")           // 429
	ErrServer               = errors.New("foxtrot: server error")           // 5xx, and code 1000
	ErrPending              = errors.New("foxtrot: pending")                // accepted, not done yet: ask again later
	ErrLocationNotConfident = errors.New("foxtrot: location not confident") // code 7001: an ordinary outcome
	ErrNoLocation           = errors.New("foxtrot: no location known")      // of a customer, or of a driver who never reported one
	ErrOutcomeUnknown       = errors.New("foxtrot: outcome unknown")        // Error.MaybeApplied: look before asking again
	ErrAttemptTimeout       = transport.ErrAttemptTimeout                   // the last attempt took too long; not context.DeadlineExceeded
)

// statusKind is the table of what an HTTP status means.
var statusKind = map[int]error{
	http.StatusBadRequest:          ErrInvalid,
	http.StatusUnauthorized:        ErrUnauthorized,
	http.StatusForbidden:           ErrForbidden,
	http.StatusNotFound:            ErrNotFound,
	http.StatusConflict:            ErrConflict,
	http.StatusGone:                ErrNotFound,
	http.StatusUnprocessableEntity: ErrInvalid,
	http.StatusTooManyRequests:     ErrRateLimited,
}

// kindsOf says what a status and a code mean together. A documented code is more precise
// than the status where that only says that the request was no good: 400 with 3003 is not
// found and not invalid, 404 with 7001 is not confident and not not found.
func kindsOf(status int, code Code) []error {
	kind := statusKind[status]
	if status >= 500 {
		kind = ErrServer
	}
	info, known := code.info()
	if known && kind != ErrUnauthorized && kind != ErrForbidden && kind != ErrRateLimited && kind != ErrServer {
		return slices.Clone(info.Kinds)
	}
	var kinds []error
	if kind != nil {
		kinds = append(kinds, kind)
	}
	for _, k := range info.Kinds {
		if k != kind {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// advice is the last words of an error: what to do about it.
func (e *Error) advice() string {
	switch {
	case e.MaybeApplied:
		return "it may have been applied: look before asking again"
	case e.is(ErrPending):
		return "ask again later"
	case e.RetryAfter > 0:
		return "asked to wait " + e.RetryAfter.String()
	case e.is(ErrUnauthorized):
		return "check the API key"
	case e.is(ErrForbidden):
		return "the DC does not exist or is not yours: see DCs.List"
	}
	return ""
}

func (e *Error) is(kind error) bool { return slices.Contains(e.kinds, kind) }

// Retryable reports whether making the same call again, later, may succeed and can do no
// harm:
//
//	429, 408 and 5xx but 501 to a read                       yes
//	no answer, or an attempt that timed out, to a read       yes
//	a write that provably had no effect for one of these     yes
//	pending, to a read                                       yes
//	a write that may have been applied (ErrOutcomeUnknown)   no: look first
//	the caller's own cancellation or deadline                no
//	wrong arguments, other 4xx, unreadable answers           no
//	location not confident, no location known                no
//
// The client has tried already, as often as its RetryPolicy says. The outcome of no
// other function should be used to decide.
func Retryable(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.MaybeApplied {
		return false
	}
	if _, canceled := errors.AsType[*transport.CanceledError](err); canceled {
		return false
	}
	if _, ok := errors.AsType[*DecodeError](err); ok {
		return false
	}
	if e.cause != nil {
		return transport.Transient(e.cause)
	}
	if e.is(ErrPending) {
		return true
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
	f, ok := errors.AsType[*transport.Failure](err)
	if !ok {
		return err
	}
	if p, ok := errors.AsType[*transport.PathError](f.Cause); ok {
		return argumentError(f.Op.Name, []FieldError{{p.Param, p.Reason}})
	}
	e := &Error{
		Op: f.Op.Name, Method: f.Op.Method, Path: f.Op.Path, StatusCode: f.StatusCode,
		RequestID: f.RequestID, Attempts: f.Attempts, RetryAfter: f.RetryAfter,
		MaybeApplied: f.MaybeApplied, body: f.Body, cause: f.Cause,
	}
	if said, ok := errors.AsType[*statusError](f.Cause); ok {
		e.envelopeSays(said.word)
	} else if d, ok := errors.AsType[*transport.DecodeError](f.Cause); ok {
		e.cause = &DecodeError{d.Reason, d.Offset, d.Body, d.Cause}
	}
	if e.cause == nil || e.StatusCode >= 400 {
		d := parseDetail(f.Body)
		e.Code, e.Detail, e.Problems = d.code, d.message, d.problems
	}
	e.kinds = append(e.kinds, kindsOf(e.StatusCode, e.Code)...)
	if e.refusedInWords() && e.Attempts == 1 {
		e.MaybeApplied = false
	}
	if e.MaybeApplied {
		e.kinds = append(e.kinds, ErrOutcomeUnknown)
	}
	return e
}

// envelopeSays is for an answer whose HTTP status is a success and whose envelope is not.
func (e *Error) envelopeSays(word string) {
	e.cause = nil
	switch word {
	case "pending":
		e.reason = "not done yet"
		e.kinds = append(e.kinds, ErrPending)
	case "error":
		e.reason = saysError
	default:
		e.reason = "the envelope's status is none that is known"
	}
}

const saysError = "the envelope says error, without a code"

// refusedInWords reports whether the last answer is an envelope by which Foxtrot says
// that it did not do what it was asked, for a reason other than a fault of its own.
func (e *Error) refusedInWords() bool { return e.reason == saysError && !e.is(ErrServer) }

// outcome is an answer that was read well and holds no result.
func outcome(id opID, res transport.Result, kind error, reason string) *Error {
	op := &descriptors[id]
	return &Error{
		Op: op.Name, Method: op.Method, Path: op.Path, StatusCode: res.StatusCode,
		RequestID: res.RequestID, Attempts: res.Attempts, kinds: []error{kind}, reason: reason,
	}
}
