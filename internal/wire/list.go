package wire

import (
	"bytes"
	"encoding/json"
)

// List decodes an array, bare or in an object: under "items", or under the one member
// that is an array. Null, a single value, and an error's body are errors: an empty list
// must never stand for an answer that was not understood, nor a zero T for an element that
// is null.
type List[T any] []T

// UnmarshalJSON reads either form.
func (l *List[T]) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) > 0 && b[0] == '[' {
		return l.elements(b)
	}
	if len(b) == 0 || b[0] != '{' {
		return &ShapeError{Reason: "a list belongs here"}
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(b, &object); err != nil {
		return err
	}
	if items, ok := object["items"]; ok && items[0] == '[' {
		return l.elements(items)
	}
	for _, key := range oneThing {
		if _, ok := object[key]; ok {
			return &ShapeError{Reason: "an object of another kind where a list belongs"}
		}
	}
	var found json.RawMessage
	for _, v := range object {
		if v[0] != '[' {
			continue
		}
		if found != nil {
			return &ShapeError{Reason: "an object with several lists where one belongs"}
		}
		found = v
	}
	if found == nil {
		return &ShapeError{Reason: "an object without a list where a list belongs"}
	}
	return l.elements(found)
}

// elements decodes the array in one go.
func (l *List[T]) elements(b []byte) error {
	if hasNull(b) {
		return &ShapeError{Reason: "a list has null for an element"}
	}
	out := []T{}
	if err := json.Unmarshal(b, &out); err != nil {
		return err
	}
	*l = out
	return nil
}

// hasNull reports whether an array of valid JSON has null among its own elements.
func hasNull(b []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == 'n' && depth == 1:
			return true
		}
	}
	return false
}

// oneThing are keys of a single value, or of an error: an object that has one of them is
// no envelope, whatever lists it holds.
var oneThing = [...]string{"id", "detail", "error", "errors"}

// ShapeError is how a model says that JSON of the right syntax has the wrong shape. Its
// reason holds nothing of the answer.
type ShapeError struct{ Reason string }

func (e *ShapeError) Error() string { return e.Reason }
