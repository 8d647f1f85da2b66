package harbor

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/lockerline/lockerline-go/internal/redact"
)

// Credentials identify a service provider at Harbor's token endpoint. They differ for
// each environment. The secret is not printed by any verb of fmt, by encoding/json or by
// log/slog; read the field to get at it.
type Credentials struct {
	ClientID     string
	ClientSecret string
}

// String is the credentials without the secret.
func (c Credentials) String() string {
	return fmt.Sprintf("harbor.Credentials{ClientID:%q, ClientSecret:%s}", c.ClientID, redact.Text)
}

// Format writes the credentials without the secret, whatever the verb.
func (c Credentials) Format(s fmt.State, verb rune) { redact.Format(s, verb, c.String()) }

// MarshalJSON encodes the credentials without the secret.
func (c Credentials) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"client_id": c.ClientID, "client_secret": redact.Text})
}

// LogValue is the credentials without the secret.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }
