package foxtrot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// Version is the version of this SDK, as sent in the User-Agent.
const Version = "0.1.0"

// DefaultBaseURL is the live service (vendor page). There is no documented sandbox; see
// WithBaseURL and package foxtrottest.
const DefaultBaseURL = "https://apiv1.foxtrotsystems.com"

var userAgent = "lockerline-go/" + Version + " (" + runtime.Version() + "; " + runtime.GOOS + ")"

const (
	defaultAttemptTimeout = 15 * time.Second
	defaultConcurrency    = 8
)

// Client makes calls to Foxtrot with one API key. It is immutable and safe for concurrent
// use; make one and share it. It is never printed with the key.
type Client struct {
	Customers *CustomersService // who they are, where, and which stops are for them
	DCs       *DCsService       // distribution centres
	Routes    *RoutesService    // what a waypoint leads to: the route, its progress, its deliveries
	Drivers   *DriversService   // where the truck is
	Webhooks  *WebhooksService  // what Foxtrot pushes, and where to

	settings  settings
	transport *transport.Client
	shared    *shared
}

// shared is what a client and those derived from it have in common.
type shared struct {
	base http.RoundTripper
	own  *http.Transport // the base when it is ours to close
	auth staticKey
}

// NewClient returns a client that sends the given API key: organisation-wide and without
// expiry (vendor page), so keep it like a password. Blanks around it are dropped. Nothing
// is sent; all that is wrong with the arguments is in the one error, which never holds
// the key.
func NewClient(apiKey string, opts ...Option) (*Client, error) {
	var errs []error
	apiKey = strings.TrimSpace(apiKey)
	switch {
	case apiKey == "":
		errs = append(errs, errors.New("the API key is empty"))
	case strings.ContainsFunc(apiKey, func(r rune) bool { return r <= 0x20 || r >= 0x7f }):
		errs = append(errs, errors.New("the API key holds blanks, control or non-ASCII characters"))
	}
	s := settings{baseURL: DefaultBaseURL, concurrency: defaultConcurrency}
	s.config.Retry = transport.DefaultRetry
	s.config.AttemptTimeout = defaultAttemptTimeout
	s.config.UserAgent = userAgent
	errs = append(errs, s.apply(opts))
	u, err := transport.ParseURL(s.baseURL)
	if err != nil {
		errs = append(errs, fmt.Errorf("WithBaseURL: the address %w", err))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("foxtrot: cannot make a client: %w", err)
	}
	s.config.BaseURL = u
	sh := &shared{auth: newStaticKey(apiKey)}
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
	return newClient(s, sh), nil
}

// With returns a client with further options that shares connections and key with c.
func (c *Client) With(opts ...Option) (*Client, error) {
	s := c.settings
	s.derived = true
	if err := s.apply(opts); err != nil {
		return nil, fmt.Errorf("foxtrot: cannot derive a client: %w", err)
	}
	return newClient(s, c.shared), nil
}

// Close closes the idle connections if the transport is the client's own. The client, and
// those derived from it, can be used further. It never fails.
func (c *Client) Close() error {
	if c.shared.own != nil {
		c.shared.own.CloseIdleConnections()
	}
	return nil
}

func newClient(s settings, sh *shared) *Client {
	s.config.Base = typed{sh.base}
	s.config.Auth = sh.auth
	c := &Client{settings: s, shared: sh, transport: transport.New(s.config)}
	c.Customers = &CustomersService{c}
	c.DCs = &DCsService{c}
	c.Routes = &RoutesService{c}
	c.Drivers = &DriversService{c}
	c.Webhooks = &WebhooksService{c}
	return c
}

// Format writes the name of the type, whatever the verb: a client is never printed with
// what it holds.
func (c Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "foxtrot.Client") }

// staticKey is the one credential there is. It sits in a closure, where nothing that
// walks through values by reflection comes by.
type staticKey func() *transport.Credential

func newStaticKey(apiKey string) staticKey {
	cred := transport.NewCredential("Authorization", "Bearer "+apiKey)
	return func() *transport.Credential { return cred }
}

// Credential returns the key.
func (k staticKey) Credential(context.Context, string) (*transport.Credential, error) {
	return k(), nil
}

// Reject reports that there is no other key to try.
func (k staticKey) Reject(string, *transport.Credential) bool { return false }

// typed adds the Content-Type that the vendor's page demands of every request, also of
// those without a body.
type typed struct{ next http.RoundTripper }

var contentType = []string{"application/json"}

func (t typed) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header["Content-Type"] = contentType // the map is the attempt's own
	return t.next.RoundTrip(r)
}
