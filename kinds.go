package lockerline

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
)

// What an error is, for errors.Is, whichever service it is from: see Error.Service. An
// error may be several of these. Services have further kinds of their own.
var (
	ErrNotFound       = onStatus("not found", http.StatusNotFound, http.StatusGone)                        // 404, 410
	ErrUnauthorized   = onStatus("unauthorized", http.StatusUnauthorized)                                  // 401, or no token for these credentials
	ErrForbidden      = onStatus("forbidden", http.StatusForbidden)                                        // 403
	ErrInvalid        = onStatus("invalid request", http.StatusBadRequest, http.StatusUnprocessableEntity) // 400, 422, and arguments refused before they were sent
	ErrConflict       = onStatus("conflict", http.StatusConflict)                                          // 409: it is in another state, or another's
	ErrRateLimited    = onStatus("rate limited", http.StatusTooManyRequests)                               // 429
	ErrServer         = NewKind("server error", failedThere)                                               // 5xx
	ErrRefused        = NewKind("refused", refused)                                                        // the service looked at the request and said no to this one thing: try the next
	ErrOutcomeUnknown = NewKind("outcome unknown", maybeApplied)                                           // Error.MaybeApplied: look before asking again
	ErrAttemptTimeout = errors.New("attempt timed out")                                                    // the last attempt took too long; not context.DeadlineExceeded
	ErrPending        = errors.New("not done yet")                                                         // accepted, not done: ask again later
	ErrClosed         = errors.New("the client is closed")                                                 // a call after Close
)

// kind is a value for errors.Is that an Error matches by its fields.
type kind struct {
	text     string
	statuses []int
	match    func(*Error) bool
}

// NewKind returns a value for errors.Is that an *Error matches when its Code says so, or,
// where the code does not decide, when match does. A nil match leaves it to the code.
func NewKind(text string, match func(*Error) bool) error { return &kind{text: text, match: match} }

// Error names the kind.
func (k *kind) Error() string { return k.text }

func (k *kind) matches(e *Error) bool {
	if e.Code != nil {
		if kinds, decides := e.Code.Kinds(e.StatusCode); decides {
			return slices.Contains(kinds, error(k)) || k == ErrOutcomeUnknown && e.MaybeApplied
		}
	}
	return slices.Contains(k.statuses, e.StatusCode) || k.match != nil && k.match(e)
}

func failedThere(e *Error) bool  { return e.StatusCode >= 500 }
func maybeApplied(e *Error) bool { return e.MaybeApplied }

func onStatus(text string, statuses ...int) error { return &kind{text: text, statuses: statuses} }

// refused: a status that speaks of the thing asked for, and of neither the account, the
// route, the load nor a field of the request. A 404 without a word is a wrong route as
// well as a missing thing, so it is none.
func refused(e *Error) bool {
	if e.MaybeApplied || e.Err != nil || len(e.Fields) > 0 {
		return false
	}
	switch e.StatusCode {
	case http.StatusConflict, http.StatusGone, http.StatusLocked, http.StatusPreconditionFailed:
		return true
	case http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity:
		return e.Detail != ""
	}
	return false
}

// Retryable reports whether making the same call again, later, may succeed and can do no
// harm:
//
//	429, 408 and 5xx but 501, 505 and 511 to a read          yes
//	no answer, or an attempt that timed out, to a read       yes
//	a write that provably had no effect for one of these     yes
//	not done yet (ErrPending), to a read                     yes
//	a write that may have been applied (ErrOutcomeUnknown)   no: look first
//	no token, for a passing reason                           yes
//	the caller's own cancellation or deadline                no
//	a client that is closed                                  no
//	wrong arguments, other 4xx, unreadable answers           no
//
// The client has tried already, as often as its RetryPolicy says. No other function should
// be used to decide.
func Retryable(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.MaybeApplied {
		return false
	}
	if e.Err != nil {
		return passing(e.Err)
	}
	switch e.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported, http.StatusNetworkAuthenticationRequired:
		return false
	}
	return e.StatusCode >= 500
}

// passing reports whether what stopped a call may be gone the next time.
func passing(err error) bool {
	switch err {
	case nil, ErrAttemptTimeout, ErrPending:
		return true
	case ErrClosed, context.Canceled, context.DeadlineExceeded, http.ErrSchemeMismatch:
		return false
	}
	switch e := err.(type) {
	case *kind:
		return false // a conclusion from an answer that was read well
	case *AuthError:
		return !e.Permanent && passing(e.Err)
	case interface{ Permanent() bool }:
		return !e.Permanent()
	case *DecodeError, *tls.CertificateVerificationError, tls.RecordHeaderError,
		// What a user's own verification function returns comes as it is.
		x509.HostnameError, x509.UnknownAuthorityError, x509.CertificateInvalidError:
		return false
	case interface{ Unwrap() error }:
		return passing(e.Unwrap())
	case interface{ Unwrap() []error }:
		return !slices.ContainsFunc(e.Unwrap(), func(err error) bool { return !passing(err) })
	}
	return true
}
