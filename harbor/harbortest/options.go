package harbortest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/internal/transport"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// Option sets up a Server.
type Option func(*config)

type config struct {
	providers     []harbor.Credentials
	locations     []Location
	clock         *lockerlinetest.Clock
	tokenLife     time.Duration
	linkLife      time.Duration
	webhookURL    string
	webhookHeader http.Header
	corsOrigin    string
	quirks        Quirks
}

// The service providers of a server without options.
const (
	// DefaultClientID is the provider whose Credentials a Server hands out.
	DefaultClientID = "lockerline-test"
	// NeighbourClientID is another provider, which has some lockers of DefaultLocations.
	NeighbourClientID = "neighbour-parcels"
)

// WithCredentials replaces the credentials of the first service provider. Without it the
// client id is DefaultClientID and the secret is random.
func WithCredentials(c harbor.Credentials) Option {
	return func(cfg *config) { cfg.providers[0] = c }
}

// WithProvider adds another service provider.
func WithProvider(clientID, clientSecret string) Option {
	return func(cfg *config) {
		cfg.providers = append(cfg.providers, harbor.Credentials{ClientID: clientID, ClientSecret: clientSecret})
	}
}

// WithLocations replaces DefaultLocations.
func WithLocations(locations ...Location) Option {
	return func(cfg *config) { cfg.locations = locations }
}

// WithManualClock lets the server's clock stand still at start, a Monday morning when zero,
// moved by Advance alone. Without it the clock runs with the program's, and Advance adds to
// it.
func WithManualClock(start time.Time) Option {
	return func(cfg *config) { cfg.clock = lockerlinetest.NewManualClock(start) }
}

// WithTokenLifetime sets how long access tokens are valid; 300 s without it, as documented.
func WithTokenLifetime(d time.Duration) Option {
	return func(cfg *config) { cfg.tokenLife = d }
}

// WithLinkLifetime sets how long a drop-off link holds a locker; five minutes without it,
// as Harbor told one integrator. Another integrator saw a day.
func WithLinkLifetime(d time.Duration) Option {
	return func(cfg *config) { cfg.linkLife = d }
}

// WithWebhookURL sends the web hooks for lockers of the first provider to the address, in
// order and once each.
func WithWebhookURL(address string) Option {
	return func(cfg *config) { cfg.webhookURL = address }
}

// WithWebhookHeader adds a header to each web hook, such as a credential of the receiver.
func WithWebhookHeader(name, value string) Option {
	return func(cfg *config) { cfg.webhookHeader.Add(name, value) }
}

// WithCORS lets pages from an origin, or from any with "*", call the server. Harbor itself
// refuses browsers (observed).
func WithCORS(origin string) Option {
	return func(cfg *config) { cfg.corsOrigin = origin }
}

// WithQuirks chooses between the answers that Harbor's documentation allows.
func WithQuirks(q Quirks) Option {
	return func(cfg *config) { cfg.quirks = q }
}

func newConfig(opts []Option) (config, error) {
	cfg := config{
		clock:         lockerlinetest.NewClock(),
		providers:     []harbor.Credentials{{ClientID: DefaultClientID, ClientSecret: rand.Text()}},
		tokenLife:     300 * time.Second,
		linkLife:      5 * time.Minute,
		webhookHeader: make(http.Header),
	}
	for _, o := range opts {
		o(&cfg)
	}
	if cfg.locations == nil {
		cfg.locations = DefaultLocations()
		if !slices.ContainsFunc(cfg.providers, func(c harbor.Credentials) bool { return c.ClientID == NeighbourClientID }) {
			WithProvider(NeighbourClientID, rand.Text())(&cfg)
		}
	}
	return cfg, transport.OneLine("harbortest: cannot make a server", cfg.faults())
}

// faults returns all that is wrong with the options.
func (cfg *config) faults() (faults []error) {
	seen := map[string]bool{}
	for _, p := range cfg.providers {
		if p.ClientID == "" || p.ClientSecret == "" {
			faults = append(faults, errors.New("a provider needs a client id and a secret"))
		}
		if seen[p.ClientID] {
			faults = append(faults, fmt.Errorf("provider %q is there twice", p.ClientID))
		}
		seen[p.ClientID] = true
	}
	if cfg.tokenLife < time.Second || cfg.linkLife < time.Second {
		faults = append(faults, errors.New("a lifetime must be one second at least"))
	}
	if cfg.webhookURL != "" {
		if u, err := url.Parse(cfg.webhookURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			faults = append(faults, errors.New("the web hook address must be a whole http or https address"))
		}
	}
	faults = append(faults, cfg.quirks.validate()...)
	return append(faults, checkLocations(cfg.locations, func(id string) bool { return seen[id] })...)
}
