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

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/redact"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// errExchangeTimeout ends an exchange that took too long.
var errExchangeTimeout = errors.New("the token endpoint took too long")

// maxDescription bounds what is kept of an endpoint's own words, in bytes.
const maxDescription = 300

// permanent reports a failure that asking again with the same credentials does not cure.
func permanent(err error) bool {
	e, ok := errors.AsType[*lockerline.AuthError](err)
	return ok && e.Permanent
}

// describe turns an error of x/oauth2 into one that is safe to print: the library's own
// carries the request, and with it the client secret.
func describe(ctx context.Context, answer *seen, secrets []string, err error) *lockerline.AuthError {
	if re, ok := errors.AsType[*oauth2.RetrieveError](err); ok && re.Response != nil {
		e := &lockerline.AuthError{
			StatusCode: re.Response.StatusCode, Code: oauthCode(re.ErrorCode), Description: without(secrets, re.ErrorDescription),
		}
		e.RetryAfter, _ = transport.RetryAfter(re.Response.Header, time.Now())
		s := e.StatusCode
		e.Permanent = s < 500 && s != http.StatusTooManyRequests && s != http.StatusRequestTimeout
		return e
	}
	if context.Cause(ctx) == errExchangeTimeout {
		return &lockerline.AuthError{Err: transport.TimedOut(errExchangeTimeout.Error())}
	}
	if s := answer.status; s != 0 {
		return &lockerline.AuthError{
			StatusCode: s, Permanent: s < 500,
			Err: fmt.Errorf("the token endpoint's answer (%d) cannot be read: check the token URL", s),
		}
	}
	err = transport.Detached(transport.StripURL(err))
	return &lockerline.AuthError{Err: fmt.Errorf("the token endpoint cannot be reached: %w", err)}
}

// oauthCode lets only what RFC 6749 calls an error code into a text that people print.
func oauthCode(s string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
	if len(s) > 64 || strings.Trim(s, letters) != "" {
		return ""
	}
	return s
}

// without returns what an endpoint says, short, and without the secrets that some repeat.
func without(secrets []string, s string) string {
	for _, secret := range secrets {
		for _, spelling := range [...]string{secret, url.QueryEscape(secret)} {
			if spelling != "" {
				s = strings.ReplaceAll(s, spelling, redact.Text)
			}
		}
	}
	return transport.Cut(s, maxDescription)
}
