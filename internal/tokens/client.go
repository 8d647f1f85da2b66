package tokens

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// NewClient returns a client of a service whose credentials are tokens, and the store that
// keeps them. cfg names the account; where to ask is env's. All that is wrong with the
// arguments is in the one error, by the names that they have in a public constructor.
func NewClient(s transport.Service, env lockerline.Environment, cfg Config, opts []lockerline.Option) (*transport.Client, *Store, error) {
	var faults []error
	if _, err := transport.ParseURL(env.TokenURL); err != nil {
		faults = append(faults, fmt.Errorf("Environment.TokenURL %w", err))
	}
	needed := [][2]string{{"ClientID", cfg.ClientID}, {"ClientSecret", cfg.ClientSecret}}
	if cfg.Grant.user {
		needed = append(needed, [2]string{"Username", cfg.Username}, [2]string{"Password", cfg.Password})
	}
	for _, n := range needed {
		if n[1] == "" {
			faults = append(faults, errors.New("Credentials."+n[0]+" is empty"))
		}
	}
	var store *Store
	s.BaseURL, s.BaseURLFrom = env.APIURL, "Environment.APIURL"
	s.Auth = func(base http.RoundTripper, userAgent string) transport.Authorizer {
		cfg.TokenURL, cfg.Base, cfg.UserAgent = env.TokenURL, base, userAgent
		store = NewStore(func(scopes []string) Exchange { return NewExchange(cfg, scopes) })
		return store
	}
	t, err := transport.New(&s, opts, faults...)
	return t, store, err
}
