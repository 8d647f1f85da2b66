package callbackstest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Message is one callback to send.
type Message struct {
	// Group is what the messages of one reservation share. They are sent in the given
	// order, each after the one before it was acknowledged or given up, but for what
	// Faults.Reorder changes. Groups run side by side.
	Group string
	// Body is sent as it is.
	Body []byte
}

// Sender sends callbacks as the vendor's service does: in order for each reservation, again
// and again until it is told 200. With Faults it also does what networks and services do to
// receivers. It may send several times, also at once. Its seed decides what it does, not the
// clock.
type Sender struct {
	target   *url.URL
	method   string
	header   http.Header
	schedule []time.Duration
	timeout  time.Duration
	workers  int
	seed     uint64
	faults   Faults
	dial     func(context.Context, string, string) (net.Conn, error)
	tls      *tls.Config
	broken   []error
}

// NewSender sends to an http or https URL: by POST, on four connections, with three further
// tries after 100 ms, 500 ms and 2 s, each try cut after 5 s, without faults.
func NewSender(target string, opts ...Option) (*Sender, error) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("callbackstest: new sender: the target is not an http or https URL")
	}
	s := &Sender{
		target: u, method: http.MethodPost, header: http.Header{},
		schedule: []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second},
		timeout:  5 * time.Second, workers: 4, dial: new(net.Dialer).DialContext,
	}
	s.header.Set("Content-Type", "application/json; charset=utf-8")
	for _, opt := range opts {
		opt(s)
	}
	if err := s.faults.check(); err != nil {
		s.broken = append(s.broken, err)
	}
	if len(s.broken) > 0 {
		text := strings.ReplaceAll(errors.Join(s.broken...).Error(), "\n", "; ")
		return nil, fmt.Errorf("callbackstest: new sender: %s", text)
	}
	return s, nil
}

// Option configures a Sender.
type Option func(*Sender)

// WithBasic sends a user and a password in the Authorization header.
func WithBasic(user, password string) Option {
	return func(s *Sender) {
		r := http.Request{Header: http.Header{}}
		r.SetBasicAuth(user, password)
		s.header.Set("Authorization", r.Header.Get("Authorization"))
	}
}

// WithBearer sends a token in the Authorization header.
func WithBearer(token string) Option { return WithHeader("Authorization", "Bearer "+token) }

// WithXToken sends a token in the X-Token header.
func WithXToken(token string) Option { return WithHeader("X-Token", token) }

// WithSubscriptionKey sends a key in the Ocp-Apim-Subscription-Key header.
func WithSubscriptionKey(key string) Option { return WithHeader("Ocp-Apim-Subscription-Key", key) }

// WithHeader sets a header of every request; an empty value removes it.
func WithHeader(name, value string) Option {
	return func(s *Sender) {
		if value == "" {
			s.header.Del(name)
			return
		}
		s.header.Set(name, value)
	}
}

// WithMethod sets the method: POST, the default, or PATCH.
func WithMethod(method string) Option {
	return func(s *Sender) {
		if method != http.MethodPost && method != http.MethodPatch {
			s.broken = append(s.broken, fmt.Errorf("the method is %q; callbacks come by POST or PATCH", method))
		}
		s.method = method
	}
}

// WithSchedule sets how long to wait before each further try, one wait a try. Without a wait
// there is one try. A Retry-After of the receiver is not heeded: the vendor
// does not say that it would be.
func WithSchedule(waits ...time.Duration) Option { return func(s *Sender) { s.schedule = waits } }

// WithTimeout bounds one try.
func WithTimeout(d time.Duration) Option {
	return func(s *Sender) {
		if d <= 0 {
			s.broken = append(s.broken, fmt.Errorf("the timeout %v is not positive", d))
		}
		s.timeout = d
	}
}

// WithConnections sets how many groups are sent at once.
func WithConnections(n int) Option {
	return func(s *Sender) {
		if n <= 0 {
			s.broken = append(s.broken, fmt.Errorf("%d connections are not a positive number", n))
		}
		s.workers = n
	}
}

// WithSeed decides which faults happen to which message; equal seeds, equal faults.
func WithSeed(seed uint64) Option { return func(s *Sender) { s.seed = seed } }

// WithFaults sets what goes wrong, and how often.
func WithFaults(f Faults) Option { return func(s *Sender) { s.faults = f } }

// WithDial sets how connections are made, for receivers in memory.
func WithDial(dial func(ctx context.Context, network, address string) (net.Conn, error)) Option {
	return func(s *Sender) { s.dial = dial }
}

// WithTLS sets how an https receiver is checked.
func WithTLS(config *tls.Config) Option { return func(s *Sender) { s.tls = config } }
