package harbor

import (
	"context"
	"fmt"
	"io"
	"slices"

	"golang.org/x/oauth2"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/tokens"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Client makes calls to Harbor on behalf of one service provider. It is immutable and
// safe for concurrent use; make one and share it. It is never printed with a secret.
type Client struct {
	Locations   *LocationsService   // sites, where they are and what is free there
	Towers      *TowersService      // one tower's lockers
	Lockers     *LockersService     // reservations, drop-off and pick-up tokens
	Links       *LinksService       // Locker Open requests
	Sessions    *SessionsService    // tokens for users of the mobile SDK
	LockerTypes *LockerTypesService // sizes

	transport *transport.Client
	tokens    *tokens.Store // shared with the clients derived from it
}

// NewClient returns a client for env with the credentials that Harbor gave for it. It
// sends nothing. All that is wrong with the arguments is in the one error. The addresses
// are those of env: WithBaseURL is refused.
func NewClient(env lockerline.Environment, creds Credentials, opts ...lockerline.Option) (*Client, error) {
	t, store, err := tokens.NewClient(transport.Service{Name: serviceName, Operations: operations[:], Explain: explain}, env,
		tokens.Config{Grant: tokens.ClientCredentials, ClientID: creds.ClientID, ClientSecret: creds.ClientSecret}, opts)
	if err != nil {
		return nil, err
	}
	return (&Client{transport: t, tokens: store}).withServices(), nil
}

// With returns a client with further options that shares connections and tokens with c.
func (c *Client) With(opts ...lockerline.Option) (*Client, error) {
	t, err := c.transport.With(opts)
	if err != nil {
		return nil, err
	}
	return (&Client{transport: t, tokens: c.tokens}).withServices(), nil
}

// Close ends what c and the clients derived from it have running in the background, and
// their idle connections if the transport is their own. Calls under way end on their own;
// later ones fail, for want of a token. Closing again does nothing.
func (c *Client) Close() error {
	c.tokens.Close()
	c.transport.CloseIdle()
	return nil
}

func (c *Client) withServices() *Client {
	c.Locations = &LocationsService{c}
	c.Towers = &TowersService{c}
	c.Lockers = &LockersService{c}
	c.Links = &LinksService{c}
	c.Sessions = &SessionsService{c}
	c.LockerTypes = &LockerTypesService{c}
	return c
}

// Format writes the name of the type, whatever the verb: a client is never printed with
// what it holds.
func (c Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "harbor.Client") }

// Do sends a request to an endpoint that this package has no method for, through the same
// pipeline as every other call: token, retries, errors and hooks. Its Scope is
// ScopeServiceProvider when empty. The answer is decoded into out, a pointer for
// encoding/json (*json.RawMessage for the bytes); nil ignores it. An empty answer leaves
// out untouched.
func (c *Client) Do(ctx context.Context, r lockerline.Request, out any, opts ...lockerline.CallOption) error {
	if r.Scope == "" {
		r.Scope = string(ScopeServiceProvider)
	}
	r.Scope = tokens.ScopeSet(r.Scope)
	in, err := c.transport.NewCall(r, opts)
	if err != nil {
		return err
	}
	in.Out = out
	_, err = c.transport.Do(ctx, in)
	return err
}

// call makes one call of the table and decodes its answer into out.
func (c *Client) call(ctx context.Context, id opID, in transport.Call, opts []lockerline.CallOption) (transport.Result, error) {
	in.Op = &operations[id]
	in.Options = lockerline.NewCallConfig(opts)
	return c.transport.Do(ctx, in)
}

// Token returns an access token good for the given scopes, from the client's cache or,
// when that has none with enough life left, from Harbor. A token for ScopeTowerAccess is
// what the mobile SDK on a phone wants. Tokens live 300 s (vendor page); hand out one you
// just got. The value is the caller's own; printing it prints the token.
//
// Waiting ends with ctx. Errors are *Error with an *AuthError in it. Safe to repeat.
func (c *Client) Token(ctx context.Context, scopes ...Scope) (*oauth2.Token, error) {
	if len(scopes) == 0 {
		return nil, argumentError(opToken.Name, []lockerline.FieldError{{Field: "scopes", Message: "at least one scope is needed"}})
	}
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	t, err := c.tokens.Cache(tokens.ScopeSet(names...)).Token(ctx)
	if err != nil {
		return nil, c.transport.Failed(opToken, lockerline.CallMeta{Attempts: 1}, err)
	}
	return &oauth2.Token{AccessToken: t.Access, TokenType: t.Type, Expiry: t.Expiry, ExpiresIn: int64(t.Lifetime.Seconds())}, nil
}

// TokenSource returns a source over the same cache, for code that wants an
// oauth2.TokenSource. Each of its calls waits no longer than ctx.
func (c *Client) TokenSource(ctx context.Context, scopes ...Scope) oauth2.TokenSource {
	return tokenSource{ctx, c, slices.Clone(scopes)}
}

type tokenSource struct {
	ctx    context.Context
	client *Client
	scopes []Scope
}

func (s tokenSource) Token() (*oauth2.Token, error) { return s.client.Token(s.ctx, s.scopes...) }

var opToken = &lockerline.Operation{Name: "token", Method: "POST", Path: tokenPath, Idempotent: true}
