package tokens

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

func TestAuthError_SaysWhatTheEndpointAnswered(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer    http.HandlerFunc
		status    int
		code      string
		text      string
		permanent bool
	}{
		"wrong secret":       {says(401, "application/json", `{"error":"unauthorized_client","error_description":"Invalid client"}`), 401, "unauthorized_client", "answered 401: check client id, secret, scope and environment (unauthorized_client)", true},
		"wrong scope":        {says(400, "application/json", `{"error":"invalid_scope"}`), 400, "invalid_scope", "answered 400", true},
		"200 with an error":  {says(200, "application/json", `{"error":"invalid_client"}`), 200, "invalid_client", "answered with an error", true},
		"HTML with 200":      {says(200, "text/html", "<html>SECRET"), 200, "", "answer (200) cannot be read", true},
		"empty with 200":     {says(200, "application/json", ""), 200, "", "answer (200) cannot be read", true},
		"null":               {says(200, "application/json", "null"), 200, "", "answer (200) cannot be read", true},
		"cut JSON":           {says(200, "application/json", `{"access_token":"SECRET`), 200, "", "answer (200) cannot be read", true},
		"no token":           {says(200, "application/json", `{"token_type":"Bearer"}`), 200, "", "answer (200) cannot be read", true},
		"token of no string": {says(200, "application/json", `{"access_token":{"a":"SECRET"}}`), 200, "", "answer (200) cannot be read", true},
		"oversized":          {says(200, "application/json", good+strings.Repeat(" ", maxTokenAnswer)), 200, "", "answer (200) cannot be read", true},
		"HTML with 502":      {says(502, "text/html", "<html>SECRET"), 502, "", "answered 502", false},
		"429":                {says(429, "application/json", "{}"), 429, "", "asks to wait", false},
		"code is not one":    {says(400, "application/json", `{"error":"SECRET with spaces"}`), 400, "", "answered 400", true},
		"long code":          {says(400, "application/json", `{"error":"`+strings.Repeat("x", 65)+`"}`), 400, "", "answered 400", true},
		"cut connection":     {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, "", "cannot be reached", false},
		"half an answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(good[:20]))
			panic(http.ErrAbortHandler)
		}, 0, "", "cannot be reached", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := serve(t, tc.answer)
				_, err := e.Exchange(t.Context())
				te, ok := err.(*lockerline.AuthError)
				require.True(t, ok, "%T, which the packages above look for", err)
				assert.Equal(t, tc.status, te.StatusCode)
				assert.Equal(t, tc.code, te.Code)
				assert.Equal(t, tc.permanent, te.Permanent)
				assert.Contains(t, err.Error(), "no access token: ")
				assert.Contains(t, err.Error(), tc.text)
				assertNoSecret(t, err)
			})
		})
	}
}

// assertNoSecret looks at every error of the chain through every verb.
func assertNoSecret(t *testing.T, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		b, _ := json.Marshal(err)
		text := fmt.Sprintf("%v %+v %#v %s %q %x", err, err, err, err, err, err) + string(b)
		for _, never := range []string{"SECRET", "s3cr", fmt.Sprintf("%x", "SECRET"), "localhost", "tenant="} {
			assert.NotContains(t, text, never)
		}
	}
}

// Some endpoints repeat in their words what they were sent.
func TestAuthError_SecretThatTheEndpointRepeatsIsHidden(t *testing.T) {
	t.Parallel()
	for _, echo := range []string{clientSecret, url.QueryEscape(clientSecret)} {
		synctest.Test(t, func(t *testing.T) {
			body, _ := json.Marshal(map[string]string{"error": "invalid_client", "error_description": "secret " + echo + " is wrong"})
			e := serve(t, says(401, "application/json", string(body)))
			_, err := e.Exchange(t.Context())
			te, ok := errors.AsType[*lockerline.AuthError](err)
			require.True(t, ok)
			assert.Equal(t, "secret [REDACTED] is wrong", te.Description)
			assertNoSecret(t, err)
		})
	}
}

func TestAuthError_DescriptionIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := serve(t, says(400, "application/json", `{"error":"x","error_description":"`+strings.Repeat("é", 5000)+`"}`))
		_, err := e.Exchange(t.Context())
		te, _ := errors.AsType[*lockerline.AuthError](err)
		assert.LessOrEqual(t, len(te.Description), 300)
		assert.NotContains(t, te.Description, "\ufffd")
		assert.NotEmpty(t, te.Description)
	})
}

func TestAuthError_OfTheEndpointIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "20")
			says(429, "application/json", "{}")(w, r)
		})
		c := NewCache(e.Exchange)
		defer c.Close()
		started := time.Now()
		_, err := c.Token(t.Context())
		te, ok := errors.AsType[*lockerline.AuthError](err)
		require.True(t, ok)
		assert.Equal(t, 20*time.Second, te.RetryAfter)
		assert.Less(t, time.Since(started), time.Second)
		for range 19 {
			time.Sleep(time.Second)
			_, err = c.Token(t.Context())
			require.Error(t, err)
		}
		assert.Len(t, e.asked(), 1, "it asked to be left alone")
	})
}

// What was wrong with the network stays in the chain; what would pass for the end of the
// caller's context does not.
func TestAuthError_CauseOfAnUnreachableEndpoint(t *testing.T) {
	t.Parallel()
	for below, want := range map[error]error{
		syscall.ECONNREFUSED:     syscall.ECONNREFUSED,
		context.DeadlineExceeded: lockerline.ErrAttemptTimeout,
	} {
		synctest.Test(t, func(t *testing.T) {
			e := serve(t, says(200, "", ""))
			e.base.DialContext = func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Err: below}
			}
			_, err := e.Exchange(t.Context())
			require.ErrorIs(t, err, want)
			assert.NotErrorIs(t, err, context.DeadlineExceeded)
			assert.False(t, permanent(err))
			assertNoSecret(t, err)
		})
	}
}

func TestToken_TokenAndConfigAreNotPrinted(t *testing.T) {
	t.Parallel()
	tok := &Token{Access: "SECRET", Type: "Bearer", Scope: "a"}
	tok.prepare()
	cfg := Config{TokenURL: "https://x", ClientID: "id", ClientSecret: "SECRET"}
	var b strings.Builder
	for _, v := range []any{tok, *tok, []*Token{tok}, struct{ T Token }{*tok}, cfg, &cfg, struct{ C Config }{cfg}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&b, verb, v)
		}
		_ = json.NewEncoder(&b).Encode(v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	}
	for _, never := range []string{"SECRET", fmt.Sprintf("%x", "SECRET"), fmt.Sprint([]byte("SECRET"))} {
		assert.False(t, strings.Contains(b.String(), never), "%s is in %s", never, b.String())
	}
}
