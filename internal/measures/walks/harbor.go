package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

var locker = harbor.LockerRef{Tower: "0100000000000175", Locker: 950}

// newHarbor answers what the walks ask, by itself: the simulator is written with the
// library's own functions, and they would count.
func newHarbor() (*harbor.Client, error) {
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		answer := `[]`
		switch {
		case strings.HasSuffix(r.URL.Path, "/token"):
			answer = `{"access_token":"token","token_type":"bearer","expires_in":300}`
		case r.Method == http.MethodPost:
			answer = `{"id":7,"expires_at":"2026-01-02T08:31:58Z"}`
		}
		_, _ = io.WriteString(rw, answer)
	}))
	return harbor.NewClient(
		lockerline.Environment{APIURL: srv.URL, TokenURL: srv.URL + "/token"},
		harbor.Credentials{ClientID: "measures", ClientSecret: "measures"},
	)
}

// reserve is one reservation by a client that has its token.
func reserve(ctx context.Context, _ string) (func() error, error) {
	c, err := newHarbor()
	if err != nil {
		return nil, err
	}
	if _, err := c.Lockers.Assigned(ctx); err != nil {
		return nil, err
	}
	return func() error {
		_, err := c.Lockers.Reserve(ctx, locker, 5*time.Minute)
		return err
	}, nil
}
