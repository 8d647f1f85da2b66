package harbor

import (
	"cmp"
	"errors"
	"fmt"
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
// each environment. They are not printed by any verb of fmt, by encoding/json or by
// log/slog; read a field to get at it.
type Credentials struct {
	redact.Hidden
	ClientID     string
	ClientSecret string
}

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
	env.APIURL = cmp.Or(os.Getenv(EnvAPIURL), env.APIURL)
	env.TokenURL = cmp.Or(os.Getenv(EnvTokenURL), env.TokenURL)
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
