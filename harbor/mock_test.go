package harbor_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

const testSecret = "s3cr3t-Of-The-Client"

var testCreds = harbor.Credentials{ClientID: "partner", ClientSecret: testSecret}

// mock answers in place of Harbor's sandbox: canned answers for the API, tokens from the
// token endpoint. It is the test's own; nothing global is touched.
type mock struct {
	*httpmock.MockTransport
	mu       sync.Mutex
	requests []request // to the API
	tokens   []string  // bodies of token requests
}

// request is what the API got.
type request struct {
	line   string // method, path, query
	body   string
	header http.Header
}

func newMock(t testing.TB) *mock {
	m := &mock{MockTransport: httpmock.NewMockTransport()}
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		t.Errorf("no mock answers %s %s", r.Method, r.URL)
		return httpmock.NewStringResponse(404, ""), nil
	})
	m.RegisterResponder("POST", harbor.Sandbox.TokenURL, func(r *http.Request) (*http.Response, error) {
		m.record(r)
		return httpmock.NewStringResponse(200, `{"access_token":"access-token","refresh_token":null,"expires_in":300,"token_type":"Bearer"}`), nil
	})
	return m
}

func (m *mock) record(r *http.Request) {
	body := ""
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		body = string(b)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.URL.String() == harbor.Sandbox.TokenURL {
		m.tokens = append(m.tokens, body)
		return
	}
	m.requests = append(m.requests, request{r.Method + " " + r.URL.RequestURI(), body, r.Header.Clone()})
}

// answer gives every API request one answer.
func (m *mock) answer(status int, body string) {
	m.respond(func(*http.Request) (*http.Response, error) { return httpmock.NewStringResponse(status, body), nil })
}

func (m *mock) respond(f httpmock.Responder) {
	for _, method := range []string{"GET", "POST", "DELETE", "PUT"} {
		m.RegisterResponder(method, `=~^https://api\.sandbox\.harborlockers\.com/`, func(r *http.Request) (*http.Response, error) {
			m.record(r)
			return f(r)
		})
	}
}

var quick = lockerline.RetryPolicy{MaxAttempts: 2, MinWait: time.Microsecond, MaxWait: time.Microsecond, MaxRetryAfter: time.Second}

func (m *mock) client(t testing.TB, opts ...lockerline.Option) *harbor.Client {
	t.Helper()
	all := append([]lockerline.Option{lockerline.WithHTTPClient(&http.Client{Transport: m}), lockerline.WithRetry(quick)}, opts...)
	c, err := harbor.NewClient(harbor.Sandbox, testCreds, all...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return c
}

// exampleNames lists the Example functions of this package's tests.
func exampleNames(t testing.TB) (names []string) {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(fn.Name.Name, "Example") {
				continue
			}
			// One without output is compiled and never run.
			output := false
			for _, c := range f.Comments {
				output = output || c.Pos() > fn.Pos() && c.End() < fn.End() && strings.HasPrefix(c.Text(), "Output:")
			}
			assert.True(t, output, "%s has no output", fn.Name.Name)
			names = append(names, fn.Name.Name)
		}
	}
	return names
}

// collect returns hooks that keep all they get.
func collect(events *[]any) lockerline.Hooks {
	var mu sync.Mutex
	add := func(e any) {
		mu.Lock()
		defer mu.Unlock()
		*events = append(*events, e)
	}
	return lockerline.Hooks{
		CallStart: func(ctx context.Context, e lockerline.CallEvent) context.Context { add(e); return ctx },
		CallEnd:   func(_ context.Context, e lockerline.CallEvent) { add(e) },
		Attempt:   func(_ context.Context, e lockerline.AttemptEvent) { add(e) },
		Retry:     func(_ context.Context, e lockerline.RetryEvent) { add(e) },
		Unknown:   func(_ context.Context, e lockerline.UnknownEvent) { add(e) },
	}
}

// pages answers with the elements of a page, by the query's skip.
func pages(bySkip map[string]string) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		body, ok := bySkip[r.URL.Query().Get("skip")]
		if !ok {
			return httpmock.NewStringResponse(418, "no such page"), nil
		}
		return httpmock.NewStringResponse(200, "["+body+"]"), nil
	}
}
