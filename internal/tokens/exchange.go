package tokens

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// Config says where and as whom to ask for tokens.
type Config struct {
	redact.Hidden

	TokenURL     string
	ClientID     string
	ClientSecret string
	InHeader     bool // credentials by HTTP Basic instead of the form
	UserAgent    string
	Base         http.RoundTripper
}

// ClientCredentials returns the exchange for a scope set. The secret is never sent twice
// for one try, to a redirect's target, or in an error.
func ClientCredentials(cfg Config, scopes []string) Exchange {
	cc := &clientcredentials.Config{
		ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, TokenURL: cfg.TokenURL,
		Scopes: scopes, AuthStyle: oauth2.AuthStyleInParams,
	}
	if cfg.InHeader {
		cc.AuthStyle = oauth2.AuthStyleInHeader
	}
	client := &http.Client{
		Transport:     tokenTripper{cfg.Base, cfg.UserAgent},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context) (*Token, error) {
		asked := time.Now()
		seenCtx, answer := withSeen(context.WithValue(ctx, oauth2.HTTPClient, client))
		t, err := cc.Token(seenCtx)
		if err != nil {
			return nil, describe(ctx, answer, cfg.ClientSecret, err)
		}
		return accept(t, asked)
	}
}

// accept checks an answer of the token endpoint. The life counts from when we asked: the
// answer may have been long on its way.
func accept(t *oauth2.Token, asked time.Time) (*Token, error) {
	if !strings.EqualFold(t.Type(), "Bearer") {
		return nil, &Error{Reason: "the token is not of type Bearer", StatusCode: http.StatusOK, permanent: true}
	}
	if strings.ContainsFunc(t.AccessToken, func(r rune) bool { return r < ' ' || r > '~' }) { // RFC 6749, A.12
		return nil, &Error{Reason: "the token cannot be put into a header", StatusCode: http.StatusOK, permanent: true}
	}
	life := unknownLifetime
	if left := time.Until(t.Expiry).Round(time.Second); left > 0 {
		life = min(left, longestTokenLife)
	}
	scope, _ := t.Extra("scope").(string)
	return &Token{Access: t.AccessToken, Type: "Bearer", Expiry: asked.Add(life), Lifetime: life, Scope: scope}, nil
}

// try repeats an exchange that failed for a passing reason. Wrong credentials are never
// sent again: it would only fill the logs of the other side.
func try(ctx context.Context, exchange Exchange) (*Token, error) {
	for n := 1; ; n++ {
		t, err := exchange(ctx)
		if err == nil || n == exchangeTries || permanent(err) || ctx.Err() != nil {
			return t, err
		}
		wait := tryAgainAtLeast + rand.N(tryAgainAtLeast)
		if e, ok := errors.AsType[*Error](err); ok && e.RetryAfter > 0 {
			if e.RetryAfter > tryAgainAtMost {
				return nil, err
			}
			wait = max(wait, e.RetryAfter)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, err
		}
	}
}

// Authorizer hands the credentials of several caches to the transport, by scope.
type Authorizer struct {
	// Cache returns the cache for a scope set. It must always return the same for
	// the same scope.
	Cache func(scope string) *Cache
}

// Credential returns the header for a scope.
func (a Authorizer) Credential(ctx context.Context, scope string) (*transport.Credential, error) {
	t, err := a.Cache(scope).Token(ctx)
	if err != nil {
		return nil, err
	}
	return t.credential, nil
}

// Reject drops the token behind c, if it is still in use.
func (a Authorizer) Reject(scope string, c *transport.Credential) bool {
	cache := a.Cache(scope)
	if t := cache.current.Load(); t != nil && t.credential == c {
		cache.Reject(t)
	}
	return true
}
