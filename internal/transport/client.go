package transport

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go"
)

// Service is what differs between the clients of this module.
type Service struct {
	Name       string                 // such as "harbor"
	Operations []lockerline.Operation // all that have a method
	BaseURL    string                 // where the service is
	// BaseURLFrom names the constructor's argument that BaseURL is; where there is one,
	// WithBaseURL has no use.
	BaseURLFrom string
	// TypeAlways says that every request has a Content-Type, also one without a body.
	TypeAlways bool
	// Concurrent says that some method makes many calls, so that Config.Concurrency has a
	// use.
	Concurrent bool
	// Explain reads the Body of an error into its Code, Detail and Fields. It is called
	// for every answer that is not a success and for one that cannot be read.
	Explain func(e *lockerline.Error)
	// Auth makes the source of credentials. It may send through base, in the name of
	// userAgent.
	Auth func(base http.RoundTripper, userAgent string) Authorizer
}

// Client makes calls. It is immutable and safe for concurrent use.
type Client struct {
	service *Service
	config  lockerline.Config
	shared  *shared
	base    *url.URL
	http    *http.Client
	routes  map[string]*route // of WithOperationPath, by operation
	accept  http.Header       // sent with every request
	typed   http.Header       // and with a body
}

// shared is what a client and those derived from it have in common.
type shared struct {
	base http.RoundTripper
	own  *http.Transport // the base when it is ours to close
	url  *url.URL
	auth Authorizer
}

// New returns a client of a service. Faults are what the constructor found wrong with its
// own arguments: all that is wrong is in the one error. It sends nothing.
func New(s *Service, opts []lockerline.Option, faults ...error) (*Client, error) {
	cfg := lockerline.DefaultConfig()
	faults = append(faults, cfg.Apply(opts)...)
	if cfg.Concurrency != 0 && !s.Concurrent {
		faults = append(faults, errors.New("WithConcurrency: no method of this client makes many calls"))
	}
	address, from := s.BaseURL, s.BaseURLFrom
	switch {
	case cfg.BaseURL == "":
	case from != "":
		faults = append(faults, errors.New("WithBaseURL: the address is "+from))
	default:
		address, from = cfg.BaseURL, "WithBaseURL: the address"
	}
	sh := &shared{}
	var err error
	if sh.url, err = ParseURL(address); err != nil {
		faults = append(faults, fmt.Errorf("%s %w", from, err))
	}
	if cfg.HTTPClient != nil && cfg.HTTPClient.Transport != nil {
		sh.base = cfg.HTTPClient.Transport
	} else {
		sh.own = NewBase()
		sh.base = sh.own
	}
	if cfg.HTTPClient != nil && cfg.HTTPClient.Timeout > 0 {
		cfg.AttemptTimeout = min(cfg.AttemptTimeout, cfg.HTTPClient.Timeout)
	}
	cfg.HTTPClient, cfg.BaseURL = nil, ""
	c, errs := newClient(s, cfg, sh)
	if err := OneLine(s.Name+": cannot make a client", append(faults, errs...)); err != nil {
		return nil, err
	}
	sh.auth = s.Auth(sh.base, c.userAgent())
	c.build()
	return c, nil
}

// With returns a client with further options that shares connections and credentials
// with c.
func (c *Client) With(opts []lockerline.Option) (*Client, error) {
	cfg := c.config
	faults := cfg.Apply(opts)
	if cfg.HTTPClient != nil {
		faults = append(faults, errors.New("WithHTTPClient: a derived client shares its parent's connections; give it to NewClient"))
	}
	if cfg.BaseURL != "" {
		faults = append(faults, errors.New("WithBaseURL: a derived client keeps its parent's address; give it to NewClient"))
	}
	derived, errs := newClient(c.service, cfg, c.shared)
	if err := OneLine(c.service.Name+": cannot derive a client", append(faults, errs...)); err != nil {
		return nil, err
	}
	derived.build()
	return derived, nil
}

// CloseIdle closes the idle connections if the transport is the client's own.
func (c *Client) CloseIdle() {
	if c.shared.own != nil {
		c.shared.own.CloseIdleConnections()
	}
}

// Config returns what the client works by.
func (c *Client) Config() *lockerline.Config { return &c.config }

func newClient(s *Service, cfg lockerline.Config, sh *shared) (*Client, []error) {
	routes, faults := newRoutes(s.Operations, cfg.OperationPaths)
	return &Client{service: s, config: cfg, shared: sh, base: sh.url, routes: routes}, faults
}

// build assembles the layers that an attempt passes, the outermost last.
func (c *Client) build() {
	rt := c.shared.base
	rt = &authTripper{next: rt, auth: c.shared.auth, origin: c.base}
	for i := len(c.config.Middleware) - 1; i >= 0; i-- {
		rt = c.config.Middleware[i](rt)
	}
	rt = &slashTripper{next: rt, origin: c.base}
	rt = &attemptTripper{next: rt, private: len(c.config.Middleware) > 0}
	c.http = &http.Client{
		Transport:     rt,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.accept = http.Header{"Accept": {"application/json"}, "User-Agent": {c.userAgent()}}
	c.typed = c.accept.Clone()
	c.typed["Content-Type"] = []string{"application/json"}
	if c.service.TypeAlways {
		c.accept = c.typed
	}
}

var sdkAgent = "lockerline-go/" + lockerline.Version + " (" + runtime.Version() + "; " + runtime.GOOS + ")"

// userAgent is the application's name before the SDK's own.
func (c *Client) userAgent() string { return strings.TrimSpace(c.config.UserAgent + " " + sdkAgent) }

// Do makes one call: as many attempts as the operation allows, then the answer decoded
// into in.Out, or a *lockerline.Error.
func (c *Client) Do(ctx context.Context, in Call) (Result, error) {
	started := time.Now()
	op, args := in.Op, in.Args
	if r := c.routes[op.Name]; r != nil {
		op, args = r.resolve(args)
	}
	hooks := &c.config.Hooks
	if h := hooks.CallStart; h != nil {
		if derived := h(ctx, lockerline.CallEvent{Service: c.service.Name, Operation: op.Name, Method: op.Method, Path: op.Path}); derived != nil {
			ctx = derived
		}
	}
	st := &call{Context: ctx, client: c, op: op, idempotent: op.Idempotent || in.Options.Idempotent, noRetry: in.Options.NoRetry, buf: getBuffer()}
	empty, err := c.run(st, &in, args)
	if err != nil || st.status >= 400 {
		err = st.failure(err)
	}
	putBuffer(st.buf)
	meta := lockerline.CallMeta{
		Operation: op.Name, StatusCode: st.status, RequestID: requestID(st.header), Attempts: st.attempts, Duration: time.Since(started),
	}
	in.Options.Add(meta)
	if h := hooks.CallEnd; h != nil {
		h(ctx, lockerline.CallEvent{
			Service: c.service.Name, Operation: op.Name, Method: op.Method, Path: op.Path,
			StatusCode: meta.StatusCode, Attempts: meta.Attempts, Duration: meta.Duration, Err: err,
		})
	}
	return Result{meta, empty, op.Write() && st.maybe}, err
}

func (c *Client) run(st *call, in *Call, args []string) (empty bool, err error) {
	u, err := expand(c.base, st.op.Path, args)
	if err != nil {
		return false, err
	}
	u.RawQuery = in.Query
	if st.Err() != nil {
		return false, Canceled(st.Context)
	}
	st.req.Request = (&http.Request{
		Method: st.op.Method, URL: &u, Host: u.Host, Header: c.accept,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(st)
	if in.Body != nil {
		st.req.Header = c.typed
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

// Failed returns the error of an operation that ended so, known from meta, for a reason
// that the answer's status does not say.
func (c *Client) Failed(op *lockerline.Operation, meta lockerline.CallMeta, err error) *lockerline.Error {
	e := &lockerline.Error{
		Service: c.service.Name, Op: op.Name, Method: op.Method, Path: op.Path, StatusCode: meta.StatusCode,
		RequestID: meta.RequestID, Attempts: meta.Attempts, Err: err,
	}
	if auth, ok := errors.AsType[*lockerline.AuthError](err); ok {
		e.RetryAfter = auth.RetryAfter
	}
	return e
}

// unwrapTransport removes what only this package needs to know from an error.
func unwrapTransport(err error) error {
	err = StripURL(err)
	if c, ok := errors.AsType[*credentialError](err); ok {
		return c.err
	}
	return err
}

// maxUnknown bounds the text of a word that is passed on.
const maxUnknown = 64

// ReportUnknown tells the hook about a word that is not known.
func (c *Client) ReportUnknown(ctx context.Context, op *lockerline.Operation, field, value string) {
	if h := c.config.Hooks.Unknown; h != nil {
		h(ctx, lockerline.UnknownEvent{Service: c.service.Name, Operation: op.Name, Field: field, Value: Cut(value, maxUnknown)})
	}
}

// ReportUnknowns tells the hook about the words of a model that are not known: walk passes
// each on.
func (c *Client) ReportUnknowns(ctx context.Context, op *lockerline.Operation, walk func(report func(field, value string))) {
	if c.WantsUnknown() {
		walk(func(field, value string) { c.ReportUnknown(ctx, op, field, value) })
	}
}

// WantsUnknown reports whether unknown words are asked for, so that looking for them costs
// nothing otherwise.
func (c *Client) WantsUnknown() bool { return c.config.Hooks.Unknown != nil }
