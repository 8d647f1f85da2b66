package transport

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"time"
)

// Middleware wraps the transport of each attempt. It sees no credential.
type Middleware = func(http.RoundTripper) http.RoundTripper

// Limiter is asked before each attempt. *rate.Limiter of golang.org/x/time is one.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Config is what a Client is made of. Middleware, Limiter, UserAgent, Logger and Hooks
// may be left out.
type Config struct {
	BaseURL        *url.URL // from ParseURL
	Base           http.RoundTripper
	Middleware     []Middleware
	Auth           Authorizer
	Retry          RetryPolicy
	AttemptTimeout time.Duration
	Limiter        Limiter
	UserAgent      string
	Hooks          Hooks
}

// Client makes calls. It is immutable and safe for concurrent use.
type Client struct {
	base           *url.URL
	http           *http.Client
	retry          RetryPolicy
	attemptTimeout time.Duration
	limiter        Limiter
	hooks          Hooks
	accept         http.Header // sent with every request
	acceptBody     http.Header // and with a body
}

// New returns a client. The config must hold BaseURL, Base, Auth, AttemptTimeout and a
// valid Retry.
func New(cfg Config) *Client {
	var rt http.RoundTripper = &authTripper{next: cfg.Base, auth: cfg.Auth, origin: cfg.BaseURL}
	for i := len(cfg.Middleware) - 1; i >= 0; i-- {
		rt = cfg.Middleware[i](rt)
	}
	rt = &slashTripper{next: rt, origin: cfg.BaseURL}
	c := &Client{
		base: cfg.BaseURL, retry: cfg.Retry, attemptTimeout: cfg.AttemptTimeout,
		limiter: cfg.Limiter, hooks: cfg.Hooks,
		accept: http.Header{"Accept": {"application/json"}, "User-Agent": {cfg.UserAgent}},
		http: &http.Client{
			Transport:     &attemptTripper{next: rt, private: len(cfg.Middleware) > 0},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	c.acceptBody = c.accept.Clone()
	c.acceptBody["Content-Type"] = []string{"application/json"}
	return c
}

// Do makes one call: as many attempts as the operation allows, then the answer decoded
// into in.Out, or a *Failure.
func (c *Client) Do(ctx context.Context, in Call) (Result, error) {
	started := time.Now()
	if h := c.hooks.CallStart; h != nil {
		if derived := h(ctx, CallEvent{Operation: in.Op.Name, Method: in.Op.Method, Path: in.Op.Path}); derived != nil {
			ctx = derived
		}
	}
	st := &call{Context: ctx, client: c, op: in.Op, idempotent: in.Op.Idempotent || in.Idempotent, noRetry: in.NoRetry, buf: getBuffer()}
	empty, err := c.run(st, &in)
	res := Result{st.status, requestID(st.header), st.attempts, time.Since(started), empty}
	if err != nil {
		err = st.failure(err)
	} else if st.status >= 400 {
		err = st.failure(nil)
	}
	putBuffer(st.buf)
	if h := c.hooks.CallEnd; h != nil {
		h(ctx, CallEvent{in.Op.Name, in.Op.Method, in.Op.Path, res.StatusCode, res.Attempts, res.Duration, err})
	}
	return res, err
}

func (c *Client) run(st *call, in *Call) (empty bool, err error) {
	u, err := expand(c.base, in.Op.Path, in.Args)
	if err != nil {
		return false, err
	}
	u.RawQuery = in.Query
	if st.Err() != nil {
		return false, Canceled(st.Context)
	}
	st.req.Request = (&http.Request{
		Method: in.Op.Method, URL: &u, Host: u.Host, Header: c.accept,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(st)
	if in.Body != nil {
		st.req.Header = c.acceptBody
		if err := st.req.SetBody(in.Body); err != nil {
			return false, err
		}
	}
	st.loop.HTTPClient = c.http
	st.loop.RetryMax = math.MaxInt32 // the budget lives in checkRetry, which keeps the answer
	st.loop.CheckRetry = checkRetry
	st.loop.Backoff = st.backoff
	st.loop.ErrorHandler = passError
	resp, err := st.loop.Do(&st.req)
	if st.interrupted || err != nil && st.Err() != nil {
		// The caller is gone: whatever went wrong is a consequence.
		return false, Canceled(st.Context)
	}
	if err != nil {
		return false, unwrapTransport(err)
	}
	if resp.StatusCode >= 400 {
		return false, nil
	}
	return st.finish(in)
}

func (c *call) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return c.wait }

func passError(_ *http.Response, err error, _ int) (*http.Response, error) { return nil, err }

// unwrapTransport removes what only this package needs to know from an error.
func unwrapTransport(err error) error {
	err = StripURL(err)
	if c, ok := errors.AsType[*credentialError](err); ok {
		return c.err
	}
	return err
}
