package lockerlinetest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/leaktest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }

// shop is a small service: it counts what took effect.
type shop struct {
	*lockerlinetest.Server
	effects atomic.Int64
}

const jsonType = "application/json"

func response(status int, body string) lockerlinetest.Response {
	return lockerlinetest.Response{Status: status, Header: http.Header{"Content-Type": {jsonType}}, Body: []byte(body)}
}

func newShop(change ...func(*lockerlinetest.Service)) *shop {
	s := &shop{}
	service := lockerlinetest.Service{
		Name: "shoptest", Clock: lockerlinetest.NewClock(),
		Routes: lockerlinetest.Routes{
			{Name: "parcels.list", Method: "GET", Path: "/parcels"},
			{Name: "parcels.get", Method: "GET", Path: "/parcels/{parcel}"},
			{Name: "parcels.newest", Method: "GET", Path: "/parcels/newest"},
			{Name: "parcels.send", Method: "POST", Path: "/parcels"},
			{Name: "parcels.send", Method: "PUT", Path: "/parcels"},
		},
		Serve: func(c *lockerlinetest.Call) lockerlinetest.Response {
			s.effects.Add(1)
			if c.Op.Name == "" {
				return response(404, `{"error":"nothing"}`)
			}
			return response(200, `{"op":"`+c.Op.Name+`","parcel":"`+c.Args["parcel"]+`"}`)
		},
		ErrorForm: func(status int) lockerlinetest.Response { return response(status, `{"error":"made to fail"}`) },
	}
	for _, f := range change {
		f(&service)
	}
	s.Server = lockerlinetest.New(service)
	return s
}

func startShop(t *testing.T, change ...func(*lockerlinetest.Service)) *shop {
	t.Helper()
	s := newShop(change...)
	lockerlinetest.Start(t, s.Server)
	return s
}

// ask sends a request and reads the whole answer.
func (s *shop) ask(ctx context.Context, method, path, body string) (*http.Response, string, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Authorization", "Bearer secret")
	resp, err := s.HTTPClient().Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}

func (s *shop) get(t *testing.T, path string) string {
	t.Helper()
	_, body, err := s.ask(t.Context(), "GET", path, "")
	require.NoError(t, err)
	return body
}

// everywhere runs a test with a listener, and without one on virtual time.
func everywhere(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	t.Run("listener", func(t *testing.T) {
		t.Parallel()
		test(t, startShop(t))
	})
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := newShop()
			defer s.Close()
			test(t, s)
		})
	})
}

func TestStart_ListensOnLoopbackUntilTheTestEnds(t *testing.T) {
	t.Parallel()
	var s *shop
	t.Run("life", func(t *testing.T) {
		s = startShop(t)
		assert.True(t, strings.HasPrefix(s.URL, "http://127.0.0.1:"))
		assert.JSONEq(t, `{"op":"parcels.list","parcel":""}`, s.get(t, "/parcels"))
	})
	_, _, err := s.ask(t.Context(), "GET", "/parcels", "")
	require.Error(t, err)
}

func TestListen_TakenAddressIsAnError(t *testing.T) {
	t.Parallel()
	first := startShop(t)
	second := newShop()
	defer second.Close()
	err := second.Listen(strings.TrimPrefix(first.URL, "http://"))
	require.ErrorContains(t, err, "shoptest: ")
	assert.NotContains(t, err.Error(), "\n")
	require.ErrorContains(t, first.Listen("127.0.0.1:0"), "listens already")
}

func TestServer_CanBeMountedElsewhere(t *testing.T) {
	t.Parallel()
	s := newShop()
	t.Cleanup(s.Close)
	host := httptest.NewServer(http.StripPrefix("/shop", s))
	t.Cleanup(host.Close)
	s.URL = host.URL + "/shop"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/parcels/7%2F8", http.NoBody)
	require.NoError(t, err)
	resp, err := host.Client().Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.JSONEq(t, `{"op":"parcels.get","parcel":"7/8"}`, string(body))
}

func TestClose_EndsRequestsUnderWay(t *testing.T) {
	t.Parallel()
	s := startShop(t)
	s.Fail("parcels.list", lockerlinetest.Latency(time.Hour))
	failed, arrived := make(chan error), make(chan struct{})
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { close(arrived) },
	})
	go func() {
		_, _, err := s.ask(ctx, "GET", "/parcels", "")
		failed <- err
	}()
	<-arrived
	s.Close()
	require.Error(t, <-failed)
	assert.Zero(t, s.effects.Load())
	s.Close()
}

func TestClose_WaitsForRequestsWithoutAListener(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		closed := 0
		s := newShop(func(service *lockerlinetest.Service) { service.Closed = func() { closed++ } })
		s.Fail("parcels.list", lockerlinetest.Latency(time.Hour))
		began := time.Now()
		go func() {
			time.Sleep(time.Second)
			s.Close()
			s.Close()
		}()
		_, _, err := s.ask(t.Context(), "GET", "/parcels", "")
		require.Error(t, err)
		assert.Equal(t, time.Second, time.Since(began))
		synctest.Wait()
		assert.Equal(t, 1, closed)
	})
}

func TestServer_RequestsBeyondTheLimitAreReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(func(service *lockerlinetest.Service) { service.MaxParallel, service.Latency = 2, time.Second })
		defer s.Close()
		errs := make(chan error)
		for range 3 {
			go func() {
				_, _, err := s.ask(t.Context(), "GET", "/parcels", "")
				errs <- err
			}()
		}
		require.Error(t, <-errs)
		require.NoError(t, <-errs)
		require.NoError(t, <-errs)
		assert.Equal(t, 2, s.MaxInFlight())
		assert.Equal(t, 1, s.Resets())
		assert.Zero(t, s.Requests()[0].Status)
	})
}

func TestServer_BodyWithoutEndIsRefused(t *testing.T) {
	t.Parallel()
	s := startShop(t)
	resp, body, err := s.ask(t.Context(), "POST", "/parcels", strings.Repeat(" ", 2<<20))
	require.NoError(t, err)
	assert.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
	assert.JSONEq(t, `{"error":"made to fail"}`, body)
	assert.Zero(t, s.effects.Load())
}

func TestServer_MiddlewareSeesEveryRequest(t *testing.T) {
	t.Parallel()
	s := startShop(t, func(service *lockerlinetest.Service) {
		service.Middleware = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Shop", "open")
				next.ServeHTTP(w, r)
			})
		}
	})
	resp, _, err := s.ask(t.Context(), "GET", "/parcels", "")
	require.NoError(t, err)
	assert.Equal(t, "open", resp.Header.Get("X-Shop"))
	assert.Equal(t, "req-000001", resp.Header.Get("X-Request-Id"))
}

func TestOperations_NamesEachOnce(t *testing.T) {
	t.Parallel()
	s := newShop()
	defer s.Close()
	var names []string
	for _, o := range s.Operations() {
		names = append(names, o.Name)
	}
	assert.Equal(t, []string{"parcels.list", "parcels.get", "parcels.newest", "parcels.send"}, names)
	assert.Equal(t, []lockerline.Operation{{Name: "parcels.list", Method: "GET", Path: "/parcels"}}, s.Operations()[:1])
}
