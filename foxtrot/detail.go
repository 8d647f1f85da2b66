package foxtrot

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/lockerline/lockerline-go/internal/wire"
)

const (
	maxDetail   = 300 // characters
	maxProblems = 100
)

// detail is what an error body says, as far as it can be read.
type detail struct {
	code     Code
	message  string
	problems []string
}

// parseDetail reads data.code, data.message and data.errors, or the same at the top. Each
// is optional and read on its own: what is odd about one takes nothing from the others.
func parseDetail(body []byte) detail {
	var top map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil {
		return detail{}
	}
	var inner map[string]json.RawMessage
	_ = json.Unmarshal(top["data"], &inner)
	var d detail
	for _, m := range []map[string]json.RawMessage{inner, top} {
		var n wire.Int
		if d.code == 0 && json.Unmarshal(m["code"], &n) == nil {
			d.code = Code(n.Value)
		}
		if d.message == "" {
			var s string
			_ = json.Unmarshal(m["message"], &s)
			d.message = bounded(s)
		}
		if d.problems == nil {
			d.problems = problems(m["errors"])
		}
	}
	return d
}

// problems reads [{"message":"…"}], and texts in place of the objects.
func problems(raw json.RawMessage) (out []string) {
	var list []json.RawMessage
	_ = json.Unmarshal(raw, &list)
	for _, item := range list[:min(len(list), maxProblems)] {
		var o struct {
			Message string `json:"message"`
		}
		if json.Unmarshal(item, &o) != nil && json.Unmarshal(item, &o.Message) != nil || o.Message == "" {
			continue
		}
		out = append(out, bounded(o.Message))
	}
	return out
}

func bounded(s string) string {
	s = oneLine(strings.ToValidUTF8(s, "\uFFFD"))
	if utf8.RuneCountInString(s) <= maxDetail {
		return s
	}
	return string([]rune(s)[:maxDetail])
}
