package alzabox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/tokens"
	"github.com/lockerline/lockerline-go/internal/transport"
)

const serviceName = "alzabox" // in errors

// Where AlzaBox is (vendor page). Credentials of one are not known to be good for the other.
var (
	// Production is the live service.
	Production = lockerline.Environment{
		APIURL:   "https://parcellockersconnector.alza.cz",
		TokenURL: "https://identitymanagement.phoenix.alza.cz/connect/token",
	}
	// Test is where an integration begins, and where changes of the service arrive one to
	// four days earlier.
	Test = lockerline.Environment{
		APIURL:   "https://parcellockersconnector-test.alza.cz",
		TokenURL: "https://identitymanagement.phx-test.alza.cz/connect/token",
	}
)

// Credentials are an account at the token endpoint: AlzaBox wants a client and a user
// (vendor page). They are not printed by fmt, encoding/json or log/slog; read a field to get
// at it.
type Credentials struct {
	redact.Hidden
	ClientID     string
	ClientSecret string
	Username     string
	Password     string
}

// Client makes calls to AlzaBox on behalf of one partner. It is immutable and safe for
// concurrent use; make one and share it. It is never printed with a secret.
type Client struct {
	Reservations *ReservationsService // compartments for parcels
	Boxes        *BoxesService        // where the lockers are, and what is free
	Couriers     *CouriersService     // who may open them

	transport *transport.Client
	tokens    *tokens.Store // shared with the clients derived from it
}

// NewClient returns a client for env with the credentials that AlzaBox gave for it. It
// sends nothing. All that is wrong with the arguments is in the one error. The addresses
// are those of env: WithBaseURL is refused. A token is kept until a tenth of its life is
// left, as the vendor's newer page advises; the older one asked for a token before each
// call.
func NewClient(env lockerline.Environment, creds Credentials, opts ...lockerline.Option) (*Client, error) {
	t, store, err := tokens.NewClient(transport.Service{Name: serviceName, Operations: operations, Explain: explain}, env, tokens.Config{
		ClientID: creds.ClientID, ClientSecret: creds.ClientSecret,
		Grant: tokens.Password, Username: creds.Username, Password: creds.Password,
	}, opts)
	if err != nil {
		return nil, err
	}
	return newClient(t, store), nil
}

// ClientFromEnv returns a client for the account in ALZABOX_CLIENT_ID,
// ALZABOX_CLIENT_SECRET, ALZABOX_USERNAME and ALZABOX_PASSWORD: of Test, or of Production
// when ALZABOX_ENV is production. ALZABOX_API_URL and ALZABOX_TOKEN_URL replace the
// addresses. It is the only place where this package reads the process environment.
func ClientFromEnv(opts ...lockerline.Option) (*Client, error) {
	env := Test
	if os.Getenv("ALZABOX_ENV") == "production" {
		env = Production
	}
	var creds Credentials
	for name, into := range map[string]*string{
		"API_URL": &env.APIURL, "TOKEN_URL": &env.TokenURL, "CLIENT_ID": &creds.ClientID,
		"CLIENT_SECRET": &creds.ClientSecret, "USERNAME": &creds.Username, "PASSWORD": &creds.Password,
	} {
		if v := os.Getenv("ALZABOX_" + name); v != "" {
			*into = v
		}
	}
	return NewClient(env, creds, opts...)
}

// With returns a client with further options that shares connections and tokens with c.
func (c *Client) With(opts ...lockerline.Option) (*Client, error) {
	t, err := c.transport.With(opts)
	if err != nil {
		return nil, err
	}
	return newClient(t, c.tokens), nil
}

// Close ends what c and the clients derived from it have running in the background, and
// their idle connections if the transport is their own. Later calls fail, for want of a
// token. Closing again does nothing.
func (c *Client) Close() error {
	c.tokens.Close()
	c.transport.CloseIdle()
	return nil
}

func newClient(t *transport.Client, store *tokens.Store) *Client {
	c := &Client{transport: t, tokens: store}
	c.Reservations, c.Boxes, c.Couriers = &ReservationsService{c}, &BoxesService{c}, &CouriersService{c}
	return c
}

// Format writes the name of the type, whatever the verb.
func (c Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "alzabox.Client") }

// Do makes a call to an endpoint that this package has no method for, through the same
// pipeline as every method: token, retries, errors, envelope. The answer's data is decoded
// into out; nil ignores it. An envelope with errors is an error, also with HTTP 200.
func (c *Client) Do(ctx context.Context, r lockerline.Request, out any, opts ...lockerline.CallOption) error {
	if r.Scope == "" {
		r.Scope = scope
	}
	in, err := c.transport.NewCall(r, opts)
	if err != nil {
		return err
	}
	in.Out = &envelope{out: out}
	_, err = c.transport.Do(ctx, in)
	return err
}

// call makes one call of the table. What is wrong with its arguments is returned before
// anything is sent.
func (c *Client) call(ctx context.Context, op *lockerline.Operation, q url.Values, data any, out *envelope, bad faults, cfg lockerline.CallConfig) (transport.Result, error) {
	if bad != nil {
		return transport.Result{}, &lockerline.ArgumentError{Service: serviceName, Op: op.Name, Fields: bad}
	}
	in := transport.Call{Op: op, Query: q.Encode(), Out: out, Options: cfg}
	if data != nil {
		in.Body, _ = json.Marshal(map[string]any{"data": data}) // of our own types, which cannot fail
	}
	return c.transport.Do(ctx, in)
}

// model is a record of an answer.
type model interface {
	identity() string
	// unknown passes on the words of open sets that this version does not know.
	unknown(report func(field, value string))
}

// one makes a call whose answer is one record: under key, or bare as the vendor's pages
// print the answers to POST and PATCH of a reservation or courier. A record that is null is
// lockerline.ErrNotFound.
func one[T model](ctx context.Context, c *Client, op *lockerline.Operation, q url.Values, key string, data any, bad faults, cfg lockerline.CallConfig) (*T, transport.Result, error) {
	out := new(T)
	e := &envelope{key: key, out: out}
	res, err := c.call(ctx, op, q, data, e, bad, cfg)
	switch {
	case err != nil:
		return nil, res, err
	case e.null:
		return nil, res, c.transport.Failed(op, res.CallMeta, lockerline.ErrNotFound)
	}
	c.transport.ReportUnknowns(ctx, op, (*out).unknown)
	return out, res, nil
}

// list makes a call whose answer is a list under key. A record that cannot be read is left
// out and reported to Hooks.Unknown: it costs itself, not the list.
func list[T model](ctx context.Context, c *Client, op *lockerline.Operation, q url.Values, key string, bad faults, cfg lockerline.CallConfig) ([]T, error) {
	var raw []json.RawMessage
	res, err := c.call(ctx, op, q, nil, &envelope{key: key, out: &raw}, bad, cfg)
	if err != nil {
		return nil, err
	}
	out := make([]T, 0, len(raw))
	for _, r := range raw {
		var one T
		if json.Unmarshal(r, &one) != nil || one.identity() == "" {
			c.transport.ReportUnknown(ctx, op, key, "an element that cannot be read")
			continue
		}
		c.transport.ReportUnknowns(ctx, op, one.unknown)
		out = append(out, one)
	}
	if len(raw) > 0 && len(out) == 0 {
		return nil, c.transport.Failed(op, res.CallMeta, &lockerline.DecodeError{Reason: "no element can be read", Offset: -1})
	}
	return out, nil
}

// nested reads a record whose members but for those of top are under "attributes".
func nested(raw []byte, top, attributes any) error {
	w := struct {
		Attributes any `json:"attributes"`
	}{attributes}
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	return json.Unmarshal(raw, top)
}
