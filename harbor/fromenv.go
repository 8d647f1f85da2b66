package harbor

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/lockerline/lockerline-go/internal/transport"
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
func EnvironmentFromEnv() (Environment, error) {
	var env Environment
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
