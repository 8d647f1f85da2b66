// Package tokens keeps OAuth 2.0 access tokens: a Store has one Cache per scope set, in
// front of x/oauth2's exchange by client credentials or a password. No caller waits for
// another one's context.
package tokens

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Token is an access token in use. A Cache hands the same pointer to all callers until the
// token is replaced: its identity is what Reject compares.
type Token struct {
	redact.Hidden

	Access   string
	Type     string // as answered; "Bearer"
	Expiry   time.Time
	Lifetime time.Duration // as answered
	Scope    string        // as answered; often empty

	credential *transport.Credential
	refreshAt  time.Time
}

// Exchange gets a new token. It must honour ctx.
type Exchange func(ctx context.Context) (*Token, error)

// Cache holds one token. All methods are safe for concurrent use.
//
// A caller waits no longer than its own context. The exchange is shared and runs under a
// context of its own, so that the caller who happened to start it can leave without
// failing the others. All who wait get the one outcome; a failure is remembered for a
// moment, so that a herd does not ask again one after the other. In the last tenth of a
// token's life the first caller starts a refresh in the background and goes on with the
// token it has.
type Cache struct {
	exchange Exchange

	current atomic.Pointer[Token]
	mu      sync.Mutex
	flight  *flight
	failed  failure
	base    context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
}

type flight struct {
	done chan struct{}
	tok  *Token
	err  error
}

type failure struct {
	err   error
	until time.Time
}

const (
	exchangeTimeout  = 10 * time.Second // of one exchange, its tries included
	exchangeTries    = 2
	rememberFailure  = time.Second
	rememberRefusal  = 10 * time.Second // of credentials that are wrong
	rememberAtMost   = 30 * time.Second // however long the endpoint asks to be left alone
	unknownLifetime  = 60 * time.Second // taken when the answer names none
	tryAgainAtLeast  = 50 * time.Millisecond
	tryAgainAtMost   = time.Second
	longestTokenLife = 24 * time.Hour
)

// NewCache returns an empty cache. Close ends what it may have running.
func NewCache(exchange Exchange) *Cache {
	ctx, stop := context.WithCancel(context.Background())
	return &Cache{exchange: exchange, base: ctx, stop: stop}
}

// Token returns a usable token. The fast path is one atomic load and a clock reading.
func (c *Cache) Token(ctx context.Context) (*Token, error) {
	t := c.current.Load()
	if t != nil {
		// time.Until reads one clock where time.Now reads two.
		if time.Until(t.refreshAt) > 0 {
			return t, nil
		}
		if time.Until(t.Expiry) > 0 {
			c.refresh()
			return t, nil
		}
	}
	if ctx.Err() != nil {
		return nil, transport.Canceled(ctx)
	}
	c.mu.Lock()
	if t := c.current.Load(); t != nil && time.Until(t.Expiry) > 0 {
		c.mu.Unlock()
		return t, nil
	}
	if c.failed.err != nil && time.Now().Before(c.failed.until) {
		defer c.mu.Unlock()
		return nil, c.failed.err
	}
	f := c.start()
	c.mu.Unlock()
	select {
	case <-f.done:
		return f.tok, f.err
	case <-ctx.Done():
		return nil, transport.Canceled(ctx)
	}
}

// Reject drops t if it is still the current token: many callers who were refused with
// the same one cause one exchange, and a late refusal of an old token none.
func (c *Cache) Reject(t *Token) { c.current.CompareAndSwap(t, nil) }

// Close ends an exchange under way and waits for it. Callers who wait get an error; a
// later Token fails.
func (c *Cache) Close() {
	c.stop()
	c.mu.Lock()
	c.failed = failure{}
	c.current.Store(nil)
	c.mu.Unlock()
	c.running.Wait()
}

// refresh starts an exchange in the background, unless one is under way or just failed.
func (c *Cache) refresh() {
	if !c.mu.TryLock() {
		return
	}
	defer c.mu.Unlock()
	t := c.current.Load()
	if t != nil && time.Until(t.refreshAt) > 0 || time.Now().Before(c.failed.until) {
		return
	}
	c.start()
}

// start joins the exchange under way, or begins one. The lock is held.
func (c *Cache) start() *flight {
	if c.flight != nil {
		return c.flight
	}
	f := &flight{done: make(chan struct{})}
	if c.base.Err() != nil {
		f.err = lockerline.ErrClosed
		close(f.done)
		return f
	}
	c.flight = f
	c.running.Go(func() { c.run(f) })
	return f
}

func (c *Cache) run(f *flight) {
	ctx, cancel := context.WithTimeoutCause(c.base, exchangeTimeout, errExchangeTimeout)
	defer cancel()
	f.tok, f.err = try(ctx, c.exchange)
	c.mu.Lock()
	switch {
	case c.base.Err() != nil: // under the lock: Close has emptied the cache, or will
		f.tok, f.err = nil, lockerline.ErrClosed
	case f.err == nil:
		f.tok.prepare()
		c.current.Store(f.tok)
		c.failed = failure{}
	default:
		c.failed = failure{f.err, time.Now().Add(remember(f.err))}
	}
	c.flight = nil
	c.mu.Unlock()
	close(f.done)
}

// remember returns for how long a failure stands for all who ask.
func remember(err error) time.Duration {
	e, ok := errors.AsType[*lockerline.AuthError](err)
	switch {
	case !ok:
		return rememberFailure
	case e.Permanent:
		return rememberRefusal
	}
	return max(rememberFailure, min(e.RetryAfter, rememberAtMost))
}

// prepare computes what the fast path needs.
func (t *Token) prepare() {
	t.refreshAt = t.Expiry.Add(-t.Lifetime / 10)
	t.credential = transport.NewCredential("Authorization", "Bearer "+t.Access)
}
