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
	case kind == isNull || kind == isText && s == "":
		return nil
	case kind == isNumber || kind == isText && numeric(s):
		ms, ok := millis(s)
		if !ok {
			return mismatch[time.Time](kind)
		}
		t.At, t.Set = ms, true
		return nil
	case kind == isText:
		at, ok := parseTime(s)
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
func millis(s string) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.UnixMilli(n).UTC(), minMillis <= n && n <= maxMillis
	}
	f, err := strconv.ParseFloat(s, 64)
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

// scalar takes one JSON value apart: the content of a text, trimmed, or the digits of a number.
func scalar(raw []byte) (string, kind, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || bytes.Equal(raw, []byte("null")):
		return "", isNull, nil
	case raw[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return strings.TrimSpace(s), isText, err
	case raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9':
		return string(raw), isNumber, nil
	}
	return "", isOther, nil
}

// mismatch says what was there and what belongs, never the value itself.
func mismatch[T any](k kind) error {
	return &json.UnmarshalTypeError{Value: k.String(), Type: reflect.TypeFor[T](), Offset: -1}
}
