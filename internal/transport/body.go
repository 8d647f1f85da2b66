package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"unicode"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/wire"
)

const (
	maxAnswer  = 8 << 20   // of a successful answer
	maxRefusal = 256 << 10 // of an error answer; kept for the error, and small enough to drain
	maxPooled  = 1 << 20   // a larger buffer is left to the collector
)

// errTooLarge ends a call whose answer is over the limit. Its connection is given up.
const errTooLarge = permanentError("answer is larger than 8 MiB")

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func getBuffer() *bytes.Buffer { return buffers.Get().(*bytes.Buffer) }

func putBuffer(b *bytes.Buffer) {
	if b != nil && b.Cap() <= maxPooled {
		b.Reset()
		buffers.Put(b)
	}
}

// readBody reads an answer to its end, bounded, and closes it: the connection goes back
// to the pool before the call decides what the answer means.
func readBody(buf *bytes.Buffer, resp *http.Response) error {
	buf.Reset()
	if resp.Body == nil {
		return nil
	}
	defer resp.Body.Close()
	limit := int64(maxRefusal)
	if success(resp.StatusCode) {
		limit = maxAnswer
	}
	if n := resp.ContentLength; n > 0 && n <= limit {
		buf.Grow(int(n) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return err
	}
	if n > limit {
		if success(resp.StatusCode) {
			return errTooLarge
		}
		buf.Truncate(int(limit))
	}
	return nil
}

// discard empties a body that is not needed, as far as that is cheaper than a connection.
func discard(resp *http.Response) {
	if resp.Body != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxRefusal))
		_ = resp.Body.Close()
	}
}

func success(status int) bool { return status >= 200 && status < 300 }

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

// Decode reads JSON into out. A failure is a *lockerline.DecodeError that says what and
// where, in words that hold nothing of the answer.
func Decode(body []byte, out any) error {
	err := json.Unmarshal(body, out)
	if err == nil {
		return nil
	}
	e := &lockerline.DecodeError{Offset: -1, Err: err, Snapshot: snapshot(body)}
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
	if shape, ok := errors.AsType[*wire.ShapeError](err); ok {
		e.Reason = shape.Reason
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

func snapshot(body []byte) []byte {
	return bytes.Clone(body[:min(len(body), maxSnapshot)])
}
