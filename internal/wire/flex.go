package wire

import (
	"bytes"
	"math"
	"strconv"
)

// Text reads an identifier or a word: text as it is, a number by its digits exactly as
// they came. Null and absent leave it unset.
type Text struct {
	Value string
	Set   bool
}

// UnmarshalJSON reads text, a number or null.
func (t *Text) UnmarshalJSON(raw []byte) error {
	if s, ok := plainText(raw); ok {
		*t = Text{s, true}
		return nil
	}
	*t = Text{}
	s, kind, err := scalar(raw)
	if err != nil {
		return err
	}
	switch kind {
	case isNull:
		return nil
	case isText:
		// An identifier is kept to the blank: scalar trims.
		if s, err = text(bytes.TrimSpace(raw)); err != nil {
			return err
		}
	case isOther:
		return mismatch[string](kind)
	}
	t.Value, t.Set = string(s), true
	return nil
}

// Int reads a whole number: 4, 4.0, 1.5e12, or any of them as text. Null, absent and the
// empty text leave it unset; 0 is a number like any other.
type Int struct {
	Value int64
	Set   bool
}

// Ptr returns the number, or nil when there is none.
func (n Int) Ptr() *int {
	if !n.Set {
		return nil
	}
	return new(int(n.Value))
}

// UnmarshalJSON reads a number, text or null.
func (n *Int) UnmarshalJSON(raw []byte) error {
	if v, err := strconv.ParseInt(string(raw), 10, 64); err == nil { // does not allocate
		*n = Int{v, true}
		return nil
	}
	*n = Int{}
	s, kind, err := scalar(raw)
	switch {
	case err != nil:
		return err
	case kind == isNull || kind == isText && len(s) == 0:
		return nil
	case kind == isOther || !numeric(s):
		return mismatch[int64](kind)
	}
	v, ok := whole(s)
	if !ok {
		v, err = strconv.ParseInt(string(s), 10, 64)
	}
	if err != nil {
		f, err := strconv.ParseFloat(string(s), 64)
		if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			return mismatch[int64](kind)
		}
		v = int64(f)
	}
	n.Value, n.Set = v, true
	return nil
}

// Float reads a number, or one written as text. Null, absent and the empty text leave it
// unset; 0 is a number like any other.
type Float struct {
	Value float64
	Set   bool
}

// Ptr returns the number, or nil when there is none.
func (n Float) Ptr() *float64 {
	if !n.Set {
		return nil
	}
	return &n.Value
}

// UnmarshalJSON reads a number, text or null.
func (n *Float) UnmarshalJSON(raw []byte) error {
	*n = Float{}
	s, kind, err := scalar(raw)
	switch {
	case err != nil:
		return err
	case kind == isNull || kind == isText && len(s) == 0:
		return nil
	case kind == isOther || !numeric(s):
		return mismatch[float64](kind)
	}
	f, err := strconv.ParseFloat(string(s), 64)
	if err != nil {
		return mismatch[float64](kind)
	}
	n.Value, n.Set = f, true
	return nil
}

// numeric reports whether s may be a decimal number; strconv alone would also take "inf",
// "nan", hexadecimal and underscores.
func numeric(s []byte) bool {
	digits := false
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits = true
		case c == '-' && (i == 0 || s[i-1] == 'e' || s[i-1] == 'E'):
		case c == '+' && i > 0 && (s[i-1] == 'e' || s[i-1] == 'E'):
		case (c == '.' || c == 'e' || c == 'E') && i > 0:
		default:
			return false
		}
	}
	return digits
}
