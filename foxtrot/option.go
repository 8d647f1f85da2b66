package foxtrot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/transport"
)

// Option changes how a client works. Options are checked by NewClient and Client.With,
// which return all faults at once.
type Option func(*settings) error

// settings is what options change. It holds no secret.
type settings struct {
	config      transport.Config
	baseURL     string
	httpClient  *http.Client
	concurrency int
	derived     bool // by With: connections and key are shared already
}

func (s *settings) apply(opts []Option) error {
	var errs []error
	for _, o := range opts {
		if o != nil {
			errs = append(errs, o(s))
		}
	}
	return errors.Join(errs...)
}

// WithBaseURL replaces DefaultBaseURL: a proxy, or a simulator such as foxtrottest. It
// must be https, or http on a loopback address, since the key is sent there and nowhere
// else.
func WithBaseURL(address string) Option {
	return func(s *settings) error {
		if s.derived {
			return errors.New("WithBaseURL: a derived client keeps its parent's address; give it to NewClient")
		}
		s.baseURL = address
		return nil
	}
}

// WithConcurrency sets how many calls Customers.GetMany keeps in flight; 8 by default.
// The live service was seen to fail most of 900 calls at once, and none of them with ten
// in flight (observed).
func WithConcurrency(n int) Option {
	return func(s *settings) error {
		if n < 1 {
			return errors.New("WithConcurrency: at least one call must be allowed")
		}
		s.concurrency = n
		return nil
	}
}

// WithHTTPClient makes the client send through hc's Transport, so that a proxy, client
// certificates or a test double can be given. hc itself is not kept and not changed; its
// Timeout, if any, bounds each attempt; its Jar and CheckRedirect are not used, since no
// redirect is followed and no cookie sent. Without this option, or with a nil Transport,
// the client has a transport of its own with 64 idle connections per host.
func WithHTTPClient(hc *http.Client) Option {
	return func(s *settings) error {
		if hc == nil {
			return errors.New("WithHTTPClient: the client is nil")
		}
		if s.derived {
			return errors.New("WithHTTPClient: a derived client shares its parent's connections; give it to NewClient")
		}
		s.httpClient = hc
		return nil
	}
}

// WithMiddleware wraps the transport of each attempt, for tracing, metrics or tests. The
// first one given is the outermost. A middleware sees every attempt and never a
// credential: that is added below it. It must derive the request's context, not replace
// it. OpenTelemetry's is one:
//
//	foxtrot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
//		return otelhttp.NewTransport(next)
//	})
func WithMiddleware(mw ...func(http.RoundTripper) http.RoundTripper) Option {
	return func(s *settings) error {
		if slices.ContainsFunc(mw, func(m func(http.RoundTripper) http.RoundTripper) bool { return m == nil }) {
			return errors.New("WithMiddleware: a middleware is nil")
		}
		s.config.Middleware = slices.Concat(s.config.Middleware, mw)
		return nil
	}
}

// WithLogger makes the client log attempts (debug), retries and unknown values (warn),
// by operation and numbers: no URL, identifier, body or secret. Failures are not logged:
// the caller has the error. Without it nothing is logged.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) error {
		if l == nil {
			return errors.New("WithLogger: the logger is nil")
		}
		s.config.Hooks = transport.ChainHooks(s.config.Hooks, transport.LogHooks(l))
		return nil
	}
}

// WithRetry sets how often, and after what waits, a call is tried.
func WithRetry(p RetryPolicy) Option {
	return func(s *settings) error {
		s.config.Retry = transport.RetryPolicy(p)
		return s.config.Retry.Validate()
	}
}

// WithAttemptTimeout bounds each attempt of a call, answer included; 15 s by default.
// The whole call is bounded by its context. An attempt that took too long is tried again
// where the operation allows it, and is ErrAttemptTimeout, never
// context.DeadlineExceeded.
func WithAttemptTimeout(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 {
			return errors.New("WithAttemptTimeout: the timeout must be positive")
		}
		s.config.AttemptTimeout = d
		return nil
	}
}

// WithRateLimiter asks l before each attempt. A *rate.Limiter of golang.org/x/time/rate
// is one. No rate limit of Foxtrot's is known.
func WithRateLimiter(l interface {
	Wait(ctx context.Context) error
},
) Option {
	return func(s *settings) error {
		if l == nil {
			return errors.New("WithRateLimiter: the limiter is nil")
		}
		s.config.Limiter = l
		return nil
	}
}

// WithUserAgent puts the application's name before the SDK's own, as in
// "acme-delivery/2.1".
func WithUserAgent(name string) Option {
	return func(s *settings) error {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r >= 0x7f }) {
			return errors.New("WithUserAgent: the name must be printable ASCII")
		}
		s.config.UserAgent = name + " " + userAgent
		return nil
	}
}
