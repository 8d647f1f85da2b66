package lockerline

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/redact"
)

// Error is what every call that fails returns, apart from arguments refused before
// anything is sent (*ArgumentError). Use errors.Is with the Err… values to find out what
// happened, errors.AsType[*Error] for the details. What an Error is follows from its
// fields alone: one that a program made or stored matches as one from a client does.
type Error struct {
	Service      string        // "harbor", "foxtrot" …
	Op           string        // operation, such as "lockers.reserve"
	Method, Path string        // the path is the template, never the URL
	StatusCode   int           // of the last answer; 0 when there was none
	Code         Code          // the service's own code; nil when the answer had none
	Detail       string        // the service's own words, at most 300 characters; may name ids, so it is not part of the text
	Fields       []FieldError  // what the service found wrong with the request
	RequestID    string        // by which the service knows the request; empty when it named none
	Attempts     int           // requests sent, or tried to
	RetryAfter   time.Duration // how long the service asked to wait; 0 when it did not
	MaybeApplied bool          // a write, not one that is safe to repeat, that may have taken effect: ErrOutcomeUnknown
	Err          error         // what stopped the call; nil when the answer itself is the failure
	Body         []byte        // the last answer as it came, at most 256 KiB; may hold what must not be logged
}

// Code is a service's own word or number for a failure. It is an open set.
type Code interface {
	// String is the code as the service wrote it.
	String() string
	// Meaning is what the code stands for, in a few words; empty for an unknown code.
	Meaning() string
	// Kinds are the Err… values that an error with this code and HTTP status matches.
	// It reports false when the status alone decides.
	Kinds(status int) ([]error, bool)
}

// FieldError is one thing wrong with a request.
type FieldError struct {
	Field   string // the argument's name, or where the service says the fault is, such as "body.duration"
	Message string // without the value
	Type    string // the service's code for it; empty in an ArgumentError
}

// Error is one line: the operation, what happened, and what to do. It holds no body, no
// query, no identifier and no secret.
func (e *Error) Error() string {
	text := prefix(e.Service, e.Op)
	switch {
	case e.Err != nil:
		text += redact.Line(e.Err.Error())
		if e.StatusCode != 0 {
			text += fmt.Sprintf(" (last answer was %d)", e.StatusCode)
		}
	case e.Code != nil && e.Code.Meaning() != "":
		text += fmt.Sprintf("%s (code %s, status %d)", e.Code.Meaning(), e.Code, e.StatusCode)
	case e.Code != nil:
		text += fmt.Sprintf("failed with code %s (status %d)", redact.Line(e.Code.String()), e.StatusCode)
	default:
		text += strings.TrimSpace("answered " + strconv.Itoa(e.StatusCode) + " " + strings.ToLower(http.StatusText(e.StatusCode)))
	}
	if e.Attempts > 1 {
		text += fmt.Sprintf(" after %d attempts", e.Attempts)
	}
	if advice := e.advice(); advice != "" {
		text += "; " + advice
	}
	return text
}

// advice is the last words of an error: what to do about it.
func (e *Error) advice() string {
	switch {
	case e.MaybeApplied:
		return "it may have been applied: look before asking again"
	case errors.Is(e, ErrPending):
		return "ask again later"
	case e.RetryAfter > 0:
		return "asked to wait " + e.RetryAfter.String()
	case e.Err == nil && e.StatusCode == http.StatusUnauthorized:
		return "check that the credentials belong to this environment and scope"
	case e.Err == nil && e.StatusCode == http.StatusForbidden:
		return "check that what was asked for belongs to this account"
	}
	return ""
}

// Is reports whether e is of a kind: one of the Err… values of this package or of a
// service's. It looks at the exported fields alone.
func (e *Error) Is(target error) bool {
	k, ok := target.(*kind)
	return ok && k.matches(e)
}

// Unwrap returns what stopped the call.
func (e *Error) Unwrap() error { return e.Err }

// Format writes what Error says, whatever the verb: the answer may hold what must not be
// printed.
func (e Error) Format(s fmt.State, verb rune) { redact.Format(s, verb, e.Error()) }

// LogValue is what log/slog writes: what Error says, in fields.
func (e Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("op", e.Op), slog.Int("status", e.StatusCode), slog.Int("attempts", e.Attempts),
		slog.Bool("maybe_applied", e.MaybeApplied), slog.String("message", e.Error()),
	}
	if e.Code != nil {
		attrs = append(attrs, slog.String("code", e.Code.String()))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	if e.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	return slog.GroupValue(attrs...)
}

// errorJSON is an Error as JSON: what may be logged and kept.
type errorJSON struct {
	Service      string        `json:"service"`
	Op           string        `json:"op"`
	Method       string        `json:"method"`
	Path         string        `json:"path"`
	StatusCode   int           `json:"status"`
	Code         string        `json:"code,omitempty"`
	Attempts     int           `json:"attempts"`
	MaybeApplied bool          `json:"maybe_applied"`
	RequestID    string        `json:"request_id,omitempty"`
	RetryAfter   time.Duration `json:"retry_after,omitempty"` // nanoseconds
	Message      string        `json:"message"`
}

// MarshalJSON writes what may be logged and kept: neither Detail nor Fields nor Body.
func (e Error) MarshalJSON() ([]byte, error) {
	j := errorJSON{
		e.Service, e.Op, e.Method, e.Path, e.StatusCode, "", e.Attempts, e.MaybeApplied, e.RequestID, e.RetryAfter, e.Error(),
	}
	if e.Code != nil {
		j.Code = e.Code.String()
	}
	return json.Marshal(j)
}

// UnmarshalJSON restores what MarshalJSON wrote. A code comes back as text: give Code the
// service's own type to have it mean what it meant.
func (e *Error) UnmarshalJSON(b []byte) error {
	var j errorJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*e = Error{
		Service: j.Service, Op: j.Op, Method: j.Method, Path: j.Path, StatusCode: j.StatusCode, Attempts: j.Attempts,
		MaybeApplied: j.MaybeApplied, RequestID: j.RequestID, RetryAfter: j.RetryAfter,
	}
	if j.Code != "" {
		e.Code = textCode(j.Code)
	}
	if j.StatusCode == 0 {
		e.Err = errors.New("there was no answer")
	}
	return nil
}

// textCode is a code whose service is not asked what it stands for.
type textCode string

func (c textCode) String() string          { return string(c) }
func (textCode) Meaning() string           { return "" }
func (textCode) Kinds(int) ([]error, bool) { return nil, false }

// ArgumentError says that arguments were refused before anything was sent. It names all
// that is wrong at once and matches ErrInvalid.
type ArgumentError struct {
	Service string
	Op      string
	Fields  []FieldError
}

// Error names the operation and every argument at fault, without its value.
func (e *ArgumentError) Error() string {
	faults := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		faults[i] = strings.TrimSpace(f.Field + " " + f.Message)
	}
	return redact.Line(prefix(e.Service, e.Op) + strings.Join(faults, "; "))
}

// Is reports whether target is ErrInvalid.
func (e *ArgumentError) Is(target error) bool { return target == ErrInvalid }

// AuthError says that the token endpoint gave no token. It is the cause of an *Error.
// Nothing of the request is in it: that holds the client secret.
type AuthError struct {
	StatusCode  int           // of the token endpoint; 0 when there was no answer
	Code        string        // OAuth 2.0 error, such as "unauthorized_client"; often empty
	Description string        // the endpoint's own words; not part of the text
	RetryAfter  time.Duration // how long it asked to wait; 0 when it did not
	Permanent   bool          // asking again with the same credentials is no use
	Err         error         // what went wrong; nil when the answer itself is the failure
}

// Error is one line without secrets.
func (e *AuthError) Error() string {
	text := "no access token: " + e.reason()
	if e.Code != "" {
		text += " (" + e.Code + ")"
	}
	return redact.Line(text)
}

func (e *AuthError) reason() string {
	switch s := e.StatusCode; {
	case e.Err != nil:
		return e.Err.Error()
	case s == 0:
		return "the token endpoint gave none"
	case s == http.StatusTooManyRequests:
		return "the token endpoint asks to wait"
	case s >= 500 || s == http.StatusRequestTimeout:
		return "the token endpoint answered " + strconv.Itoa(s)
	case s >= 400:
		return "the token endpoint answered " + strconv.Itoa(s) + ": check client id, secret, scope and environment"
	case s >= 300:
		return "the token endpoint redirects, which is never followed: check the token URL"
	}
	return "the token endpoint answered with an error"
}

// Is reports whether e is of a kind. OAuth answers wrong credentials with 400 as well.
func (e *AuthError) Is(target error) bool {
	status := e.StatusCode
	if status == http.StatusBadRequest {
		status = http.StatusUnauthorized
	}
	return (&Error{StatusCode: status}).Is(target)
}

// Unwrap returns what went wrong, if there is more than an answer.
func (e *AuthError) Unwrap() error { return e.Err }

// Format writes what Error says, whatever the verb.
func (e AuthError) Format(s fmt.State, verb rune) { redact.Format(s, verb, e.Error()) }

// MarshalJSON writes what Error says.
func (e AuthError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }

// LogValue is what Error says.
func (e AuthError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

// DecodeError says that an answer was not what the operation promises: HTML, cut off,
// empty, or of another shape. It is the cause of an *Error, which has the status; alone,
// it is what the readers of webhooks return.
type DecodeError struct {
	Reason   string // for a person; holds nothing of the answer
	Offset   int64  // of the fault in bytes; -1 when it is not at one place
	Snapshot []byte // the start of the answer, at most 4 KiB; may hold what must not be logged
	Err      error  // of encoding/json, if any
}

// Error is one line that holds nothing of the answer.
func (e *DecodeError) Error() string {
	text := "answer cannot be read: " + e.Reason
	if e.Offset >= 0 {
		text += " at byte " + strconv.FormatInt(e.Offset, 10)
	}
	return redact.Line(text)
}

// Unwrap returns the error of encoding/json, if there is one.
func (e *DecodeError) Unwrap() error { return e.Err }

// Format writes what Error says, whatever the verb.
func (e DecodeError) Format(s fmt.State, verb rune) { redact.Format(s, verb, e.Error()) }

// MarshalJSON writes what Error says.
func (e DecodeError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }

// LogValue is what Error says.
func (e DecodeError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

func prefix(names ...string) string {
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	if len(names) == 0 {
		return ""
	}
	return strings.Join(names, ": ") + ": "
}
