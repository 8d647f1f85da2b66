package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lockerline/lockerline-go"
)

// net/http wraps the URL around every error, and a middleware may wrap that again.
func TestStripURL_ErrorNeverShowsURL(t *testing.T) {
	t.Parallel()
	inner := &url.Error{Op: "Get", URL: "https://api.example/SECRET?key=SECRET", Err: io.ErrUnexpectedEOF}
	for _, err := range []error{
		inner,
		&url.Error{Op: "Get", URL: "https://api.example/SECRET", Err: inner},
		fmt.Errorf("traced: %w", inner),
		fmt.Errorf("traced: %w", fmt.Errorf("again: %w", &url.Error{Op: "Get", URL: "SECRET", Err: fmt.Errorf("x: %w", inner)})),
		errors.Join(errors.New("other"), inner),
	} {
		got := StripURL(err)
		assert.NotContains(t, got.Error(), "SECRET")
		assert.ErrorIs(t, got, io.ErrUnexpectedEOF)
	}
	assert.NoError(t, StripURL(nil))
}

func TestRetryable_CausesOfThisPackage(t *testing.T) {
	t.Parallel()
	for _, err := range []error{io.ErrUnexpectedEOF, lockerline.ErrAttemptTimeout, TimedOut("too slow"), errors.New("connection refused")} {
		assert.True(t, lockerline.Retryable(&lockerline.Error{Err: err}), "%v", err)
	}
	for _, err := range []error{
		errForeignHost, errTooLarge, errContextReplaced, &redirectError{302}, &canceledError{err: context.Canceled},
		&tls.CertificateVerificationError{Err: io.EOF},
		x509.HostnameError{},
		x509.UnknownAuthorityError{},
		http.ErrSchemeMismatch,
		&limitError{io.EOF}, fmt.Errorf("wrapped: %w", errForeignHost),
	} {
		assert.False(t, lockerline.Retryable(&lockerline.Error{Err: err}), "%v", err)
	}
}
