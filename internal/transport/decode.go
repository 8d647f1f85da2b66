package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
)

// maxSnapshot bounds what a DecodeError keeps of an answer.
const maxSnapshot = 4 << 10

var utf8BOM = []byte("\xef\xbb\xbf")

// trim returns the answer without what JSON does not count: a byte order mark and white
// space. Nothing, and the word null, come back as nothing.
func trim(body []byte) []byte {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, utf8BOM))
	if bytes.Equal(body, []byte("null")) {
		return nil
	}
	return body
}

// decode reads an answer into out. A failure says what and where, in words that hold
// nothing of the answer.
func decode(body []byte, out any) *DecodeError {
	err := json.Unmarshal(body, out)
	if err == nil {
		return nil
	}
	e := &DecodeError{Offset: -1, Cause: err, Body: snapshot(body)}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		e.Offset = syntax.Offset
		e.Reason = "not JSON"
		if body[0] == '<' {
			e.Reason = "HTML or XML instead of JSON"
		} else if strings.Contains(syntax.Error(), "unexpected end") {
			e.Reason = "JSON is cut off"
		}
		return e
	}
	if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		value, _, _ := strings.Cut(typ.Value, " ") // encoding/json quotes a number whole
		e.Offset, e.Reason = typ.Offset, fmt.Sprintf("%s where %s belongs", value, typeName(typ.Type))
		if typ.Field != "" {
			e.Reason = "field " + typ.Field + ": " + e.Reason
		}
		return e
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		e.Reason = "JSON is cut off"
		return e
	}
	e.Reason = "wrong shape"
	if d, ok := errors.AsType[*ShapeError](err); ok {
		e.Reason = d.Reason
	}
	return e
}

// typeName says what belongs where something else was: a type that a user can name by its
// name, ours by what JSON calls it.
func typeName(t reflect.Type) string {
	switch {
	case t.Name() != "" && (t.PkgPath() == "" || unicode.IsUpper(rune(t.Name()[0]))):
		return t.String()
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		return "object"
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		return "array"
	}
	return t.Kind().String()
}

// ShapeError is how a model says that JSON of the right syntax has the wrong shape. Its
// reason must hold nothing of the answer.
type ShapeError struct{ Reason string }

func (e *ShapeError) Error() string { return e.Reason }

func snapshot(body []byte) []byte {
	return bytes.Clone(body[:min(len(body), maxSnapshot)])
}
