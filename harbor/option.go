package harbor

import (
	"context"
	"errors"
	"fmt"
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
	httpClient  *http.Client
	tokenHeader bool
	routes      [opCount]route
	derived     bool // by With: the connections and tokens are shared already
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
// first one given is the outermost. A middleware sees every attempt, the replay after a
// 401 apart, and never a credential: that is added below it. It must derive the request's
// context, not replace it. OpenTelemetry's is one:
//
//	harbor.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
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
		s.config.Logger = l
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
// is one.
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

// WithBasicTokenRequest sends the client's id and secret to the token endpoint by HTTP
// Basic. The default is in the form, the only way that Harbor documents.
func WithBasicTokenRequest() Option {
	return func(s *settings) error {
		if s.derived {
			return errors.New("WithBasicTokenRequest: a derived client shares its parent's tokens; give it to NewClient")
		}
		s.tokenHeader = true
		return nil
	}
}

// WithOperationPath replaces the path of the named operation, for a partner whom Harbor
// told another route than the one this version takes (see Operation.Evidence). The path is
// a template below Environment.APIURL, such as
// "/api/v1/towers/{tower}/lockers/{locker}/cancel", and may leave elements out.
func WithOperationPath(operation, path string) Option {
	return func(s *settings) error {
		i := slices.IndexFunc(operations[:], func(o Operation) bool { return o.Name == operation })
		if i < 0 {
			return fmt.Errorf("WithOperationPath: there is no operation %q", operation)
		}
		if problem := badTemplate(path); problem != "" {
			return fmt.Errorf("WithOperationPath: the path of %s %s", operation, problem)
		}
		known := elements(operations[i].Path)
		pick := []int{}
		for _, name := range elements(path) {
			j := slices.Index(known, name)
			if j < 0 {
				return fmt.Errorf("WithOperationPath: %s has no element {%s}; it has %s", operation, name, strings.Join(known, ", "))
			}
			pick = append(pick, j)
		}
		s.routes[i].Path, s.routes[i].pick = path, pick
		return nil
	}
}

// badTemplate says what is wrong with a path template; nothing when it is in order.
func badTemplate(path string) string {
	bad := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '?' || r == '#' }
	if !strings.HasPrefix(path, "/") || strings.ContainsFunc(path, bad) {
		return "must begin with a slash and have no query, fragment or white space"
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "." || part == ".." {
			return "must not have dot segments"
		}
	}
	open := false
	for _, r := range path {
		if (r == '{' || r == '}') && open == (r == '{') || r == '/' && open {
			return "has braces that do not match"
		}
		open = r == '{' || open && r != '}'
	}
	if open {
		return "has braces that do not match"
	}
	return ""
}

// elements returns the names in the braces of a path template.
func elements(path string) (names []string) {
	for {
		_, rest, ok := strings.Cut(path, "{")
		if !ok {
			return names
		}
		name, rest, _ := strings.Cut(rest, "}")
		names, path = append(names, name), rest
	}
}
