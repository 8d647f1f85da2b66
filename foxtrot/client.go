package foxtrot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// DefaultBaseURL is the live service (vendor page). There is no documented sandbox; see
// lockerline.WithBaseURL and package foxtrottest.
const DefaultBaseURL = "https://apiv1.foxtrotsystems.com"

const (
	serviceName        = "foxtrot" // in errors
	defaultConcurrency = 8
)

// Client makes calls to Foxtrot with one API key. It is immutable and safe for concurrent
// use; make one and share it. It is never printed with the key.
type Client struct {
	Customers *CustomersService // who they are, where, and which stops are for them
	DCs       *DCsService       // distribution centres
	Routes    *RoutesService    // what a waypoint leads to: the route, its progress, its deliveries
	Drivers   *DriversService   // where the truck is
	Webhooks  *WebhooksService  // what Foxtrot pushes, and where to

	transport *transport.Client
}

// NewClient returns a client that sends the given API key: organisation-wide and without
// expiry (vendor page), so keep it like a password. Blanks around it are dropped. Nothing
// is sent; all that is wrong with the arguments is in the one error, which never holds
// the key.
func NewClient(apiKey string, opts ...lockerline.Option) (*Client, error) {
	var fault error
	apiKey = strings.TrimSpace(apiKey)
	switch {
	case apiKey == "":
		fault = errors.New("the API key is empty")
	case strings.ContainsFunc(apiKey, func(r rune) bool { return r <= 0x20 || r >= 0x7f }):
		fault = errors.New("the API key holds blanks, control or non-ASCII characters")
	}
	t, err := transport.New(&transport.Service{
		Name: serviceName, Operations: operations[:], BaseURL: DefaultBaseURL, Concurrent: true,
		TypeAlways: true, // the vendor's page demands it of every request
		Explain:    explain,
		Auth:       func(http.RoundTripper, string) transport.Authorizer { return newStaticKey(apiKey) },
	}, opts, fault)
	if err != nil {
		return nil, err
	}
	return newClient(t), nil
}

// With returns a client with further options that shares connections and key with c.
func (c *Client) With(opts ...lockerline.Option) (*Client, error) {
	t, err := c.transport.With(opts)
	if err != nil {
		return nil, err
	}
	return newClient(t), nil
}

// WithConcurrency sets how many calls Customers.GetMany keeps in flight; 8 by default.
// The live service was seen to fail most of 900 calls at once, and none of them with ten
// in flight (observed).
func WithConcurrency(n int) lockerline.Option {
	return func(c *lockerline.Config) error {
		if n < 1 {
			return errors.New("WithConcurrency: at least one call must be allowed")
		}
		c.Concurrency = n
		return nil
	}
}

// Close closes the idle connections if the transport is the client's own. The client, and
// those derived from it, can be used further. It never fails.
func (c *Client) Close() error {
	c.transport.CloseIdle()
	return nil
}

func newClient(t *transport.Client) *Client {
	c := &Client{transport: t}
	c.Customers = &CustomersService{c}
	c.DCs = &DCsService{c}
	c.Routes = &RoutesService{c}
	c.Drivers = &DriversService{c}
	c.Webhooks = &WebhooksService{c}
	return c
}

// Format writes the name of the type, whatever the verb: a client is never printed with
// what it holds.
func (c Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "foxtrot.Client") }

// Do makes a call to an endpoint that this package has no method for, through the same
// pipeline as every method: key, retries, errors, envelope. The answer's data, or a bare
// answer whole, is decoded into out; use a *json.RawMessage to have it as it came, nil when
// none is expected. An envelope that says error or pending is an error, also with HTTP 200;
// a transaction that HTTP 202 accepts with an envelope of success is not: see
// lockerline.Meta for the status.
func (c *Client) Do(ctx context.Context, r lockerline.Request, out any, opts ...lockerline.CallOption) error {
	in, err := c.transport.NewCall(r, opts)
	if err != nil {
		return err
	}
	var p payload
	if out != nil {
		p = whole{out}
	}
	_, err = c.do(ctx, in, p)
	return err
}

// call makes one call of the table; a nil out means that no data is expected.
func (c *Client) call(ctx context.Context, id opID, args []arg, body any, out payload, opts lockerline.CallConfig) (transport.Result, error) {
	op := &operations[id]
	if err := checkArgs(op.Name, args); err != nil {
		return transport.Result{}, err
	}
	in := transport.Call{Op: op, Args: make([]string, len(args)), Options: opts}
	for i, a := range args {
		in.Args[i] = a.value
	}
	if body != nil {
		in.Body, _ = json.Marshal(body) // of our own types, which cannot fail
	}
	return c.do(ctx, in, out)
}

func (c *Client) do(ctx context.Context, in transport.Call, out payload) (transport.Result, error) {
	in.Out, in.AllowEmpty = &envelope{out}, out == nil
	res, err := c.transport.Do(ctx, in)
	if e, ok := errors.AsType[*lockerline.Error](err); ok && c.transport.WantsUnknown() {
		if code, ok := e.Code.(Code); ok && !code.Known() {
			c.transport.ReportUnknown(ctx, in.Op, "code", code.String())
		}
	}
	return res, err
}

// staticKey is the one credential there is. It sits in a closure, where nothing that
// walks through values by reflection comes by.
type staticKey func() *transport.Credential

func newStaticKey(apiKey string) staticKey {
	cred := transport.NewCredential("Authorization", "Bearer "+apiKey)
	return func() *transport.Credential { return cred }
}

// Credential returns the key.
func (k staticKey) Credential(context.Context, string) (*transport.Credential, error) {
	return k(), nil
}

// Reject reports that there is no other key to try.
func (k staticKey) Reject(string, *transport.Credential) bool { return false }
