package wire

import (
	"bytes"
	"encoding/json"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// List decodes an array, bare or in an object: under "items", or under the one member
// that is an array. Null, and an object without an array, are errors: an empty list must
// never stand for an answer that was not understood.
type List[T any] []T

// UnmarshalJSON reads either form.
func (l *List[T]) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) > 0 && b[0] == '[' {
		return l.elements(b)
	}
	if len(b) == 0 || b[0] != '{' {
		return &transport.ShapeError{Reason: "a list belongs here"}
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(b, &object); err != nil {
		return err
	}
	if items, ok := object["items"]; ok && items[0] == '[' {
		return l.elements(items)
	}
	var found json.RawMessage
	for _, v := range object {
		if v[0] != '[' {
			continue
		}
		if found != nil {
			return &transport.ShapeError{Reason: "an object with several lists where one belongs"}
		}
		found = v
	}
	if found == nil {
		return &transport.ShapeError{Reason: "an object without a list where a list belongs"}
	}
	return l.elements(found)
}

func (l *List[T]) elements(b []byte) error {
	var raw []json.RawMessage
	if err := json.Unmarshal(b, (*[]json.RawMessage)(&raw)); err != nil {
		return err
	}
	out := make([]T, len(raw))
	for i, r := range raw {
		if bytes.Equal(r, []byte("null")) {
			return &transport.ShapeError{Reason: "a list has null for an element"}
		}
		if err := json.Unmarshal(r, &out[i]); err != nil {
			return err
		}
	}
	*l = out
	return nil
}
