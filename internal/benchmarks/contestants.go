package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// The contestants, in the order they are shown.
const (
	decodingAlone = "decoding alone"
	bareHTTP      = "bare net/http"
	ourClient     = "lockerline"
	goGithub      = "go-github"
	godoRetrying  = "godo"
	hcloudGo      = "hcloud-go"
)

// rivals are the clients that the SDK must not be dearer than.
var rivals = []string{goGithub, godoRetrying, hcloudGo}

// resource is what is asked for. Most take its path ready made; the SDK builds it from a
// template, as its methods do.
type resource struct {
	path     string
	template string
	args     []string
	fresh    func() any // a new value to decode into
}

var (
	oneBooking = resource{onePath, listPath + "/{booking}", []string{"730144"}, func() any { return new(booking) }}
	aPage      = resource{listPath, listPath, nil, func() any { return new(list) }}
)

// get makes one call and decodes the answer.
type get func(ctx context.Context, r resource, out any) error

// contestant is a client and what it does for the caller besides the call.
type contestant struct {
	name   string
	entry  string // what is called
	module string // whose version is shown
	safety string
	dial   func(base string, tr http.RoundTripper) (get, func(), error)
}

var contestants = []contestant{
	{
		name: decodingAlone, entry: "`json.Unmarshal`",
		safety: "no call at all: the floor",
		dial:   newDecoder,
	},
	{
		name: bareHTTP, entry: "`http.Client.Do`, `io.ReadAll`, `json.Unmarshal`",
		safety: "none: a fixed header, no status check, no bound on time or size, no retry",
		dial:   newBare,
	},
	{
		name: ourClient, entry: "`harbor.Client.Do`", module: "github.com/lockerline/lockerline-go",
		safety: "everything that is on by default: token cache asked for each attempt and pinned to its host, 15 s for an attempt, up to 4 attempts where a repeat is safe, evidence of whether the request left, answer bounded and drained, no redirect, errors without secrets",
		dial:   newLockerline,
	},
	{
		name: goGithub, entry: "`Client.NewRequest`, `Client.Do`", module: "github.com/google/go-github/v90",
		safety: "a fixed token, rate limits watched, typed errors; no retry, no bound on time or size",
		dial:   newGithub,
	},
	{
		name: godoRetrying, entry: "`Client.NewRequest`, `Client.Do`", module: "github.com/digitalocean/godo",
		safety: "x/oauth2 with a fixed token, up to 4 repeats by go-retryablehttp (a POST as well), typed errors; no bound on the time of an attempt or on size",
		dial:   newGodo,
	},
	{
		name: hcloudGo, entry: "`Client.NewRequest`, `Client.Do`", module: "github.com/hetznercloud/hcloud-go/v2",
		safety: "a fixed token, up to 5 repeats of some failures, rate limits and paging read, typed errors; no bound on time or size",
		dial:   newHcloud,
	},
}

func nothing() {}

func newDecoder(string, http.RoundTripper) (get, func(), error) {
	return func(_ context.Context, r resource, out any) error {
		body, ok := answerTo(r.path)
		if !ok {
			return fmt.Errorf("there is no answer for %s", r.path)
		}
		return json.Unmarshal(body, out)
	}, nothing, nil
}

func newBare(base string, tr http.RoundTripper) (get, func(), error) {
	hc := &http.Client{Transport: tr}
	return func(ctx context.Context, r resource, out any) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+r.path, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer benchmark-token")
		req.Header.Set("Accept", "application/json")
		resp, err := hc.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		return json.Unmarshal(body, out)
	}, nothing, nil
}

func newLockerline(base string, tr http.RoundTripper) (get, func(), error) {
	c, err := harbor.NewClient(
		lockerline.Environment{APIURL: base, TokenURL: base + tokenPath},
		harbor.Credentials{ClientID: "benchmark", ClientSecret: "benchmark"},
		lockerline.WithHTTPClient(&http.Client{Transport: tr}),
	)
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, r resource, out any) error {
		return c.Do(ctx, lockerline.Request{Path: r.template, Args: r.args}, out)
	}, func() { _ = c.Close() }, nil
}
