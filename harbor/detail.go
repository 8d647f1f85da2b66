package harbor

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

const maxDetail = 300 // characters

// parseDetail reads an error body in any of the forms seen: {"detail":"text"},
// {"detail":[{"loc":[…],"msg":…,"type":…}]}, {"detail":{…}}, and OAuth's
// {"error":…,"error_description":…}. Anything else has no detail.
func parseDetail(body []byte) (string, []FieldError) {
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
		return bounded(text), nil
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
			return bounded(s), nil
		}
	}
	for _, v := range []any{b.Description, b.Message, b.Error} {
		if s, ok := v.(string); ok && s != "" {
			return bounded(s), nil
		}
	}
	return "", nil
}

// parseList reads a list of what is wrong: objects as FastAPI makes them, or texts.
func parseList(list []json.RawMessage) (string, []FieldError) {
	var fields []FieldError
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
		f := FieldError{Field: location(d.Loc), Message: word(d.Msg), Type: word(d.Type)}
		if f == (FieldError{}) {
			continue
		}
		fields = append(fields, f)
		texts = append(texts, strings.TrimPrefix(f.Field+": ", ": ")+f.Message)
	}
	return bounded(strings.Join(texts, "; ")), fields
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
	return bounded(strings.Join(steps, "."))
}

// word is a text or a number; other things are left out.
func word(v any) string {
	switch v := v.(type) {
	case string:
		return bounded(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// bounded makes one valid line of s, cut to maxDetail characters.
func bounded(s string) string {
	s = oneLine(s)
	if utf8.RuneCountInString(s) <= maxDetail {
		return s
	}
	return string([]rune(s)[:maxDetail])
}
