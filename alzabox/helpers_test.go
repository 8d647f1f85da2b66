package alzabox_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/jarcoal/httpmock"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/alzabox/alzaboxtest"
	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestMain(m *testing.M) { os.Exit(m.Run()) }

var testCreds = alzabox.Credentials{ClientID: "partner", ClientSecret: "client-SECRET", Username: "user", Password: "pass-WORD&+"}

// mock is AlzaBox as httpmock plays it: the token endpoint, and answers in turn, the last
// for ever.
type mock struct {
	*httpmock.MockTransport
	mu      sync.Mutex
	sent    []sent
	answers []httpmock.Responder
}

type sent struct {
	Method, Path string
	Query        url.Values
	Body         string
}

func newMock(answers ...httpmock.Responder) *mock {
	m := &mock{MockTransport: httpmock.NewMockTransport(), answers: answers}
	m.RegisterResponder("POST", alzabox.Test.TokenURL, httpmock.NewStringResponder(200, `{"access_token":"t","expires_in":3600,"token_type":"Bearer","scope":"konzole_access"}`))
	m.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		body := ""
		if r.Body != nil {
			b, _ := io.ReadAll(r.Body)
			body = string(b)
		}
		m.mu.Lock()
		m.sent = append(m.sent, sent{r.Method, r.URL.Path, r.URL.Query(), body})
		a := m.answers[min(len(m.sent), len(m.answers))-1]
		m.mu.Unlock()
		return a(r)
	})
	return m
}

func says(status int, body string) httpmock.Responder {
	return httpmock.NewStringResponder(status, body)
}

func breaks(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func (m *mock) client(t *testing.T, opts ...lockerline.Option) *alzabox.Client {
	t.Helper()
	opts = append([]lockerline.Option{
		lockerline.WithHTTPClient(&http.Client{Transport: m}), lockerline.WithRetry(lockerline.RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1}),
	}, opts...)
	c, err := alzabox.NewClient(alzabox.Test, testCreds, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// over is a client to which the answers are given.
func over(t *testing.T, answers ...httpmock.Responder) (*alzabox.Client, *mock) {
	t.Helper()
	m := newMock(answers...)
	return m.client(t), m
}

// rig is a simulator and a client of it.
func rig(t *testing.T, clock *lockerlinetest.Clock, opts ...lockerline.Option) (*alzaboxtest.Server, *alzabox.Client) {
	t.Helper()
	s := alzaboxtest.New(clock)
	c, err := s.Client(opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close(); s.Close() })
	return s, c
}

func requireError(t *testing.T, err error) *lockerline.Error {
	t.Helper()
	e, ok := errors.AsType[*lockerline.Error](err)
	require.True(t, ok, "%T: %v", err, err)
	return e
}

func small(code string) alzabox.Package {
	return alzabox.Package{Barcode: code, Dimensions: alzabox.Dimensions{Depth: 10, Height: 10, Width: 10}}
}

func until(at time.Time) alzabox.Times { return alzabox.Times{Expiration: callbacks.Some(at)} }

// order is a reservation of one small parcel in box 20.
func order(id string, end time.Time) alzabox.ReservationRequest {
	return alzabox.ReservationRequest{ID: id, Box: alzabox.BoxRef{ID: 20}, Times: until(end), Packages: []alzabox.Package{small("code-" + id)}}
}

func attributes(t *testing.T, body string) map[string]json.RawMessage {
	t.Helper()
	var in struct {
		Data struct {
			Reservation struct{ Attributes map[string]json.RawMessage }
		}
	}
	require.NoError(t, json.NewDecoder(strings.NewReader(body)).Decode(&in))
	return in.Data.Reservation.Attributes
}
