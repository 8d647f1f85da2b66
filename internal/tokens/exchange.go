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

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/redact"
)

// Config says where and as whom to ask for tokens.
type Config struct {
	redact.Hidden

	TokenURL           string
	ClientID           string
	ClientSecret       string
	Grant              Grant // by which tokens are asked for
	Username, Password string
	UserAgent          string
	Base               http.RoundTripper
}

// Grant is a way to ask for tokens. All travels in the form. A program is linked with the
// grants that it names.
type Grant struct {
	ask  func(cfg *Config, scopes []string) func(context.Context) (*oauth2.Token, error)
	user bool // it needs a username and a password
}

// ClientCredentials asks in the name of the client alone.
var ClientCredentials = Grant{ask: asClient}

// Password asks in the name of a user.
var Password = Grant{ask: asUser, user: true}

func asClient(cfg *Config, scopes []string) func(context.Context) (*oauth2.Token, error) {
	return (&clientcredentials.Config{
		ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, TokenURL: cfg.TokenURL,
		Scopes: scopes, AuthStyle: oauth2.AuthStyleInParams,
	}).Token
}

func asUser(cfg *Config, scopes []string) func(context.Context) (*oauth2.Token, error) {
	endpoint := oauth2.Endpoint{TokenURL: cfg.TokenURL, AuthStyle: oauth2.AuthStyleInParams}
	grant := &oauth2.Config{ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, Scopes: scopes, Endpoint: endpoint}
	return func(ctx context.Context) (*oauth2.Token, error) {
		return grant.PasswordCredentialsToken(ctx, cfg.Username, cfg.Password)
	}
}

// NewExchange returns the exchange for a scope set. No secret is sent twice for one try, to a
// redirect's target, or in an error.
func NewExchange(cfg Config, scopes []string) Exchange {
	ask := cfg.Grant.ask(&cfg, scopes)
	client := &http.Client{
		Transport:     tokenTripper{cfg.Base, cfg.UserAgent},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context) (*Token, error) {
		asked := time.Now()
		seenCtx, answer := withSeen(context.WithValue(ctx, oauth2.HTTPClient, client))
		t, err := ask(seenCtx)
		if err != nil {
			return nil, describe(ctx, answer, []string{cfg.ClientSecret, cfg.Password}, err)
		}
		return accept(t, asked)
	}
}

// accept checks an answer of the token endpoint. The life counts from when we asked: the
// answer may have been long on its way.
func accept(t *oauth2.Token, asked time.Time) (*Token, error) {
	if !strings.EqualFold(t.Type(), "Bearer") {
		return nil, unusable("the token is not of type Bearer")
	}
	if strings.ContainsFunc(t.AccessToken, func(r rune) bool { return r < ' ' || r > '~' }) { // RFC 6749, A.12
		return nil, unusable("the token cannot be put into a header")
	}
	life := unknownLifetime
	if left := time.Until(t.Expiry).Round(time.Second); left > 0 {
		life = min(left, longestTokenLife)
	}
	scope, _ := t.Extra("scope").(string)
	return &Token{Access: t.AccessToken, Type: "Bearer", Expiry: asked.Add(life), Lifetime: life, Scope: scope}, nil
}

func unusable(reason string) error {
	return &lockerline.AuthError{StatusCode: http.StatusOK, Permanent: true, Err: errors.New(reason)}
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
		if e, ok := errors.AsType[*lockerline.AuthError](err); ok && e.RetryAfter > 0 {
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
