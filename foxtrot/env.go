package foxtrot

import (
	"os"
	"strings"

	"github.com/lockerline/lockerline-go"
)

// The environment variables that ClientFromEnv reads.
const (
	EnvAPIKey = "FOXTROT_API_KEY"
	EnvAPIURL = "FOXTROT_API_URL" // replaces DefaultBaseURL; see WithBaseURL
)

// ClientFromEnv returns a client for FOXTROT_API_KEY and, when set, FOXTROT_API_URL; opts
// go after them. It is the only place where this package reads the process environment.
func ClientFromEnv(opts ...lockerline.Option) (*Client, error) {
	if u := strings.TrimSpace(os.Getenv(EnvAPIURL)); u != "" {
		opts = append([]lockerline.Option{lockerline.WithBaseURL(u)}, opts...)
	}
	return NewClient(os.Getenv(EnvAPIKey), opts...)
}
