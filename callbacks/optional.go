package callbacks

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Optional is a member of a body that can be absent, null or a value, and keeps the three
// apart: absent most likely means that the sender has not switched the member on, null that
// there is nothing to say. The zero Optional is absent. With the JSON option omitzero it is
// written back as it was read.
type Optional[T any] struct {
	value T
	state presence
}

type presence uint8

const (
	absent presence = iota
	null
	present
)

// Some is an Optional with a value.
func Some[T any](v T) Optional[T] { return Optional[T]{value: v, state: present} }

// Null is an Optional that is there and holds nothing.
func Null[T any]() Optional[T] { return Optional[T]{state: null} }

// Get is the value, and whether there is one. Without one it is the zero value of T, which
// says nothing: a missing blocked flag does not mean "not blocked".
func (o Optional[T]) Get() (T, bool) { return o.value, o.state == present }

// Or is the value, or fallback where there is none.
func (o Optional[T]) Or(fallback T) T {
	if o.state == present {
		return o.value
	}
	return fallback
}

// IsAbsent reports whether the body had no such member.
func (o Optional[T]) IsAbsent() bool { return o.state == absent }

// IsNull reports whether the member was there without a value.
func (o Optional[T]) IsNull() bool { return o.state == null }

// IsZero reports whether the member is absent; the JSON option omitzero asks it.
func (o Optional[T]) IsZero() bool { return o.state == absent }

// String is the value as fmt prints it, or "absent" or "null".
func (o Optional[T]) String() string {
	switch o.state {
	case present:
		return fmt.Sprint(o.value)
	case null:
		return "null"
	}
	return "absent"
}

// MarshalJSON writes the value or null. An absent Optional becomes null too unless its
// field has the option omitzero.
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.state != present {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON reads a value or null; encoding/json calls it only for a member that is
// there.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*o = Null[T]()
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Some(v)
	return nil
}
