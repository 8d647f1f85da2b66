package foxtrot

import (
	"os"
	"strings"
)

// The environment variables that FromEnv reads.
const (
	EnvAPIKey = "FOXTROT_API_KEY"
	EnvAPIURL = "FOXTROT_API_URL" // in place of DefaultBaseURL; see WithBaseURL
)

// FromEnv returns a client by FOXTROT_API_KEY and, when set, FOXTROT_API_URL; opts go after
// them. It is the only place where this package reads the process environment.
func FromEnv(opts ...Option) (*Client, error) {
	if u := strings.TrimSpace(os.Getenv(EnvAPIURL)); u != "" {
		opts = append([]Option{WithBaseURL(u)}, opts...)
	}
	return NewClient(os.Getenv(EnvAPIKey), opts...)
}
