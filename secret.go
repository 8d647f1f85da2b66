package lockerline

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// Secret is a text that is printed by no verb of fmt, by encoding/json or by log/slog.
// Reveal returns it.
type Secret struct {
	value *string // a pointer: fmt follows none in an unexported field
}

// NewSecret returns a secret with the given text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text; empty when there is none.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no text.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String returns "[REDACTED]", or nothing when there is no text.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redact.Text
}

// Format writes String, whatever the verb.
func (s Secret) Format(f fmt.State, verb rune) { redact.Format(f, verb, s.String()) }

// MarshalJSON encodes String.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// LogValue returns String for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// UnmarshalJSON reads the text; null is none.
func (s *Secret) UnmarshalJSON(raw []byte) error {
	var text wire.Text // its errors do not quote what they refuse
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	*s = Secret{}
	if text.Set {
		s.value = &text.Value
	}
	return nil
}
