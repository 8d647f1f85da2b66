package harbor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/tokens"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Version is the version of this SDK, as sent in the User-Agent.
const Version = "0.1.0"

var userAgent = "lockerline-go/" + Version + " (" + runtime.Version() + "; " + runtime.GOOS + ")"

const defaultAttemptTimeout = 15 * time.Second

// Client makes calls to Harbor on behalf of one service provider. It is immutable and
// safe for concurrent use; make one and share it. It is never printed with a secret.
type Client struct {
	Locations   *LocationsService   // sites, where they are and what is free there
	Towers      *TowersService      // one tower's lockers
	Lockers     *LockersService     // reservations, drop-off and pick-up tokens
	Links       *LinksService       // Locker Open requests
	Sessions    *SessionsService    // tokens for users of the mobile SDK
	LockerTypes *LockerTypesService // sizes

	settings  settings
	transport *transport.Client
	shared    *shared
}

// shared is what a client and those derived from it have in common.
type shared struct {
	base   http.RoundTripper
	own    *http.Transport // the base when it is ours to close
	tokens tokenStore
}

// NewClient returns a client for env with the credentials that Harbor gave for it. It
// sends nothing. All that is wrong with the arguments is in the one error.
func NewClient(env Environment, creds Credentials, opts ...Option) (*Client, error) {
	var errs []error
	apiURL, err := transport.ParseURL(env.APIURL)
	if err != nil {
		errs = append(errs, fmt.Errorf("Environment.APIURL %w", err))
	}
	if _, err := transport.ParseURL(env.TokenURL); err != nil {
		errs = append(errs, fmt.Errorf("Environment.TokenURL %w", err))
	}
	if creds.ClientID == "" {
		errs = append(errs, errors.New("Credentials.ClientID is empty"))
	}
	if creds.ClientSecret == "" {
		errs = append(errs, errors.New("Credentials.ClientSecret is empty"))
	}
	var s settings
	s.config.BaseURL = apiURL
	s.config.Retry = transport.DefaultRetry
	s.config.AttemptTimeout = defaultAttemptTimeout
	s.config.UserAgent = userAgent
	errs = append(errs, s.apply(opts)...)
	if err := inOneLine("harbor: cannot make a client: ", errs); err != nil {
		return nil, err
	}
	sh := &shared{}
	if s.httpClient != nil && s.httpClient.Transport != nil {
		sh.base = s.httpClient.Transport
	} else {
		sh.own = transport.NewBase()
		sh.base = sh.own
	}
	if s.httpClient != nil && s.httpClient.Timeout > 0 {
		s.config.AttemptTimeout = min(s.config.AttemptTimeout, s.httpClient.Timeout)
	}
	s.httpClient = nil
	cfg := tokens.Config{
		TokenURL: env.TokenURL, ClientID: creds.ClientID, ClientSecret: creds.ClientSecret,
		InHeader: s.tokenHeader, UserAgent: s.config.UserAgent, Base: sh.base,
	}
	sh.tokens.exchange = func(scopes []string) tokens.Exchange { return tokens.ClientCredentials(cfg, scopes) }
	return newClient(s, sh), nil
}

// With returns a client with further options that shares connections and tokens with c.
func (c *Client) With(opts ...Option) (*Client, error) {
	s := c.settings
	s.derived = true
	if err := inOneLine("harbor: cannot derive a client: ", s.apply(opts)); err != nil {
		return nil, err
	}
	return newClient(s, c.shared), nil
}

// Close ends what c and the clients derived from it have running in the background, and
// their idle connections if the transport is their own. Calls under way end on their own;
// later ones fail, for want of a token. Closing again does nothing.
func (c *Client) Close() error {
	c.shared.tokens.close()
	if c.shared.own != nil {
		c.shared.own.CloseIdleConnections()
	}
	return nil
}

func newClient(s settings, sh *shared) *Client {
	s.config.Base = sh.base
	s.config.Auth = tokens.Authorizer{Cache: sh.tokens.cache}
	c := &Client{settings: s, shared: sh, transport: transport.New(s.config)}
	c.Locations = &LocationsService{c}
	c.Towers = &TowersService{c}
	c.Lockers = &LockersService{c}
	c.Links = &LinksService{c}
	c.Sessions = &SessionsService{c}
	c.LockerTypes = &LockerTypesService{c}
	return c
}

func (s *settings) apply(opts []Option) (errs []error) {
	for _, o := range opts {
		if o != nil {
			errs = append(errs, o(s))
		}
	}
	return errs
}

// faults are several errors in one line.
type faults struct {
	prefix string
	errs   []error
}

// inOneLine joins what is not nil; nil when nothing is.
func inOneLine(prefix string, errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) == 0 {
		return nil
	}
	return &faults{prefix, errs}
}

func (f *faults) Error() string {
	texts := make([]string, len(f.errs))
	for i, err := range f.errs {
		texts[i] = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return f.prefix + strings.Join(texts, "; ")
}

func (f *faults) Unwrap() []error { return f.errs }

// Format writes the name of the type, whatever the verb: a client is never printed with
// what it holds.
func (c Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "harbor.Client") }

// call makes one call of the table and decodes its answer into out.
func (c *Client) call(ctx context.Context, id opID, in transport.Call, opts []CallOption) (transport.Result, error) {
	in.Op, in.Args = c.settings.route(id, in.Args)
	return c.do(ctx, in, opts)
}

func (c *Client) do(ctx context.Context, in transport.Call, opts []CallOption) (transport.Result, error) {
	var cs callSettings
	if len(opts) > 0 {
		cs.apply(opts)
	}
	in.Idempotent, in.NoRetry = cs.idempotent, cs.noRetry
	res, err := c.transport.Do(ctx, in)
	cs.fill(in.Op.Name, res)
	if err != nil {
		return res, newError(err)
	}
	return res, nil
}
