package tokens

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/transport"
)

var (
	// ErrClosed ends a wait when the cache is closed.
	ErrClosed          = errors.New("the client is closed")
	errExchangeTimeout = errors.New("the token endpoint took too long")
)

// maxDescription bounds what is kept of an endpoint's own words, in bytes.
const maxDescription = 300

// Error says that no token could be had. It holds only what is safe to print: the
// library's own error carries the request, and with it the client secret.
type Error struct {
	StatusCode  int    // of the token endpoint; 0 when there was no answer
	Code        string // OAuth 2.0 error code, such as "unauthorized_client"
	Description string // the endpoint's own words; not part of the text
	Reason      string // ours, for a person
	RetryAfter  time.Duration
	Cause       error
	permanent   bool
}

func (e *Error) Error() string {
	s := "no access token: " + e.Reason
	if e.Code != "" {
		s += fmt.Sprintf(" (%s)", e.Code)
	}
	return s
}

// GoString is the same as Error: the endpoint's own words are not for logs.
func (e *Error) GoString() string { return e.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Permanent reports whether asking again with the same credentials is no use.
func (e *Error) Permanent() bool { return e.permanent }

func permanent(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.permanent
}

// describe turns an error of x/oauth2 into one that is safe to print.
func describe(ctx context.Context, answer *seen, secret string, err error) *Error {
	if re, ok := errors.AsType[*oauth2.RetrieveError](err); ok && re.Response != nil {
		e := &Error{StatusCode: re.Response.StatusCode, Code: oauthCode(re.ErrorCode), Description: without(secret, re.ErrorDescription)}
		e.RetryAfter, _ = transport.RetryAfter(re.Response.Header, time.Now())
		switch s := e.StatusCode; {
		case s == http.StatusTooManyRequests:
			e.Reason = "the token endpoint asks to wait"
		case s >= 500 || s == http.StatusRequestTimeout:
			e.Reason = fmt.Sprintf("the token endpoint answered %d", s)
		case s >= 300 && s < 400:
			e.Reason, e.permanent = "the token endpoint redirects, which is never followed: check the token URL", true
		default:
			e.Reason, e.permanent = fmt.Sprintf("the token endpoint answered %d: check client id, secret, scope and environment", s), true
			if s < 300 {
				e.Reason = "the token endpoint answered with an error"
			}
		}
		return e
	}
	if context.Cause(ctx) == errExchangeTimeout {
		return &Error{Reason: errExchangeTimeout.Error(), Cause: transport.ErrAttemptTimeout}
	}
	if answer.status != 0 {
		return &Error{StatusCode: answer.status, Reason: fmt.Sprintf("the token endpoint's answer (%d) cannot be read: check the token URL", answer.status), permanent: answer.status < 500}
	}
	err = transport.Detached(transport.StripURL(err))
	return &Error{Reason: "the token endpoint cannot be reached: " + err.Error(), Cause: err}
}

// oauthCode lets only what RFC 6749 calls an error code into a text that people print.
func oauthCode(s string) string {
	if len(s) > 64 {
		return ""
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' {
			return ""
		}
	}
	return s
}

// without returns what an endpoint says, short, and without the secret that some repeat.
func without(secret, s string) string {
	for _, spelling := range [...]string{secret, url.QueryEscape(secret)} {
		if spelling != "" {
			s = strings.ReplaceAll(s, spelling, redact.Text)
		}
	}
	if len(s) > maxDescription {
		s = transport.Cut(s, maxDescription)
	}
	return s
}
