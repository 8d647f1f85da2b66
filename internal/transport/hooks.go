package transport

import (
	"context"
	"time"
	"unicode/utf8"
)

// Hooks are told what happens to calls. Every field may be nil, and then costs nothing.
type Hooks struct {
	CallStart func(ctx context.Context, e CallEvent) context.Context
	CallEnd   func(ctx context.Context, e CallEvent)
	Attempt   func(ctx context.Context, e AttemptEvent)
	Retry     func(ctx context.Context, e RetryEvent)
	Unknown   func(ctx context.Context, e UnknownEvent)
}

// CallEvent is a call that begins or ended.
type CallEvent struct {
	Operation    string
	Method, Path string
	StatusCode   int
	Attempts     int
	Duration     time.Duration
	Err          error
}

// AttemptEvent is one finished attempt.
type AttemptEvent struct {
	Operation    string
	Method, Path string
	Attempt      int
	StatusCode   int
	Duration     time.Duration
	Err          error
}

// RetryEvent is a decision to try again.
type RetryEvent struct {
	Operation    string
	Method, Path string
	Attempt      int
	StatusCode   int
	Wait         time.Duration
	Err          error
}

// UnknownEvent is a word from the server that this version does not know.
type UnknownEvent struct {
	Operation string
	Field     string
	Value     string
}

// maxUnknown bounds the text of a word that is passed on.
const maxUnknown = 64

// ReportUnknown tells the hook about a word that is not known.
func (c *Client) ReportUnknown(ctx context.Context, op *Operation, field, value string) {
	value = Cut(value, maxUnknown)
	if h := c.hooks.Unknown; h != nil {
		h(ctx, UnknownEvent{op.Name, field, value})
	}
}

// WantsUnknown reports whether anybody listens for unknown words, so that looking for
// them costs nothing otherwise.
func (c *Client) WantsUnknown() bool { return c.hooks.Unknown != nil }

// Cut shortens s to at most n bytes, between two characters.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
