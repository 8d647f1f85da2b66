package transport

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
)

func logged(b *bytes.Buffer, level slog.Level) func(*setup) {
	h := slog.NewTextHandler(b, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "duration" || a.Key == "wait" {
			return slog.Attr{}
		}
		return a
	}})
	return func(c *setup) { add(c, lockerline.WithLogger(slog.New(h))) }
}

func TestWithLogger_TellsAttemptsAndRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		g := virtual(t, func(w http.ResponseWriter, r *http.Request, n int) { then(n, cut, statuses(0, 503, 200))(w, r, n) }, logged(&b, slog.LevelDebug))
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		assert.Equal(t, `level=DEBUG msg=attempt service=things operation=things.get attempt=1 status=0 error=EOF
level=WARN msg=retry service=things operation=things.get attempt=1 status=0 error=EOF
level=DEBUG msg=attempt service=things operation=things.get attempt=2 status=503
level=WARN msg=retry service=things operation=things.get attempt=2 status=503
level=DEBUG msg=attempt service=things operation=things.get attempt=3 status=200
`, b.String())
	})
}

func TestWithLogger_KeepsToItsLevel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		g := virtual(t, statuses(503, 200), logged(&b, slog.LevelInfo))
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
		g.ReportUnknown(t.Context(), opRead, "status", "paused")
		assert.Equal(t, "level=WARN msg=retry service=things operation=things.get attempt=1 status=503\n"+
			"level=WARN msg=\"unknown value\" service=things operation=things.get field=status value=paused\n", b.String())
	})
}

// Everything that a call holds and that must not be told to those who read logs, metrics
// and error reports, put through every end that a call can have.
func TestDo_NothingTellsURLIdentifierOrSecret(t *testing.T) {
	t.Parallel()
	ends := map[string]handler{
		"success":   func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, `{"pin":"BODY-SECRET"}`) },
		"refusal":   func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 503, `{"pin":"BODY-SECRET"}`) },
		"not found": func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 404, "<h1>BODY-SECRET") },
		"cut":       cut,
		"hang":      hang,
		"redirect": func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, "http://evil.example/BODY-SECRET", http.StatusFound)
		},
		"bad redirect": func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Location", "http://[BODY-SECRET/%zz")
			answer(w, 302, "")
		},
		"HTML":       func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, "<html>BODY-SECRET") },
		"cut JSON":   func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, `{"pin":"BODY-SECRET`) },
		"wrong type": func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, `{"id":"BODY-SECRET"}`) },
		"big number": func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, `{"id":4242424242424242424242}`) },
		"wrong time": func(w http.ResponseWriter, _ *http.Request, _ int) { answer(w, 200, `{"at":"BODY-SECRET"}`) },
		"not HTTP": func(w http.ResponseWriter, _ *http.Request, _ int) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_, _ = c.Write([]byte(`{"pin":"BODY-SECRET"}` + "\r\n\r\n"))
			_ = c.Close()
		},
		"bad header": func(w http.ResponseWriter, _ *http.Request, _ int) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\n{\"pin\" \"BODY-SECRET\"}\r\n\r\n"))
			_ = c.Close()
		},
	}
	for name, h := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var b bytes.Buffer
				var rec recorder
				g := virtual(t, h, logged(&b, slog.LevelDebug), func(c *setup) { add(c, lockerline.WithHooks(rec.hooks())) }, withMiddleware(around(
					func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
						return (&http.Client{Transport: next, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(clientRequest(r))
					})))
				in := Call{Op: opRead, Args: []string{"ID-SECRET"}, Query: "key=QUERY-SECRET", Body: []byte(`{"pin":"OUR-SECRET"}`), Out: new(locker)}
				if name == "wrong time" {
					in.Out = new(struct {
						At stamp `json:"at"`
					})
				}
				_, err := g.Do(t.Context(), in)
				if name != "success" {
					for e := err; e != nil; {
						f, ok := e.(*lockerline.Error)
						if !ok {
							break
						}
						rec.add("%v %+v %#v %s %q", f, f, f, f, f)
						if f.Err == nil {
							break
						}
						rec.add("%v %#v", f.Err, f.Err)
						e = f.Err
					}
				}
				for _, text := range append(rec.lines, b.String()) {
					for _, never := range []string{"SECRET", "424242", "localhost", "http://", "key="} {
						assert.False(t, strings.Contains(text, never), "%s in %s", never, text)
					}
				}
				assert.NotEmpty(t, b.String())
			})
		})
	}
}

// clientRequest makes r fit for a client, whose errors repeat the URL.
func clientRequest(r *http.Request) *http.Request {
	r2 := r.Clone(r.Context())
	r2.RequestURI = ""
	return r2
}

// stamp is a time that quotes what it cannot read, in the way that encoding/json's own
// error does not.
type stamp struct{}

func (*stamp) UnmarshalJSON(b []byte) error { return &quoting{string(b)} }

type quoting struct{ text string }

func (e *quoting) Error() string { return "cannot read " + e.text }

func TestWithLogger_IsNotAskedBelowItsLevel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := virtual(t, statuses(503, 200), func(c *setup) { add(c, lockerline.WithLogger(slog.New(deaf{t}))) })
		_, err := g.Do(t.Context(), read())
		require.NoError(t, err)
	})
}

type deaf struct{ t *testing.T }

func (deaf) Enabled(context.Context, slog.Level) bool    { return false }
func (d deaf) Handle(context.Context, slog.Record) error { d.t.Error("handled"); return nil }
func (d deaf) WithAttrs([]slog.Attr) slog.Handler        { return d }
func (d deaf) WithGroup(string) slog.Handler             { return d }
