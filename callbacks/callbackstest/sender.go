package callbackstest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
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

// acknowledged is the only answer that counts: senders exist that take no other 2xx.
const acknowledged = http.StatusOK

var (
	errCut    = errors.New("callbackstest: body cut on purpose")
	errHungUp = errors.New("callbackstest: hung up on purpose")
)

// Send sends the messages and returns when each was acknowledged or given up. When the
// context ends it stops in mid-sending; the report then holds what happened so far and the
// error is the context's cause. Sending the same messages again is safe if the receiver
// keeps its promises.
func (s *Sender) Send(ctx context.Context, messages ...Message) (SendReport, error) {
	transport := &http.Transport{
		DialContext: s.dial, TLSClientConfig: s.tls, MaxIdleConnsPerHost: 2 * s.workers, DisableCompression: true,
	}
	defer transport.CloseIdleConnections()
	run := &sending{
		Sender: s, ledger: newLedger(messages),
		client: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	queue := make(chan []*plan)
	var wg sync.WaitGroup
	for range s.workers {
		wg.Go(func() {
			for group := range queue {
				run.group(ctx, group)
			}
		})
	}
	feed(ctx, queue, groups(s.plans(messages)))
	wg.Wait()
	if ctx.Err() != nil {
		return run.ledger.report, fmt.Errorf("callbackstest: send: %w", context.Cause(ctx))
	}
	return run.ledger.report, nil
}

func feed(ctx context.Context, queue chan<- []*plan, list [][]*plan) {
	defer close(queue)
	for _, group := range list {
		select {
		case queue <- group:
		case <-ctx.Done():
			return
		}
	}
}

// sending is one run of Send.
type sending struct {
	*Sender
	ledger *ledger
	client *http.Client
}

func (s *sending) group(ctx context.Context, group []*plan) {
	for _, p := range group {
		if ctx.Err() != nil {
			return
		}
		if p.reordered {
			s.ledger.write(func(r *SendReport) { r.Reordered++ })
		}
		s.message(ctx, p)
	}
}

// message tries until the message is acknowledged or the schedule ends.
func (s *sending) message(ctx context.Context, p *plan) {
	done := s.first(ctx, p)
	for _, wait := range s.schedule {
		if done || !sleep(ctx, wait) {
			break
		}
		done = s.plain(ctx, p)
	}
	if done && p.duplicate && ctx.Err() == nil {
		s.ledger.write(func(r *SendReport) { r.Resent++ })
		s.plain(ctx, p)
	}
}

// first is the try to which faults happen; one at most, the worst first.
func (s *sending) first(ctx context.Context, p *plan) bool {
	switch {
	case p.cut:
		s.ledger.write(func(r *SendReport) { r.Cut++ })
		return s.ledger.note(p, 0, s.cutBody(ctx, p.message.Body))
	case p.hangUp:
		s.ledger.write(func(r *SendReport) { r.HungUp++ })
		return s.ledger.note(p, 0, s.hangUp(ctx, p.message.Body))
	case p.slow:
		s.ledger.write(func(r *SendReport) { r.Slow++ })
		status, err := s.slowBody(ctx, p.message.Body)
		return s.ledger.note(p, status, err)
	case p.twice:
		s.ledger.write(func(r *SendReport) { r.Resent++ })
		var wg sync.WaitGroup
		var other bool
		wg.Go(func() { other = s.plain(ctx, p) })
		one := s.plain(ctx, p)
		wg.Wait()
		return one || other
	}
	return s.plain(ctx, p)
}

// plain is a try without a fault.
func (s *sending) plain(ctx context.Context, p *plan) bool {
	status, err := s.do(ctx, p.message.Body)
	return s.ledger.note(p, status, err)
}

func (s *sending) do(ctx context.Context, body []byte) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, s.method, s.target.String(), bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header = s.header.Clone()
	response, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	return response.StatusCode, err
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
