package harbor

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/redact"
)

const serviceName = "harbor" // in errors

// ErrNoLockerAvailable says that no locker of the kind asked for is free, by Harbor's own
// words and whatever the status: try another type or place. It is also
// lockerline.ErrRefused.
var ErrNoLockerAvailable = lockerline.NewKind("no locker available", noLocker)

func noLocker(e *lockerline.Error) bool {
	return e.Code == CodeNoLockerAvailable || saysNoLocker(e.Detail)
}

// Code is what Harbor's words stand for where its status does not say. Harbor itself has no
// codes.
type Code string

// The codes that are read from Harbor's words.
const (
	// CodeNoLockerAvailable is "No locker available" (observed).
	CodeNoLockerAvailable Code = "no_locker_available"
)

// String is the code as a text.
func (c Code) String() string { return string(c) }

// Meaning is what the code stands for and what to do; empty for an unknown code.
func (c Code) Meaning() string {
	if c == CodeNoLockerAvailable {
		return "no locker of this kind is free: try another type or place"
	}
	return ""
}

// Kinds are the Err… values that an error with this code and status matches.
func (c Code) Kinds(status int) ([]error, bool) {
	if c != CodeNoLockerAvailable {
		return nil, false
	}
	kinds := []error{ErrNoLockerAvailable, lockerline.ErrRefused}
	for _, k := range []error{lockerline.ErrNotFound, lockerline.ErrInvalid, lockerline.ErrConflict, lockerline.ErrServer} {
		if errors.Is(&lockerline.Error{StatusCode: status}, k) {
			kinds = append(kinds, k)
		}
	}
	return kinds, true
}

func saysNoLocker(detail string) bool {
	return strings.Contains(strings.ToLower(detail), "no locker available")
}

// explain reads the answer of a call that failed.
func explain(e *lockerline.Error) {
	if _, unreadable := errors.AsType[*lockerline.DecodeError](e.Err); e.Err != nil && !unreadable {
		return
	}
	e.Detail, e.Fields = parseDetail(e.Body)
	if saysNoLocker(e.Detail) {
		e.Code = CodeNoLockerAvailable
	}
}

// parseDetail reads an error body in any of the forms seen: {"detail":"text"},
// {"detail":[{"loc":[…],"msg":…,"type":…}]}, {"detail":{…}}, and OAuth's
// {"error":…,"error_description":…}. Anything else has no detail.
func parseDetail(body []byte) (string, []lockerline.FieldError) {
	var b struct {
		Detail      json.RawMessage `json:"detail"`
		Message     any             `json:"message"`
		Error       any             `json:"error"`
		Description any             `json:"error_description"`
	}
	if json.Unmarshal(body, &b) != nil {
		return "", nil
	}
	var text string
	if json.Unmarshal(b.Detail, &text) == nil && text != "" {
		return redact.Detail(text), nil
	}
	var list []json.RawMessage
	if json.Unmarshal(b.Detail, &list) == nil && len(list) > 0 {
		return parseList(list)
	}
	var object struct {
		Msg     any `json:"msg"`
		Message any `json:"message"`
		Detail  any `json:"detail"`
		Error   any `json:"error"`
	}
	_ = json.Unmarshal(b.Detail, &object)
	for _, v := range []any{object.Msg, object.Message, object.Detail, object.Error} {
		if s, ok := v.(string); ok && s != "" {
			return redact.Detail(s), nil
		}
	}
	for _, v := range []any{b.Description, b.Message, b.Error} {
		if s, ok := v.(string); ok && s != "" {
			return redact.Detail(s), nil
		}
	}
	return "", nil
}

// parseList reads a list of what is wrong: objects as FastAPI makes them, or texts.
func parseList(list []json.RawMessage) (string, []lockerline.FieldError) {
	var fields []lockerline.FieldError
	var texts []string
	for _, raw := range list {
		var d struct {
			Loc  any `json:"loc"`
			Msg  any `json:"msg"`
			Type any `json:"type"`
		}
		if json.Unmarshal(raw, &d) != nil {
			d.Msg = nil
			_ = json.Unmarshal(raw, &d.Msg)
		}
		f := lockerline.FieldError{Field: location(d.Loc), Message: word(d.Msg), Type: word(d.Type)}
		if f == (lockerline.FieldError{}) {
			continue
		}
		fields = append(fields, f)
		texts = append(texts, strings.TrimPrefix(f.Field+": ", ": ")+f.Message)
	}
	return redact.Detail(strings.Join(texts, "; ")), fields
}

// location joins FastAPI's path to a field, whose steps are names or indexes.
func location(loc any) string {
	list, ok := loc.([]any)
	if !ok {
		return word(loc)
	}
	steps := make([]string, len(list))
	for i, s := range list {
		steps[i] = word(s)
	}
	return redact.Detail(strings.Join(steps, "."))
}

// word is a text or a number; other things are left out.
func word(v any) string {
	switch v := v.(type) {
	case string:
		return redact.Detail(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}
