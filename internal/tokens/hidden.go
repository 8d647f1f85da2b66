package tokens

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden, embedded, keeps a struct with a secret in it out of fmt, encoding/json and
// log/slog.
type hidden struct{}

const redacted = "[REDACTED]"

// Format writes nothing of the value, whatever the verb.
func (hidden) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// MarshalJSON encodes nothing of the value.
func (hidden) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue logs nothing of the value.
func (hidden) LogValue() slog.Value { return slog.StringValue(redacted) }
