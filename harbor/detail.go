package harbor

import (
	"encoding/json"
	"fmt"
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
	var list []struct {
		Loc  []any  `json:"loc"`
		Msg  string `json:"msg"`
		Type string `json:"type"`
	}
	if json.Unmarshal(b.Detail, &list) == nil && len(list) > 0 {
		fields := make([]FieldError, 0, len(list))
		var texts []string
		for _, d := range list {
			f := FieldError{Field: location(d.Loc), Message: bounded(d.Msg), Type: bounded(d.Type)}
			fields = append(fields, f)
			texts = append(texts, strings.TrimPrefix(f.Field+": ", ": ")+f.Message)
		}
		return bounded(strings.Join(texts, "; ")), fields
	}
	var object struct {
		Msg     string `json:"msg"`
		Message string `json:"message"`
		Detail  string `json:"detail"`
	}
	if json.Unmarshal(b.Detail, &object) == nil {
		for _, s := range []string{object.Msg, object.Message, object.Detail} {
			if s != "" {
				return bounded(s), nil
			}
		}
	}
	for _, v := range []any{b.Description, b.Message, b.Error} {
		if s, ok := v.(string); ok && s != "" {
			return bounded(s), nil
		}
	}
	return "", nil
}

// location joins FastAPI's path to a field, whose steps are names or indexes.
func location(loc []any) string {
	steps := make([]string, len(loc))
	for i, s := range loc {
		steps[i] = fmt.Sprint(s)
	}
	return bounded(strings.Join(steps, "."))
}

// bounded makes one valid line of s, cut to maxDetail characters.
func bounded(s string) string {
	s = oneLine(s)
	if utf8.RuneCountInString(s) <= maxDetail {
		return s
	}
	return string([]rune(s)[:maxDetail])
}
