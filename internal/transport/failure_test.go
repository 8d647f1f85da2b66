package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFailureIsOneLineThatNamesTheOperation(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]*Failure{
		"things.get: answered 404 Not Found":                                {Op: opRead, StatusCode: 404, Attempts: 1},
		"things.get: answered 503 Service Unavailable after 4 attempts":     {Op: opRead, StatusCode: 503, Attempts: 4},
		"things.get: attempt timed out after 2 attempts":                    {Op: opRead, Attempts: 2, Cause: ErrAttemptTimeout},
		"things.get: unexpected EOF (last answer was 502) after 2 attempts": {Op: opRead, StatusCode: 502, Attempts: 2, Cause: io.ErrUnexpectedEOF},
		"things.get: thing must not be empty":                               {Op: opRead, Cause: &PathError{"thing", "must not be empty"}},
	} {
		f.Body = []byte("SECRET")
		assert.Equal(t, want, f.Error())
		assert.Equal(t, want, fmt.Sprintf("%#v", f))
		assert.Equal(t, f.Cause, errors.Unwrap(f))
	}
}

// net/http wraps the URL around every error, and a middleware may wrap that again.
func TestErrorNeverShowsURL(t *testing.T) {
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

func TestTransientIsWhatMayPassByItself(t *testing.T) {
	t.Parallel()
	for _, err := range []error{io.ErrUnexpectedEOF, ErrAttemptTimeout, errors.New("connection refused")} {
		assert.True(t, Transient(err), "%v", err)
	}
	for _, err := range []error{
		errForeignHost, errTooLarge, errContextReplaced, &redirectError{302}, &CanceledError{Err: io.EOF},
		&tls.CertificateVerificationError{Err: io.EOF},
		x509.HostnameError{},
		x509.UnknownAuthorityError{},
		http.ErrSchemeMismatch,
		&limitError{io.EOF}, &credentialError{io.EOF}, fmt.Errorf("wrapped: %w", errForeignHost),
	} {
		assert.False(t, Transient(err), "%v", err)
	}
}
