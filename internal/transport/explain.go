package transport

import (
	"context"
	"errors"
	"strings"
)

// errContextReplaced ends a call whose middleware lost what its attempts travel under.
// Without it there is no deadline, and no telling what was sent.
var errContextReplaced = errors.New("the middleware replaced the context of the request instead of deriving from it")

// explain says what an error from below means for the call.
func (a *attempt) explain(err error) error {
	if errors.Is(err, errContextReplaced) {
		a.known.Store(true)
		return err
	}
	if context.Cause(a) == ErrAttemptTimeout {
		return ErrAttemptTimeout
	}
	if _, ok := errors.AsType[*credentialError](err); ok || a.call.Err() != nil {
		return err
	}
	if text := err.Error(); strings.Contains(text, "malformed ") || strings.Contains(text, "failed to parse Location") {
		// net/http quotes what it could not parse: when an answer before was longer
		// than it said, that is the rest of its body.
		return &quietError{text: "answer is not well-formed HTTP"}
	}
	return Detached(err)
}

// Detached returns err such that it cannot be taken for the end of the caller's own
// context. Dialler, transport and middleware have time limits of their own whose errors
// match context.DeadlineExceeded; here they match ErrAttemptTimeout instead.
func Detached(err error) error {
	timeout := errors.Is(err, context.DeadlineExceeded)
	if !timeout && !errors.Is(err, context.Canceled) {
		return err
	}
	return &quietError{text: StripURL(err).Error(), timeout: timeout}
}

// quietError keeps the words of an error and drops what it wraps.
type quietError struct {
	text    string
	timeout bool
}

func (e *quietError) Error() string { return e.text }

// Is tells a time limit from other failures.
func (e *quietError) Is(target error) bool { return e.timeout && target == ErrAttemptTimeout }
