package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	_ "modernc.org/sqlite" // a database for the inbox

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// callback is one reservation callback, from its POST to the handler of an inbox on SQLite.
// An earlier one has shown that both stand ready.
func callback(ctx context.Context, work string) (func() error, error) {
	db, err := sql.Open("sqlite", work+"/inbox.db")
	if err != nil {
		return nil, err
	}
	box, err := inbox.Open(ctx, db, sqlstore.SQLite)
	if err != nil {
		return nil, err
	}
	feed := callbacks.Reservations()
	sink, err := inbox.NewSink(box, feed)
	if err != nil {
		return nil, err
	}
	h, err := callbacks.NewHandler(feed, sink, callbacks.WithCredentials(callbacks.Basic("sender", "user", "password")))
	if err != nil {
		return nil, err
	}
	handled := make(chan string)
	go func() {
		_ = inbox.Run(ctx, box, feed, inbox.Values(func(_ context.Context, c callbacks.ReservationChange) error {
			handled <- c.ReservationID
			return nil
		}))
	}()
	post := func(id string) error {
		body := `{"reservationId":"` + id + `","status":"STOCKED","changeTime":"2026-03-01T12:00:00Z"}`
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/callback", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.SetBasicAuth("user", "password")
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		if answer.Code != http.StatusOK {
			return fmt.Errorf("the receiver answered %d", answer.Code)
		}
		select {
		case got := <-handled:
			if got != id {
				return fmt.Errorf("the handler got %s", got)
			}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := post("R-1"); err != nil {
		return nil, err
	}
	return func() error { return post("R-2") }, nil
}
