package main

import (
	"context"
	"io"
	"log/slog"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// newLogger writes what an operator should look at: refused requests, unreadable bodies,
// handlers that fail. What goes well is on standard output. The demonstration makes trouble
// on purpose and counts it, so there only errors are news.
func newLogger(w io.Writer, demo bool) *slog.Logger {
	level := slog.LevelWarn
	if demo {
		level = slog.LevelError
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// inboxLog tells what happens behind the acknowledgement, where no sender sees it.
func inboxLog(log *slog.Logger) inbox.Observer {
	return inbox.Observer{
		Handled: func(_ context.Context, i inbox.Handled) {
			if i.Err != nil {
				log.Warn("handler failed, will try again", "feed", i.Feed, "id", i.ID, "attempt", i.Attempt, "error", i.Err)
			}
		},
		Dead: func(_ context.Context, i inbox.Handled) {
			log.Error("given up: the callback is kept as a dead letter", "feed", i.Feed, "id", i.ID, "error", i.Err)
		},
		StoreFailed: func(_ context.Context, f inbox.StoreFailed) {
			log.Warn("database failed, will try again", "operation", f.Op, "error", f.Err)
		},
	}
}
