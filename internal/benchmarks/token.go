package main

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"golang.org/x/oauth2"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/internal/tokens"
)

// The ways to a token that is in hand.
const (
	reuseSource = "oauth2.ReuseTokenSource"
	tokenCache  = "token cache"
	clientToken = "harbor.Client.Token"
)

// tokenScenes is what each call pays for its token when it is in hand, with as many
// callers at once as there are processors.
func tokenScenes() ([]scene, func(), error) {
	reuse := oauth2.ReuseTokenSource(nil, oauth2.StaticTokenSource(&oauth2.Token{
		AccessToken: "benchmark-token", Expiry: time.Now().Add(time.Hour),
	}))
	cache := tokens.NewStore(func([]string) tokens.Exchange {
		return func(context.Context) (*tokens.Token, error) {
			return &tokens.Token{Access: "benchmark-token", Type: "Bearer", Expiry: time.Now().Add(time.Hour), Lifetime: time.Hour}, nil
		}
	})
	client, err := harbor.NewClient(
		lockerline.Environment{APIURL: "http://127.0.0.1", TokenURL: "http://127.0.0.1" + tokenPath},
		harbor.Credentials{ClientID: "benchmark", ClientSecret: "benchmark"},
		lockerline.WithHTTPClient(&http.Client{Transport: stub{}}),
	)
	if err != nil {
		cache.Close()
		return nil, nil, err
	}
	s := scene{
		name: fastPath, title: "A token that is in hand, all processors at once",
		against: reuseSource, callers: runtime.GOMAXPROCS(0),
		runners: []runner{
			{reuseSource, func(context.Context) error {
				_, err := reuse.Token()
				return err
			}},
			{tokenCache, func(ctx context.Context) error {
				_, err := cache.Credential(ctx, string(harbor.ScopeServiceProvider))
				return err
			}},
			{clientToken, func(ctx context.Context) error {
				_, err := client.Token(ctx, harbor.ScopeServiceProvider)
				return err
			}},
		},
	}
	return []scene{s}, func() { cache.Close(); _ = client.Close() }, nil
}
