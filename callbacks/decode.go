package callbacks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Decode reads the body of one reservation change, without a handler: for stored bodies, a
// replay, a test. The error is always a *BodyError. The change keeps raw, which must not
// be changed afterwards.
func Decode(raw []byte, opts ...DecodeOption) (ReservationChange, error) {
	return newDecoder(opts).decode(raw)
}

// DecodeOption changes how reservation changes are read; see Reservations and Decode.
type DecodeOption func(*decoder)

// LenientTimes also takes times that RFC 3339 does not allow: without a zone, which then
// means UTC, as "+0100", with a space for the T, in lower case, and an empty text as null.
// None was ever seen; without the option such a body is quarantined.
func LenientTimes() DecodeOption { return func(d *decoder) { d.lenientTimes = true } }

// BodyError says why a body cannot be read. Its text holds nothing of the body but the
// name of a documented member.
type BodyError struct {
	// Field is the member at fault; empty when the body as a whole is.
	Field string
	// Reason is a fixed sentence in lower case.
	Reason string
	// Offset is the byte where JSON broke off, from 1; 0 when that is not the fault.
	Offset int64
}

// Error is one line.
func (e *BodyError) Error() string {
	subject := e.Field
	if subject == "" {
		subject = "body"
	}
	if e.Offset > 0 {
		return fmt.Sprintf("decode reservation change: %s %s (at byte %d)", subject, e.Reason, e.Offset)
	}
	return "decode reservation change: " + subject + " " + e.Reason
}

type decoder struct{ lenientTimes bool }

func newDecoder(opts []DecodeOption) decoder {
	if len(opts) == 0 {
		return decoder{}
	}
	var d decoder
	for _, opt := range opts {
		if opt != nil {
			opt(&d)
		}
	}
	return d
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func (d decoder) decode(raw []byte) (ReservationChange, error) {
	body := bytes.TrimPrefix(raw, byteOrderMark)
	if err := checkShape(body); err != nil {
		return ReservationChange{}, err
	}
	var w wire
	err := json.Unmarshal(body, &w)
	repaired := false
	if err != nil {
		if mended, ok := dropTrailingComma(body); ok {
			repaired = json.Unmarshal(mended, &w) == nil
		}
		if !repaired {
			return ReservationChange{}, notJSON(err)
		}
	}
	change, err := d.convert(&w)
	if err != nil {
		return ReservationChange{}, err
	}
	change.Raw, change.Repaired = raw, repaired
	return change, nil
}

// checkShape refuses what encoding/json would take, but not as the sender meant it:
// broken text is replaced by it, which would merge reservations, and null is nothing.
func checkShape(body []byte) error {
	if !utf8.Valid(body) {
		return &BodyError{Reason: "is not UTF-8 text"}
	}
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return &BodyError{Reason: "is empty"}
	case trimmed[0] == '[':
		return &BodyError{Reason: "is an array; one change in each body is expected"}
	case trimmed[0] != '{':
		return &BodyError{Reason: "is not a JSON object"}
	}
	return nil
}

// dropTrailingComma blanks the comma before the brace that ends the body, and no other: the
// vendor page prints its examples so. The second pass decides whether the rest is JSON.
func dropTrailingComma(body []byte) ([]byte, bool) {
	const space = " \t\r\n"
	rest, ok := bytes.CutSuffix(bytes.TrimRight(body, space), []byte("}"))
	if !ok {
		return nil, false
	}
	rest = bytes.TrimRight(rest, space)
	if !bytes.HasSuffix(rest, []byte(",")) {
		return nil, false
	}
	mended := bytes.Clone(body)
	mended[len(rest)-1] = ' '
	return mended, true
}

func notJSON(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &BodyError{Reason: "is not JSON", Offset: syntax.Offset}
	}
	return &BodyError{Reason: "is not JSON"}
}
