// Package redact prints a text in place of a value that holds a secret.
package redact

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
)

// Text stands in place of a secret.
const Text = "[REDACTED]"

// Format writes text for a fmt.Formatter: in quotes for %q, as it is for every other verb.
func Format(f fmt.State, verb rune, text string) {
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = io.WriteString(f, text)
}

// Hidden, embedded in a struct, keeps the struct's fields out of fmt, encoding/json and
// log/slog.
type Hidden struct{}

// Format writes Text, whatever the verb.
func (Hidden) Format(f fmt.State, verb rune) { Format(f, verb, Text) }

// MarshalJSON encodes Text.
func (Hidden) MarshalJSON() ([]byte, error) { return []byte(`"` + Text + `"`), nil }

// LogValue logs Text.
func (Hidden) LogValue() slog.Value { return slog.StringValue(Text) }

// Line puts a blank in place of each line break, so that a text stays one line of a log.
func Line(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n", " "), "\r", " ")
}

// Detail makes one valid line of at most 300 characters of what a service says.
func Detail(text string) string {
	runes := []rune(Line(text))
	return string(runes[:min(len(runes), 300)])
}
