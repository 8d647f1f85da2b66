package callbacks

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Option configures a handler. Every fault is reported by NewHandler, all at once.
type Option func(*config)

type config struct {
	set             *CredentialSet
	given           []Credential
	unauthenticated bool
	methods         []string
	maxBody         int64
	readTimeout     time.Duration
	retryAfter      time.Duration
	observer        Observer
	faults          []error
}

func defaults() config {
	return config{
		methods:     []string{http.MethodPost, http.MethodPatch},
		maxBody:     64 << 10,
		readTimeout: 5 * time.Second,
		retryAfter:  5 * time.Second,
	}
}

func (c *config) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf(format, args...))
}

// WithCredentials adds credentials; any one of them opens. For rotation without a restart
// use WithCredentialSet.
func WithCredentials(list ...Credential) Option {
	return func(c *config) { c.given = append(c.given, list...) }
}

// WithCredentialSet takes the credentials from a set, which can be changed while requests
// run and shared between handlers.
func WithCredentialSet(set *CredentialSet) Option {
	return func(c *config) {
		if set == nil || c.set != nil {
			c.fault("WithCredentialSet: give one set, not nil")
			return
		}
		c.set = set
	}
}

// Unauthenticated takes every request: for a sender that has no secret, behind an address
// that cannot be guessed, or behind a gateway that has checked. Treat such callbacks as hints.
func Unauthenticated() Option { return func(c *config) { c.unauthenticated = true } }

// WithMethods sets the methods that are taken; default POST and PATCH.
func WithMethods(methods ...string) Option {
	return func(c *config) {
		if len(methods) == 0 {
			c.fault("WithMethods: give at least one method")
		}
		for _, m := range methods {
			if !slices.Contains([]string{http.MethodPost, http.MethodPatch, http.MethodPut}, m) {
				c.fault("WithMethods: %q does not carry a callback; use POST, PATCH or PUT", m)
			}
		}
		c.methods = slices.Clone(methods)
	}
}

// WithMaxBody sets the largest body in bytes; default 64 KiB.
func WithMaxBody(n int64) Option {
	return func(c *config) {
		if n <= 0 {
			c.fault("WithMaxBody: %d is not a positive number of bytes", n)
		}
		c.maxBody = n
	}
}

// WithReadTimeout sets how long the body may take to arrive; default 5 s. It works where the
// ResponseWriter supports http.ResponseController, so a middleware that wraps it must have
// an Unwrap method. A shorter ReadTimeout of the server goes first.
func WithReadTimeout(d time.Duration) Option {
	return func(c *config) { c.readTimeout = positive(c, "WithReadTimeout", d) }
}

// WithRetryAfter sets the Retry-After of a 503, rounded up to seconds; default 5 s.
func WithRetryAfter(d time.Duration) Option {
	return func(c *config) { c.retryAfter = positive(c, "WithRetryAfter", d) }
}

// WithObserver adds an observer. Several are called in the order in which they were given.
func WithObserver(o Observer) Option {
	return func(c *config) { c.observer = c.observer.join(o) }
}

func positive(c *config, option string, d time.Duration) time.Duration {
	if d <= 0 {
		c.fault("%s: %v is not a positive duration", option, d)
	}
	return d
}

// authenticate settles the credentials, which must be given in exactly one way.
func (c *config) authenticate() {
	if len(c.given) > 0 && c.set != nil {
		c.fault("give WithCredentials or WithCredentialSet, not both")
		return
	}
	given := len(c.given) > 0 || c.set != nil
	switch {
	case c.unauthenticated && given:
		c.fault("Unauthenticated contradicts the given credentials")
	case c.unauthenticated:
	case c.set == nil:
		c.set = new(CredentialSet)
		if err := c.set.Replace(c.given...); err != nil {
			c.faults = append(c.faults, fmt.Errorf("credentials: %w", errors.Unwrap(err)))
		}
	case len(c.set.load().list) == 0:
		c.faults = append(c.faults, errors.New("the credential set is empty; make it with NewCredentialSet"))
	}
}
