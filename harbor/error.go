package harbor

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// Error is what every call that fails returns, apart from arguments refused before
// anything is sent (*ArgumentError). Use errors.Is with the Err… values to find out what
// happened, errors.AsType[*Error] for the details.
type Error struct {
	Op           string        // operation, such as "lockers.reserve"
	Method, Path string        // the path is the template, never the URL
	StatusCode   int           // of the last answer; 0 when there was none
	Detail       string        // Harbor's own words, at most 300 characters; may name ids, so it is not part of the text
	Fields       []FieldError  // what Harbor found wrong with the request (status 422)
	RequestID    string        // by which Harbor knows the request; empty when it named none
	Attempts     int           // requests sent, or tried to
	RetryAfter   time.Duration // how long Harbor asked to wait; 0 when it did not
	MaybeApplied bool          // a write, not one that is safe to repeat, that may have taken effect: ErrOutcomeUnknown

	body  []byte
	cause error
	kinds []error
}

// FieldError is one thing wrong with a request.
type FieldError struct {
	Field   string // such as "body.duration" (Harbor's words), or the argument's name
	Message string
	Type    string // Harbor's code for it; empty in an ArgumentError
}

// Error is one line: the operation, what happened, and what to do. It holds no body, no
// query, no identifier and no secret.
func (e *Error) Error() string {
	s := "harbor: " + e.Op + ": "
	if e.cause == nil {
		s += "answered " + strconv.Itoa(e.StatusCode) + " " + strings.ToLower(http.StatusText(e.StatusCode))
	} else {
		s += oneLine(e.cause.Error())
		if e.StatusCode != 0 {
			s += " (last answer was " + strconv.Itoa(e.StatusCode) + ")"
		}
	}
	if e.Attempts > 1 {
		s += " after " + strconv.Itoa(e.Attempts) + " attempts"
	}
	if advice := e.advice(); advice != "" {
		s += "; " + advice
	}
	return s
}

// Format writes what Error says, whatever the verb: the answer may hold what must not be
// printed.
func (e *Error) Format(s fmt.State, verb rune) { formatError(s, verb, e) }

// Body returns the last answer as it came, at most 256 KiB; nil when there was none. It
// may hold what must not be logged.
func (e *Error) Body() []byte { return e.body }

// Unwrap returns the Err… values that fit, and the cause.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return e.kinds
	}
	return append(e.kinds[:len(e.kinds):len(e.kinds)], e.cause)
}

// LogValue is what log/slog writes: what Error says, in fields.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("op", e.Op), slog.Int("status", e.StatusCode), slog.Int("attempts", e.Attempts),
		slog.Bool("maybe_applied", e.MaybeApplied), slog.String("message", e.Error()),
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	if e.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON writes what Error says, in fields, for a logger that writes JSON.
func (e *Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Op           string `json:"op"`
		StatusCode   int    `json:"status"`
		Attempts     int    `json:"attempts"`
		MaybeApplied bool   `json:"maybe_applied"`
		Message      string `json:"message"`
		RequestID    string `json:"request_id,omitempty"`
	}{e.Op, e.StatusCode, e.Attempts, e.MaybeApplied, e.Error(), e.RequestID})
}

// ArgumentError says that arguments were refused before anything was sent. It names all
// that is wrong at once and matches ErrInvalid.
type ArgumentError struct {
	Op     string
	Fields []FieldError
}

// Error names the operation and every argument at fault, without its value.
func (e *ArgumentError) Error() string {
	faults := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		faults[i] = f.Field + " " + f.Message
	}
	return "harbor: " + e.Op + ": " + strings.Join(faults, "; ")
}

// Unwrap returns ErrInvalid.
func (e *ArgumentError) Unwrap() error { return ErrInvalid }

// AuthError says that the token endpoint gave no token. It is the cause of an *Error.
// Nothing of the request is in it: that holds the client secret.
type AuthError struct {
	StatusCode  int           // of the token endpoint; 0 when there was no answer
	Code        string        // OAuth 2.0 error, such as "unauthorized_client"; often empty
	Description string        // the endpoint's own words; not part of the text
	RetryAfter  time.Duration // how long it asked to wait
	Permanent   bool          // asking again with the same credentials is no use

	reason string
	cause  error
}

// Error is one line without secrets.
func (e *AuthError) Error() string { return e.reason }

// Format writes what Error says, whatever the verb.
func (e *AuthError) Format(s fmt.State, verb rune) { formatError(s, verb, e) }

// MarshalJSON writes what Error says.
func (e *AuthError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }

// Unwrap returns the cause, if there is one.
func (e *AuthError) Unwrap() error { return e.cause }

// DecodeError says that an answer was not what the operation promises: HTML, cut off,
// empty, or of another shape. It is the cause of an *Error, which has the status.
type DecodeError struct {
	Reason string // for a person; holds nothing of the answer
	Offset int64  // of the fault in bytes; -1 when it is not at one place

	snapshot []byte
	cause    error
}

// Error is one line that holds nothing of the answer.
func (e *DecodeError) Error() string {
	return (&transport.DecodeError{Reason: e.Reason, Offset: e.Offset}).Error()
}

// Format writes what Error says, whatever the verb: the answer may hold what must not be
// printed.
func (e *DecodeError) Format(s fmt.State, verb rune) { formatError(s, verb, e) }

// MarshalJSON writes what Error says.
func (e *DecodeError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }

// Snapshot returns the start of the answer, at most 4 KiB.
func (e *DecodeError) Snapshot() []byte { return e.snapshot }

// Unwrap returns the error of encoding/json, if there is one.
func (e *DecodeError) Unwrap() error { return e.cause }

func formatError(s fmt.State, verb rune, err error) {
	text := err.Error()
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(s, text)
}

// oneLine replaces line breaks, and whatever is not UTF-8.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, s)
}
