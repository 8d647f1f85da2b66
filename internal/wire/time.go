package wire

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Time reads a moment in any spelling in use: RFC 3339 with or without a fraction, with a
// blank in place of the T, with a zone or (then UTC) without; milliseconds since 1970 as a
// number or as text. Null, absent, the empty text and the zero date of year 1 leave it
// unset; the number 0 is a moment like any other.
type Time struct {
	At  time.Time // in UTC unless the text named an offset
	Set bool
}

// The range encoding/json can write again: years 0 to 9999.
const (
	minMillis = -62167219200000
	maxMillis = 253402300799999
)

// Ptr returns the moment, or nil when there is none.
func (t Time) Ptr() *time.Time {
	if !t.Set {
		return nil
	}
	return &t.At
}

// UnmarshalJSON reads text, a number or null.
func (t *Time) UnmarshalJSON(raw []byte) error {
	*t = Time{}
	s, kind, err := scalar(raw)
	switch {
	case err != nil:
		return err
	case kind == isNull || kind == isText && len(s) == 0:
		return nil
	case kind == isNumber || kind == isText && numeric(s):
		ms, ok := millis(s)
		if !ok {
			return mismatch[time.Time](kind)
		}
		t.At, t.Set = ms, true
		return nil
	case kind == isText:
		at, ok := parseTime(string(s))
		if !ok {
			return mismatch[time.Time](kind)
		}
		t.At, t.Set = at, at.Year() > 1
		if !t.Set {
			t.At = time.Time{}
		}
		return nil
	}
	return mismatch[time.Time](kind)
}

// millis keeps what a fraction says below a millisecond, down to microseconds.
func millis(s []byte) (time.Time, bool) {
	if n, ok := whole(s); ok {
		return time.UnixMilli(n).UTC(), minMillis <= n && n <= maxMillis
	}
	f, err := strconv.ParseFloat(string(s), 64)
	if err != nil || f < minMillis || f > maxMillis {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(f * 1000)).UTC(), true
}

// time.Parse takes a fraction after the seconds whether or not the layout has one.
var layouts = [...]string{
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
}

func parseTime(s string) (time.Time, bool) {
	if len(s) > 10 && (s[10] == ' ' || s[10] == 't') {
		s = s[:10] + "T" + strings.TrimLeft(s[11:], " ")
	}
	if i := len(s) - 1; i > 0 && s[i] == 'z' {
		s = s[:i] + "Z"
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, s); err == nil {
			if _, offset := at.Zone(); offset == 0 || offset <= -24*3600 || offset >= 24*3600 {
				at = at.UTC() // a whole day is an offset that time.Time cannot write
			}
			return at, true
		}
	}
	return time.Time{}, false
}

type kind uint8

const (
	isNull kind = iota
	isText
	isNumber
	isOther // bool, object, array
)

func (k kind) String() string {
	return [...]string{"null", "string", "number", "another value"}[k]
}

// scalar takes one JSON value apart: the content of a text, trimmed, or the digits of a
// number. The bytes are raw's own where it needs no decoding.
func scalar(raw []byte) ([]byte, kind, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil, isNull, nil
	case raw[0] == '"':
		s, err := text(raw)
		return bytes.TrimSpace(s), isText, err
	case raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9':
		return raw, isNumber, nil
	}
	return nil, isOther, nil
}

// text is what a JSON string says.
func text(raw []byte) ([]byte, error) {
	if n := len(raw); n >= 2 && raw[n-1] == '"' && plain(raw[1:n-1]) {
		return raw[1 : n-1], nil
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return []byte(s), err
}

// plain reports whether a string's content stands for itself.
func plain(s []byte) bool {
	for _, c := range s {
		if c < 0x20 || c >= 0x80 || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// whole reads a whole number without an exponent or a fraction, of up to 18 digits.
func whole(s []byte) (n int64, ok bool) {
	digits := bytes.TrimPrefix(s, []byte("-"))
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, true
}

// mismatch says what was there and what belongs, never the value itself.
func mismatch[T any](k kind) error {
	return &json.UnmarshalTypeError{Value: k.String(), Type: reflect.TypeFor[T](), Offset: -1}
}
