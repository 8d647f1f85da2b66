package harbor

import (
	"context"
	"slices"

	"golang.org/x/oauth2"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/tokens"
)

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
