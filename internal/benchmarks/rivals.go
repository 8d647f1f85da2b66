package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/digitalocean/godo"
	"github.com/google/go-github/v90/github"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/hetznercloud/hcloud-go/v2/hcloud"
	"golang.org/x/oauth2"
)

func newGithub(base string, tr http.RoundTripper) (get, func(), error) {
	c, err := github.NewClient(
		github.WithTransport(tr),
		github.WithAuthToken("benchmark-token"),
		github.WithURLs(new(base+"/"), nil),
	)
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, r resource, out any) error {
		req, err := c.NewRequest(ctx, http.MethodGet, r.path[1:], nil)
		if err != nil {
			return err
		}
		_, err = c.Do(req, out)
		return err
	}, nothing, nil
}

// newGodo is what godo.NewFromToken makes, on our transport: with retries godo builds
// one of its own, whatever it was given, so ours has to be put beneath afterwards.
func newGodo(base string, tr http.RoundTripper) (get, func(), error) {
	token := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "benchmark-token"})
	c, err := godo.New(
		&http.Client{Transport: &oauth2.Transport{Source: token}},
		godo.SetBaseURL(base+"/"),
		godo.WithRetryAndBackoffs(godo.RetryConfig{RetryMax: 4, RetryWaitMin: new(1.0), RetryWaitMax: new(30.0)}),
	)
	if err != nil {
		return nil, nil, err
	}
	auth, ok := c.HTTPClient.Transport.(*oauth2.Transport)
	if !ok {
		return nil, nil, fmt.Errorf("godo authenticates by %T, not as before", c.HTTPClient.Transport)
	}
	retry, ok := auth.Base.(*retryablehttp.RoundTripper)
	if !ok {
		return nil, nil, fmt.Errorf("godo retries by %T, not as before", auth.Base)
	}
	retry.Client.HTTPClient.Transport = tr
	return func(ctx context.Context, r resource, out any) error {
		req, err := c.NewRequest(ctx, http.MethodGet, r.path[1:], nil)
		if err != nil {
			return err
		}
		_, err = c.Do(ctx, req, out)
		return err
	}, nothing, nil
}

func newHcloud(base string, tr http.RoundTripper) (get, func(), error) {
	c := hcloud.NewClient(
		hcloud.WithEndpoint(base),
		hcloud.WithToken("benchmark-token"),
		hcloud.WithHTTPClient(&http.Client{Transport: tr}),
	)
	return func(ctx context.Context, r resource, out any) error {
		req, err := c.NewRequest(ctx, http.MethodGet, r.path, nil)
		if err != nil {
			return err
		}
		_, err = c.Do(req, out)
		return err
	}, nothing, nil
}
