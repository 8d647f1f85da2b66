package wire

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Unquote reads a JSON string. It refuses half a surrogate pair and bytes that are not
// UTF-8, for both of which encoding/json puts U+FFFD: different identifiers would become
// equal.
func Unquote(quoted []byte) (string, bool) {
	if s, ok := plainText(quoted); ok {
		return s, true
	}
	var s string
	if !utf8.Valid(quoted) || json.Unmarshal(quoted, &s) != nil {
		return "", false
	}
	return s, !strings.ContainsRune(s, utf8.RuneError) || spellsReplacement(quoted)
}

// plainText reads a text that needs no decoding, as nearly all are.
func plainText(raw []byte) (string, bool) {
	n := len(raw) - 1
	if n < 1 || raw[0] != '"' || raw[n] != '"' {
		return "", false
	}
	for _, c := range raw[1:n] {
		if c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			return "", false
		}
	}
	return string(raw[1:n]), true
}

// spellsReplacement reports whether U+FFFD is what the sender wrote.
func spellsReplacement(quoted []byte) bool {
	return bytes.Contains(quoted, []byte("\uFFFD")) || bytes.Contains(bytes.ToLower(quoted), []byte(`\ufffd`))
}
