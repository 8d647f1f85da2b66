package harbor

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// The environments of Harbor. Credentials of one are refused by the others (observed).
var (
	// Production is the live service (vendor page).
	Production = lockerline.Environment{
		APIURL:   "https://api.harborlockers.com",
		TokenURL: "https://accounts.harborlockers.com" + tokenPath,
	}
	// Sandbox is where an integration begins (vendor page).
	Sandbox = lockerline.Environment{
		APIURL:   "https://api.sandbox.harborlockers.com",
		TokenURL: "https://accounts.sandbox.harborlockers.com" + tokenPath,
	}
	// Development is Harbor's own stage (observed in its examples).
	Development = lockerline.Environment{
		APIURL:   "https://api.dev.harborlockers.com",
		TokenURL: "https://accounts.dev.harborlockers.com" + tokenPath,
	}
)

const tokenPath = "/realms/harbor/protocol/openid-connect/token"

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

// Scope is what an access token may be used for.
type Scope string

// The scopes Harbor documents.
const (
	// ScopeServiceProvider is for the API this package speaks, backend only. Never
	// hand such a token to a phone.
	ScopeServiceProvider Scope = "service_provider"
	// ScopeTowerAccess is for the mobile SDK: the token a phone opens a session with
	// a tower by.
	ScopeTowerAccess Scope = "tower_access"
)

// The environment variables that EnvironmentFromEnv and CredentialsFromEnv read.
const (
	EnvName         = "HARBOR_ENV"           // production, sandbox or development
	EnvAPIURL       = "HARBOR_API_URL"       // Environment.APIURL; goes before HARBOR_ENV
	EnvTokenURL     = "HARBOR_TOKEN_URL"     // Environment.TokenURL; goes before HARBOR_ENV
	EnvClientID     = "HARBOR_CLIENT_ID"     // Credentials.ClientID
	EnvClientSecret = "HARBOR_CLIENT_SECRET" // Credentials.ClientSecret
)

// EnvironmentFromEnv returns the environment that HARBOR_ENV names, or the one that
// HARBOR_API_URL and HARBOR_TOKEN_URL spell out; each of those replaces its part of the
// former. It is the only place, with CredentialsFromEnv, where this package reads the
// process environment.
func EnvironmentFromEnv() (lockerline.Environment, error) {
	var env lockerline.Environment
	switch name := strings.ToLower(os.Getenv(EnvName)); name {
	case "":
	case "production", "prod":
		env = Production
	case "sandbox":
		env = Sandbox
	case "development", "dev":
		env = Development
	default:
		return env, fmt.Errorf("harbor: %s must be production, sandbox or development", EnvName)
	}
	if u := os.Getenv(EnvAPIURL); u != "" {
		env.APIURL = u
	}
	if u := os.Getenv(EnvTokenURL); u != "" {
		env.TokenURL = u
	}
	if env.APIURL == "" || env.TokenURL == "" {
		return env, fmt.Errorf("harbor: set %s, or both %s and %s", EnvName, EnvAPIURL, EnvTokenURL)
	}
	return env, nil
}

// CredentialsFromEnv returns the credentials in HARBOR_CLIENT_ID and
// HARBOR_CLIENT_SECRET. Its error names all that is missing.
func CredentialsFromEnv() (Credentials, error) {
	c := Credentials{ClientID: os.Getenv(EnvClientID), ClientSecret: os.Getenv(EnvClientSecret)}
	var errs []error
	if c.ClientID == "" {
		errs = append(errs, errors.New("set "+EnvClientID))
	}
	if c.ClientSecret == "" {
		errs = append(errs, errors.New("set "+EnvClientSecret))
	}
	return c, transport.OneLine("harbor", errs)
}
