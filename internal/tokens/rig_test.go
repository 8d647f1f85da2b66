package tokens

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/leaktest"
	"github.com/lockerline/lockerline-go/internal/memnet"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

const (
	clientID     = "partner-7"
	clientSecret = "s3cr&t=SECRET"
)

// issue is an exchange that hands out token-1, token-2, … after a while.
type issue struct {
	life, takes time.Duration
	n           atomic.Int32
	fail        func(n int) error // nil to agree
}

func (i *issue) exchange(ctx context.Context) (*Token, error) {
	n := int(i.n.Add(1))
	select {
	case <-time.After(i.takes):
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if i.fail != nil {
		if err := i.fail(n); err != nil {
			return nil, err
		}
	}
	return &Token{Access: fmt.Sprint("token-", n), Type: "Bearer", Expiry: time.Now().Add(i.life), Lifetime: i.life}, nil
}

func (i *issue) count() int { return int(i.n.Load()) }

// cache is one over i that ends with the test.
func (i *issue) cache(t testing.TB) *Cache {
	c := NewCache(i.exchange)
	t.Cleanup(c.Close)
	return c
}

var (
	errDown  = errors.New("down")
	errWrong = &lockerline.AuthError{StatusCode: 401, Permanent: true}
)

func always(err error) func(int) error { return func(int) error { return err } }

func accessOf(t testing.TB, c *Cache) string {
	t.Helper()
	tok, err := c.Token(t.Context())
	require.NoError(t, err)
	return tok.Access
}

// form is what the token endpoint was asked.
type form struct {
	url.Values
	header http.Header
	host   string
}

// endpoint is a token endpoint in a synctest bubble, and the exchange that asks it.
type endpoint struct {
	Exchange
	base  *http.Transport
	mu    sync.Mutex
	forms []form
}

func (e *endpoint) asked() []form {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]form(nil), e.forms...)
}

func serve(t testing.TB, answer http.HandlerFunc, opts ...func(*Config)) *endpoint {
	t.Helper()
	e := new(endpoint)
	e.base, _ = memnet.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		e.mu.Lock()
		e.forms = append(e.forms, form{r.PostForm, r.Header, r.Host})
		e.mu.Unlock()
		answer(w, r)
	}))
	cfg := Config{
		Grant:    ClientCredentials,
		TokenURL: "http://localhost/realms/x/token?tenant=SECRET", ClientID: clientID, ClientSecret: clientSecret,
		UserAgent: "lockerline-test", Base: e.base,
	}
	for _, o := range opts {
		o(&cfg)
	}
	e.Exchange = NewExchange(cfg, []string{"a", "b"})
	return e
}

// says is an endpoint that always answers the same.
func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const good = `{"access_token":"abc","token_type":"Bearer","expires_in":300,"refresh_token":null,"refresh_expires_in":0,"scope":"a b"}`
