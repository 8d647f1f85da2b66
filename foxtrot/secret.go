package foxtrot

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/lockerline/lockerline-go/internal/wire"
)

// Secret is a text that is not printed: not by any verb of fmt, not by encoding/json, not
// by log/slog. Reveal returns it.
type Secret struct {
	value *string // behind a pointer: fmt follows none within a struct it may not ask
}

// NewSecret returns a secret with the given text.
func NewSecret(text string) Secret { return Secret{&text} }

const redacted = "[REDACTED]"

// Reveal returns the text; empty when there is none.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no text.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String is "[REDACTED]", or empty when there is nothing to hide.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format writes String, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalJSON encodes String.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// UnmarshalJSON reads the text; null is none.
func (s *Secret) UnmarshalJSON(raw []byte) error {
	var text wire.Text // whose errors hold nothing of what they refuse
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	*s = Secret{}
	if text.Set {
		s.value = &text.Value
	}
	return nil
}
