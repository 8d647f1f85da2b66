package foxtrottest

import (
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/transport"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// Option sets up a Server.
type Option func(*config)

type config struct {
	apiKey      string
	clock       *lockerlinetest.Clock
	empty       bool
	bare        bool
	waypointKey string
	maxParallel int
	latency     time.Duration
}

// WithAPIKey sets the key. Without it the key is random.
func WithAPIKey(key string) Option { return func(c *config) { c.apiKey = key } }

// WithManualClock lets the server's clock stand still at start, a Monday morning when zero,
// moved by Advance alone. Without it the clock runs with the program's, and Advance adds to
// it.
func WithManualClock(start time.Time) Option {
	return func(c *config) { c.clock = lockerlinetest.NewManualClock(start) }
}

// WithEmptyWorld leaves the demonstration world out, for the Add methods to fill.
func WithEmptyWorld() Option { return func(c *config) { c.empty = true } }

// WithBareAnswers answers as the vendor's pages print it: the waypoints of a customer, and
// the waypoints, deliveries and search of routes, come without an envelope, and a route's
// times as milliseconds. Without it every answer is in an envelope and a route's times are
// ISO 8601, as real clients see it.
func WithBareAnswers() Option { return func(c *config) { c.bare = true } }

// The two keys under which a waypoint's id was seen.
const (
	KeyDocumented = "id"          // on the vendor's pages
	KeyObserved   = "waypoint_id" // by real clients
)

// WithWaypointKey chooses between KeyDocumented and KeyObserved, the default.
func WithWaypointKey(key string) Option { return func(c *config) { c.waypointKey = key } }

// WithMaxParallel makes the server reset the connection of every request beyond n at
// once (observed of the live service). Without it there is no limit.
func WithMaxParallel(n int) Option { return func(c *config) { c.maxParallel = n } }

// WithLatency makes every request take d.
func WithLatency(d time.Duration) Option { return func(c *config) { c.latency = d } }

func newConfig(opts []Option) (config, error) {
	cfg := config{apiKey: "test-" + rand.Text(), waypointKey: KeyObserved}
	for _, o := range opts {
		o(&cfg)
	}
	var faults []error
	if strings.TrimSpace(cfg.apiKey) == "" {
		faults = append(faults, errors.New("the API key is empty"))
	}
	if cfg.waypointKey != KeyDocumented && cfg.waypointKey != KeyObserved {
		faults = append(faults, errors.New(`the waypoint key must be "id" or "waypoint_id"`))
	}
	if cfg.maxParallel < 0 || cfg.latency < 0 {
		faults = append(faults, errors.New("a limit and a latency must not be negative"))
	}
	return cfg, transport.OneLine("foxtrottest: cannot make a server", faults)
}
