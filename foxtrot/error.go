package foxtrot

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// Error is what every call that fails returns, apart from arguments refused before
// anything is sent (*ArgumentError). Use errors.Is with the Err… values to find out what
// happened, errors.AsType[*Error] for the details.
type Error struct {
	Op           string        // operation, such as "customers.get"
	Method, Path string        // the path is the template, never the URL
	StatusCode   int           // of the last answer; 0 when there was none; 200 when only the envelope says error
	Code         Code          // Foxtrot's own; 0 when the answer had none
	Detail       string        // Foxtrot's own words, at most 300 characters; may name ids, so it is not part of the text
	Problems     []string      // what Foxtrot found wrong with a route (code 3000); each at most 300 characters
	RequestID    string        // by which Foxtrot knows the request; empty when it named none
	Attempts     int           // requests sent, or tried to
	RetryAfter   time.Duration // how long Foxtrot asked to wait; 0 when it did not
	MaybeApplied bool          // a write that may have taken effect: ErrOutcomeUnknown

	body   []byte
	cause  error
	kinds  []error
	reason string // in place of the status, for an answer that HTTP calls a success
}

// Error is one line: the operation, what happened, and what to do. It holds no body, no
// identifier and no secret.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("foxtrot: " + e.Op + ": ")
	switch {
	case e.cause != nil:
		b.WriteString(oneLine(e.cause.Error()))
		if e.StatusCode != 0 {
			fmt.Fprintf(&b, " (last answer was %d)", e.StatusCode)
		}
	case e.Code.Known():
		fmt.Fprintf(&b, "%s (code %d, status %d)", e.Code.Meaning(), e.Code, e.StatusCode)
	case e.Code != 0:
		fmt.Fprintf(&b, "failed with code %d (status %d)", e.Code, e.StatusCode)
	case e.reason != "":
		b.WriteString(e.reason)
	default:
		b.WriteString(strings.TrimSpace(fmt.Sprintf("answered %d %s", e.StatusCode, strings.ToLower(http.StatusText(e.StatusCode)))))
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " after %d attempts", e.Attempts)
	}
	if advice := e.advice(); advice != "" {
		b.WriteString("; " + advice)
	}
	return b.String()
}

// Format writes what Error says, whatever the verb: %#v would print the answer.
func (e *Error) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.Error()) }

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
		slog.String("op", e.Op), slog.Int("status", e.StatusCode), slog.Int("code", int(e.Code)),
		slog.Int("attempts", e.Attempts), slog.Bool("maybe_applied", e.MaybeApplied), slog.String("message", e.Error()),
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	if e.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	return slog.GroupValue(attrs...)
}

// FieldError is one thing wrong with the arguments of a call.
type FieldError struct {
	Field   string // name of the argument
	Message string // without its value
}

// ArgumentError says that arguments were refused before anything was sent. It names all
// that is wrong at once and matches ErrInvalid.
type ArgumentError struct {
	Op     string
	Fields []FieldError
}

// Error names the operation and every argument at fault, without its value.
func (e *ArgumentError) Error() string {
	var b strings.Builder
	b.WriteString("foxtrot: " + e.Op + ": ")
	for i, f := range e.Fields {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(f.Field + " " + f.Message)
	}
	return b.String()
}

// Unwrap returns ErrInvalid.
func (e *ArgumentError) Unwrap() error { return ErrInvalid }

// DecodeError says that an answer was not what the operation promises: HTML, cut off,
// empty, or of another shape. It is the cause of an *Error, which has the status; alone,
// it is what DecodeWebhook returns.
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

// Format writes what Error says, whatever the verb.
func (e *DecodeError) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, e.Error()) }

// Snapshot returns the start of the answer, at most 4 KiB.
func (e *DecodeError) Snapshot() []byte { return e.snapshot }

// Unwrap returns the error of encoding/json, if there is one.
func (e *DecodeError) Unwrap() error { return e.cause }

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, s)
}
