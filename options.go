package lockerline

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Option changes how a client works. All clients of this module take the same options; a
// client checks them when it is made, and refuses one that it has no use for.
type Option func(*Config) error

// Config is what the options of a client say. Clients read it; a program gives options.
type Config struct {
	HTTPClient     *http.Client // nil: the client has a transport of its own
	Middleware     []func(http.RoundTripper) http.RoundTripper
	Hooks          Hooks // those of WithHooks and WithLogger, in the order given
	Retry          RetryPolicy
	AttemptTimeout time.Duration
	RateLimiter    RateLimiter     // nil: none
	UserAgent      string          // the application's name; empty: none
	BaseURL        string          // empty: the service's own
	OperationPaths []OperationPath // those of WithOperationPath, in the order given
	Concurrency    int             // calls in flight of a method that makes many; 0: the client's default
}

// OperationPath is the path that takes the place of an operation's own.
type OperationPath struct {
	Operation, Path string
	// Pick returns which elements of the operation's own path this one takes, in order. An
	// error says what is wrong with the path.
	Pick func(own string) ([]int, error)
}

// RateLimiter is asked before each attempt. A *rate.Limiter of golang.org/x/time/rate is
// one.
type RateLimiter interface {
	Wait(ctx context.Context) error
}

// RetryPolicy bounds the attempts of a call. What may be tried again at all is a property
// of each operation: see Operation.Idempotent. Waits double from MinWait to MaxWait, the
// second half of each at random. A wait that the service asks for (Retry-After) is kept if
// it is longer, unless it is over MaxRetryAfter or beyond the deadline of the call's
// context: then the call ends at once, with the wait in Error.RetryAfter.
type RetryPolicy struct {
	MaxAttempts   int           // tries of one call, the first included; at least 1
	MinWait       time.Duration // before the second try; positive
	MaxWait       time.Duration // cap of what MinWait is doubled to
	MaxRetryAfter time.Duration // longest wait taken from the service; 0 takes none
}

// DefaultRetryPolicy returns what a client uses without WithRetry: 4 attempts, 250 ms to
// 8 s, and at most 30 s at the service's wish.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{MaxAttempts: 4, MinWait: 250 * time.Millisecond, MaxWait: 8 * time.Second, MaxRetryAfter: 30 * time.Second}
}

const defaultAttemptTimeout = 15 * time.Second

// DefaultConfig returns what a client works by without options.
func DefaultConfig() Config {
	return Config{Retry: DefaultRetryPolicy(), AttemptTimeout: defaultAttemptTimeout}
}

// Apply applies options in order and returns what is wrong with each that is refused. A
// nil option changes nothing.
func (c *Config) Apply(opts []Option) (faults []error) {
	for _, o := range opts {
		if o != nil {
			if err := o(c); err != nil {
				faults = append(faults, err)
			}
		}
	}
	return faults
}

// WithHTTPClient makes the client send through hc's Transport, so that a proxy, client
// certificates or a test double can be given. hc itself is not kept and not changed; its
// Timeout, if any, bounds each attempt; its Jar and CheckRedirect are not used, since no
// redirect is followed and no cookie sent. Without this option, or with a nil Transport,
// the client has a transport of its own with 64 connections per host. A derived client
// shares its parent's connections and refuses this option.
func WithHTTPClient(hc *http.Client) Option {
	return option(hc != nil, "WithHTTPClient: the client is nil", func(c *Config) { c.HTTPClient = hc })
}

// WithMiddleware wraps the transport of each attempt, for tracing, metrics or tests. The
// first one given is the outermost. A middleware sees every attempt, but not the replay
// after a 401, and never a credential: that is added below it. It must derive the
// request's context, not replace it. OpenTelemetry's is one:
//
//	lockerline.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
//		return otelhttp.NewTransport(next)
//	})
func WithMiddleware(mw ...func(http.RoundTripper) http.RoundTripper) Option {
	isNil := func(m func(http.RoundTripper) http.RoundTripper) bool { return m == nil }
	return option(!slices.ContainsFunc(mw, isNil), "WithMiddleware: a middleware is nil", func(c *Config) {
		c.Middleware = slices.Concat(c.Middleware, mw)
	})
}

// WithLogger makes the client log attempts (debug), retries and unknown values (warn), by
// operation and numbers: no URL, identifier, body or secret. Failures are not logged: the
// caller has the error. Without it nothing is logged.
func WithLogger(l *slog.Logger) Option {
	return option(l != nil, "WithLogger: the logger is nil", func(c *Config) { c.Hooks = c.Hooks.add(logHooks(l)) })
}

// WithHooks adds hooks to those the client has; all are told.
func WithHooks(h Hooks) Option {
	return option(true, "", func(c *Config) { c.Hooks = c.Hooks.add(h) })
}

// WithRetry sets how often, and after what waits, a call is tried.
func WithRetry(p RetryPolicy) Option {
	var faults []string
	if p.MaxAttempts < 1 {
		faults = append(faults, "MaxAttempts must be at least 1")
	}
	if p.MinWait <= 0 || p.MaxWait < p.MinWait {
		faults = append(faults, "MinWait must be positive and at most MaxWait")
	}
	if p.MaxRetryAfter < 0 {
		faults = append(faults, "MaxRetryAfter must not be negative")
	}
	return option(faults == nil, "WithRetry: "+strings.Join(faults, "; "), func(c *Config) { c.Retry = p })
}

// WithAttemptTimeout bounds each attempt of a call, answer included; 15 s by default. The
// whole call is bounded by its context. An attempt that took too long is tried again where
// the operation allows it, and is ErrAttemptTimeout, never context.DeadlineExceeded.
func WithAttemptTimeout(d time.Duration) Option {
	return option(d > 0, "WithAttemptTimeout: the timeout must be positive", func(c *Config) { c.AttemptTimeout = d })
}

// WithRateLimiter asks l before each attempt.
func WithRateLimiter(l RateLimiter) Option {
	return option(l != nil, "WithRateLimiter: the limiter is nil", func(c *Config) { c.RateLimiter = l })
}

// WithUserAgent puts the application's name before the SDK's own, as in
// "acme-delivery/2.1".
func WithUserAgent(name string) Option {
	odd := strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r >= 0x7f })
	return option(name != "" && !odd, "WithUserAgent: the name must be printable ASCII", func(c *Config) { c.UserAgent = name })
}

// WithBaseURL sends to another address than the service's own: a proxy, or a simulator. It
// must be https, or http on a loopback address, since the credential is sent there and
// nowhere else. A client whose address is an argument of its constructor refuses this
// option, and a derived client keeps its parent's address.
func WithBaseURL(address string) Option {
	return option(address != "", "WithBaseURL: the address is empty", func(c *Config) { c.BaseURL = address })
}

// WithOperationPath replaces the path of the named operation, for a partner whom the
// service told another route than the one this version takes (see Operation.Evidence). The
// path is a template below the base URL, such as
// "/api/v1/towers/{tower}/lockers/{locker}/cancel", and may leave elements out.
func WithOperationPath(name, path string) Option {
	return option(true, "", func(c *Config) {
		c.OperationPaths = append(slices.Clip(c.OperationPaths), OperationPath{name, path, func(own string) ([]int, error) { return pick(name, own, path) }})
	})
}

// option sets something in a Config, or is refused with fault when its argument is not ok.
func option(ok bool, fault string, set func(*Config)) Option {
	return func(c *Config) error {
		if !ok {
			return errors.New(fault)
		}
		set(c)
		return nil
	}
}
