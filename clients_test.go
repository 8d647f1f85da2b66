package lockerline_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/harbor"
)

const secretKey = "s3cr3t-key"

// api is what every client of this module can do.
type api interface {
	Do(ctx context.Context, r lockerline.Request, out any, opts ...lockerline.CallOption) error
	Close() error
}

// client is one row of the suite: a further service adds one.
type client struct {
	service string
	make    func(opts ...lockerline.Option) (api, error)
	with    func(parent api, opts ...lockerline.Option) (api, error)
	// read and create are two of its operations: a read, and a write that is not safe to
	// repeat.
	read, create                 func(ctx context.Context, c api, opts ...lockerline.CallOption) error
	readName, createName         string
	good                         string // an answer that both can read
	argument                     func(ctx context.Context, c api) error
	createPath, createdElsewhere string // template of create, and where WithOperationPath sends it
	ownURL                       bool   // WithBaseURL replaces the service's address
}

var clients = []client{
	{
		service: "harbor",
		make: func(opts ...lockerline.Option) (api, error) {
			c, err := harbor.NewClient(harbor.Sandbox, harbor.Credentials{ClientID: "partner", ClientSecret: secretKey}, opts...)
			return c, err
		},
		with: func(parent api, opts ...lockerline.Option) (api, error) { return parent.(*harbor.Client).With(opts...) },
		read: func(ctx context.Context, c api, opts ...lockerline.CallOption) error {
			_, err := c.(*harbor.Client).Lockers.Assigned(ctx, opts...)
			return err
		},
		create: func(ctx context.Context, c api, opts ...lockerline.CallOption) error {
			_, err := c.(*harbor.Client).Lockers.Reserve(ctx, harbor.LockerRef{Tower: "0100000000000175", Locker: 950}, time.Minute, opts...)
			return err
		},
		argument: func(ctx context.Context, c api) error {
			_, err := c.(*harbor.Client).Lockers.Reserve(ctx, harbor.LockerRef{}, 0)
			return err
		},
		readName: "lockers.assigned", createName: "lockers.reserve", good: `{"items":[]}`,
		createPath: "/api/v1/towers/{tower}/lockers/{locker}/reservations", createdElsewhere: "/v9/{locker}",
	},
	{
		service: "foxtrot",
		make:    func(opts ...lockerline.Option) (api, error) { return foxtrot.NewClient(secretKey, opts...) },
		with: func(parent api, opts ...lockerline.Option) (api, error) {
			return parent.(*foxtrot.Client).With(opts...)
		},
		read: func(ctx context.Context, c api, opts ...lockerline.CallOption) error {
			_, err := c.(*foxtrot.Client).DCs.List(ctx, opts...)
			return err
		},
		create: func(ctx context.Context, c api, opts ...lockerline.CallOption) error {
			_, err := c.(*foxtrot.Client).Webhooks.Create(ctx, foxtrot.WebhookRequest{
				URL: "https://partner.example/hooks", Events: []foxtrot.WebhookEventType{"ROUTE_CREATED"}, DCs: []foxtrot.DCID{"dc"},
			}, opts...)
			return err
		},
		argument: func(ctx context.Context, c api) error {
			_, err := c.(*foxtrot.Client).Customers.Get(ctx, "", "..")
			return err
		},
		readName: "dcs.list", createName: "webhooks.create", good: `{"status":"success","data":{"dcs":[],"webhook":{"id":"w"}}}`,
		createPath: "/webhooks", createdElsewhere: "/v9/hooks", ownURL: true,
	},
	{
		service: "alzabox",
		make: func(opts ...lockerline.Option) (api, error) {
			return alzabox.NewClient(alzabox.Test, alzabox.Credentials{ClientID: "partner", ClientSecret: secretKey, Username: "user", Password: secretKey}, opts...)
		},
		with: func(parent api, opts ...lockerline.Option) (api, error) {
			return parent.(*alzabox.Client).With(opts...)
		},
		read: func(ctx context.Context, c api, opts ...lockerline.CallOption) error {
			_, err := c.(*alzabox.Client).Boxes.List(ctx, alzabox.ListOptions{}, opts...)
			return err
		},
		create: func(ctx context.Context, c api, opts ...lockerline.CallOption) error {
			_, err := c.(*alzabox.Client).Reservations.Store(ctx, alzabox.StoreRequest{QRCode: "alza://alzabox/20", AlzaPortCode: "7"}, opts...)
			return err
		},
		argument: func(ctx context.Context, c api) error {
			_, err := c.(*alzabox.Client).Boxes.Update(ctx, 0, "")
			return err
		},
		readName: "boxes.list", createName: "reservations.store", good: `{"data":{"boxes":[],"success":true},"metadata":null,"errors":null}`,
		createPath: "/parcel-lockers/v2/reservation/store", createdElsewhere: "/v9/store",
	},
}

// service is what a client sends to: it answers the token endpoint by itself.
type service struct {
	mu       sync.Mutex
	requests []*http.Request
	answers  []func(*http.Request) (*http.Response, error) // one after the other, the last for ever
}

func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/token") {
		return says(200, `{"access_token":"`+secretKey+`","token_type":"Bearer","expires_in":300}`)(r)
	}
	s.mu.Lock()
	s.requests = append(s.requests, r)
	answer := s.answers[min(len(s.requests), len(s.answers))-1]
	s.mu.Unlock()
	return answer(r)
}

func (s *service) sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

func says(status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"X-Request-Id": {"r-1"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

func breaks(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// each runs a test for every client, in virtual time, before a service of its own.
func each(t *testing.T, test func(t *testing.T, k client, s *service, c api)) {
	t.Helper()
	t.Parallel()
	for _, k := range clients {
		t.Run(k.service, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{}
				c, err := k.make(lockerline.WithHTTPClient(&http.Client{Transport: s}))
				require.NoError(t, err)
				defer c.Close()
				test(t, k, s, c)
			})
		})
	}
}

func derive(t *testing.T, k client, parent api, opts ...lockerline.Option) api {
	t.Helper()
	c, err := k.with(parent, opts...)
	require.NoError(t, err)
	return c
}

func requireError(t *testing.T, err error) *lockerline.Error {
	t.Helper()
	e, ok := errors.AsType[*lockerline.Error](err)
	require.True(t, ok, "%T: %v", err, err)
	return e
}

func TestNewClient_NamesEveryFaultInOneLine(t *testing.T) {
	t.Parallel()
	for _, k := range clients {
		bad := []lockerline.Option{
			lockerline.WithHTTPClient(nil), lockerline.WithLogger(nil), lockerline.WithMiddleware(nil), lockerline.WithRetry(lockerline.RetryPolicy{MaxRetryAfter: -1}),
			lockerline.WithAttemptTimeout(0), lockerline.WithRateLimiter(nil), lockerline.WithUserAgent("a\r\nb"), lockerline.WithBaseURL("http://user:" + secretKey + "@api.example"),
			lockerline.WithOperationPath("no.such", "/"), lockerline.WithOperationPath(k.createName, "no/slash"), lockerline.WithOperationPath(k.createName, "/{door}"),
			lockerline.WithOperationPath(k.createName, "/a/{tower"), lockerline.WithOperationPath(k.createName, "/a/../b"),
			lockerline.WithOperationPath(k.createName, "/a}/{{tower}}"), lockerline.WithOperationPath(k.createName, "/a?b=1"), nil,
		}
		parts := []string{
			k.service + ": cannot make a client: ", "WithHTTPClient: the client is nil", "WithLogger", "WithMiddleware", "MaxAttempts", "MinWait", "MaxRetryAfter",
			"WithAttemptTimeout", "WithRateLimiter", "WithUserAgent", "WithBaseURL", `no operation "no.such"`, "must begin with a slash", "no element {door}", "braces", "dot segments",
		}
		_, err := k.make(bad...)
		require.Error(t, err, k.service)
		for _, part := range parts {
			assert.ErrorContains(t, err, part, k.service)
		}
		assert.Equal(t, 2, strings.Count(err.Error(), "braces that do not match"), k.service)
		assert.NotContains(t, err.Error(), "\n", k.service)
		assert.NotContains(t, err.Error(), secretKey, k.service)
	}
}

func TestWithBaseURL_IsTakenWhereTheConstructorHasNoAddress(t *testing.T) {
	each(t, func(t *testing.T, k client, s *service, _ api) {
		s.answers = append(s.answers, says(200, k.good))
		c, err := k.make(lockerline.WithHTTPClient(&http.Client{Transport: s}), lockerline.WithBaseURL("https://proxy.example/base/"))
		if !k.ownURL {
			require.ErrorContains(t, err, "WithBaseURL: the address is ")
			return
		}
		require.NoError(t, err)
		require.NoError(t, k.read(t.Context(), c))
		assert.Equal(t, "proxy.example", s.requests[0].URL.Host)
		assert.True(t, strings.HasPrefix(s.requests[0].URL.Path, "/base/"))
		_, err = k.make(lockerline.WithBaseURL(""))
		assert.ErrorContains(t, err, "WithBaseURL")
	})
}

func TestNewClient_RefusesAnOptionWithoutUse(t *testing.T) {
	t.Parallel()
	_, err := harbor.NewClient(harbor.Sandbox, harbor.Credentials{ClientID: "id", ClientSecret: "s"}, foxtrot.WithConcurrency(2))
	assert.ErrorContains(t, err, "WithConcurrency")
}

func TestClientWith_LeavesItsParentAlone(t *testing.T) {
	each(t, func(t *testing.T, k client, s *service, c api) {
		s.answers = append(s.answers, says(200, k.good), says(200, k.good), says(503, ""), says(503, ""), says(200, k.good))
		d := derive(t, k, c, lockerline.WithUserAgent("acme/1"), lockerline.WithRetry(lockerline.RetryPolicy{MaxAttempts: 1, MinWait: 1, MaxWait: 1}))
		require.NoError(t, k.read(t.Context(), c))
		require.NoError(t, k.read(t.Context(), d))
		require.ErrorIs(t, k.read(t.Context(), d), lockerline.ErrServer)
		require.NoError(t, k.read(t.Context(), c), "the parent's policy is its own")
		own := s.requests[0].Header.Get("User-Agent")
		assert.True(t, strings.HasPrefix(own, "lockerline-go/"+lockerline.Version), own)
		assert.Equal(t, "acme/1 "+own, s.requests[1].Header.Get("User-Agent"))
		assert.Equal(t, own, s.requests[4].Header.Get("User-Agent"))

		_, err := k.with(c, lockerline.WithHTTPClient(http.DefaultClient), lockerline.WithBaseURL("https://api.example"), lockerline.WithAttemptTimeout(-1))
		for _, part := range []string{k.service + ": cannot derive a client: ", "WithHTTPClient", "WithBaseURL", "WithAttemptTimeout"} {
			assert.ErrorContains(t, err, part)
		}
		assert.NotContains(t, err.Error(), "\n")
	})
}

type limiter func(context.Context) error

func (f limiter) Wait(ctx context.Context) error { return f(ctx) }

func TestWithRateLimiter_IsAskedBeforeEachAttempt(t *testing.T) {
	each(t, func(t *testing.T, k client, s *service, c api) {
		s.answers = append(s.answers, says(503, ""), says(200, k.good))
		asked := 0
		limited := derive(t, k, c, lockerline.WithRateLimiter(limiter(func(context.Context) error { asked++; return nil })))
		require.NoError(t, k.read(t.Context(), limited))
		assert.Equal(t, 2, asked)
		full := errors.New("no tokens left")
		limited = derive(t, k, c, lockerline.WithRateLimiter(limiter(func(context.Context) error { return full })))
		err := k.create(t.Context(), limited)
		require.ErrorIs(t, err, full)
		assert.NotErrorIs(t, err, lockerline.ErrOutcomeUnknown)
		assert.Equal(t, 2, s.sent())
	})
}

func TestWithAttemptTimeout_IsNotTheCallersDeadline(t *testing.T) {
	each(t, func(t *testing.T, k client, s *service, c api) {
		s.answers = append(s.answers, hangs)
		for _, bounded := range []func() (api, error){
			func() (api, error) { return k.with(c, lockerline.WithAttemptTimeout(3*time.Second)) },
			func() (api, error) {
				return k.make(lockerline.WithHTTPClient(&http.Client{Transport: s, Timeout: 3 * time.Second}))
			},
		} {
			d, err := bounded()
			require.NoError(t, err)
			started := time.Now()
			err = k.read(t.Context(), d, lockerline.NoRetry())
			assert.Equal(t, 3*time.Second, time.Since(started))
			require.ErrorIs(t, err, lockerline.ErrAttemptTimeout)
			assert.NotErrorIs(t, err, context.DeadlineExceeded)
			assert.True(t, lockerline.Retryable(err))
			err = k.create(t.Context(), d)
			require.ErrorIs(t, err, lockerline.ErrOutcomeUnknown)
			assert.Equal(t, 1, requireError(t, err).Attempts)
			assert.False(t, lockerline.Retryable(err))
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("the customer left"))
		defer cancel()
		err := k.read(ctx, c)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "the customer left")
		assert.False(t, lockerline.Retryable(err))
	})
}

func TestWithOperationPath_TakesAnotherRoute(t *testing.T) {
	each(t, func(t *testing.T, k client, s *service, c api) {
		s.answers = append(s.answers, says(200, k.good))
		d := derive(t, k, c, lockerline.WithOperationPath(k.createName, k.createdElsewhere))
		_ = k.create(t.Context(), d)
		_ = k.create(t.Context(), c)
		last := k.createdElsewhere[strings.LastIndex(k.createdElsewhere, "/")+1:]
		if last == "{locker}" {
			last = "950"
		}
		assert.True(t, strings.HasSuffix(s.requests[0].URL.Path, "/v9/"+last), s.requests[0].URL.Path)
		assert.False(t, strings.Contains(s.requests[1].URL.Path, "/v9/"), "the parent keeps its route")
	})
}

func TestIdempotent_RepeatsAWriteWhoseAnswerWasLost(t *testing.T) {
	each(t, func(t *testing.T, k client, s *service, c api) {
		s.answers = append(s.answers, breaks, breaks, says(200, k.good))
		require.ErrorIs(t, k.create(t.Context(), c), lockerline.ErrOutcomeUnknown)
		assert.Equal(t, 1, s.sent())
		var meta lockerline.CallMeta
		require.NoError(t, k.create(t.Context(), c, lockerline.Idempotent(), lockerline.Meta(&meta)))
		assert.Equal(t, 3, s.sent())
		assert.Equal(t, 2, meta.Attempts)
	})
}

func TestMeta_IsFilledAlsoOnFailure(t *testing.T) {
	each(t, func(t *testing.T, k client, s *service, c api) {
		s.answers = append(s.answers, says(503, ""), says(200, k.good), says(404, "{}"), says(503, ""))
		m := lockerline.CallMeta{Operation: "stale", Attempts: 7}
		require.NoError(t, k.read(t.Context(), c, lockerline.Meta(&m), nil))
		assert.Positive(t, m.Duration)
		m.Duration = 0
		assert.Equal(t, lockerline.CallMeta{Operation: k.readName, StatusCode: 200, RequestID: "r-1", Attempts: 2}, m)
		require.ErrorIs(t, k.read(t.Context(), c, lockerline.Meta(&m)), lockerline.ErrNotFound)
		assert.Equal(t, 404, m.StatusCode)
		assert.Equal(t, 1, m.Attempts)
		require.Error(t, k.read(t.Context(), c, lockerline.NoRetry(), lockerline.Meta(&m)))
		assert.Equal(t, 1, m.Attempts)
	})
}

func TestArgumentError_IsReturnedBeforeAnythingIsSent(t *testing.T) {
	each(t, func(t *testing.T, k client, s *service, c api) {
		err := k.argument(t.Context(), c)
		bad, ok := errors.AsType[*lockerline.ArgumentError](err)
		require.True(t, ok, "%T", err)
		assert.Equal(t, k.service, bad.Service)
		assert.GreaterOrEqual(t, len(bad.Fields), 2, "all that is wrong is named")
		require.ErrorIs(t, err, lockerline.ErrInvalid)
		assert.False(t, lockerline.Retryable(err))
		for name, r := range map[string]lockerline.Request{
			"Method": {Method: "get", Path: "/x"}, "Path": {Path: "x"}, "Args": {Path: "/{x}"}, "Query": {Path: "/x", Query: 7}, "Body": {Path: "/x", Body: make(chan int)},
		} {
			err := c.Do(t.Context(), r, nil)
			require.ErrorIs(t, err, lockerline.ErrInvalid, name)
			assert.ErrorContains(t, err, name)
		}
		assert.Zero(t, s.sent())
	})
}

// What every answer is, to a read and to a write that is not safe to repeat.
func TestError_EveryAnswerIsWhatItSays(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status      int
		body        string
		read, write []string
		retryRead   bool
		retryWrite  bool
	}{
		{400, `{}`, []string{"invalid"}, []string{"invalid"}, false, false},
		{401, `{}`, []string{"unauthorized"}, []string{"unauthorized"}, false, false},
		{402, `{}`, []string{}, []string{}, false, false},
		{403, `{}`, []string{"forbidden"}, []string{"forbidden"}, false, false},
		{404, `{}`, []string{"not found"}, []string{"not found"}, false, false},
		{408, `{}`, []string{}, []string{"unknown"}, true, false},
		{409, `{}`, []string{"conflict", "refused"}, []string{"conflict", "refused"}, false, false},
		{410, `{}`, []string{"not found", "refused"}, []string{"not found", "refused"}, false, false},
		{418, `{}`, []string{}, []string{}, false, false},
		{422, `{}`, []string{"invalid"}, []string{"invalid"}, false, false},
		{429, `{}`, []string{"rate limited"}, []string{"rate limited"}, true, true},
		{500, `{}`, []string{"server"}, []string{"server", "unknown"}, true, false},
		{501, `{}`, []string{"server"}, []string{"server"}, false, false},
		{502, `<html>`, []string{"server"}, []string{"server", "unknown"}, true, false},
		{503, ``, []string{"server"}, []string{"server", "unknown"}, true, false},
		{504, `null`, []string{"server"}, []string{"server", "unknown"}, true, false},
		{505, `{}`, []string{"server"}, []string{"server", "unknown"}, false, false},
		{511, `{}`, []string{"server"}, []string{"server", "unknown"}, false, false},
		{522, `{}`, []string{"server"}, []string{"server", "unknown"}, true, false},
		{599, `{}`, []string{"server"}, []string{"server", "unknown"}, true, false},
		{200, `<html>`, []string{}, []string{"unknown"}, false, false},
		{302, ``, []string{}, []string{"unknown"}, false, false},
	} {
		t.Run(fmt.Sprint(tc.status), func(t *testing.T) {
			each(t, func(t *testing.T, k client, s *service, c api) {
				s.answers = append(s.answers, says(tc.status, tc.body))
				err := k.read(t.Context(), c)
				assert.Equal(t, tc.read, kindsOf(err))
				assert.Equal(t, tc.retryRead, lockerline.Retryable(err))
				e := requireError(t, err)
				assert.Equal(t, []any{k.service, k.readName, tc.status, "r-1"}, []any{e.Service, e.Op, e.StatusCode, e.RequestID})
				assert.Equal(t, tc.body, string(e.Body))
				tried := map[bool]int{true: lockerline.DefaultRetryPolicy().MaxAttempts, false: 1}
				assert.Equal(t, tried[tc.retryRead], e.Attempts)

				err = k.create(t.Context(), c)
				assert.Equal(t, tc.write, kindsOf(err))
				assert.Equal(t, tc.retryWrite, lockerline.Retryable(err))
				e = requireError(t, err)
				assert.Equal(t, tried[tc.retryWrite], e.Attempts)
				assert.Equal(t, lockerline.Retryable(err), lockerline.Retryable(fmt.Errorf("wrapped: %w", err)))
				assert.Equal(t, k.createPath, e.Path)
				assert.NotContains(t, err.Error(), "\n")
			})
		})
	}
}

func TestWithHooks_TellTheCallWithoutIdentifierOrSecret(t *testing.T) {
	each(t, func(t *testing.T, k client, s *service, parent api) {
		const private = "ANSWER-SECRET"
		s.answers = append(s.answers, says(502, private), says(503, private), says(200, k.good), says(404, private))
		var log bytes.Buffer
		var told []any
		c := derive(t, k, parent, lockerline.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
			lockerline.WithHooks(lockerline.Hooks{
				CallStart: func(ctx context.Context, e lockerline.CallEvent) context.Context { told = append(told, e); return ctx },
				CallEnd:   func(_ context.Context, e lockerline.CallEvent) { told = append(told, e) },
				Attempt:   func(_ context.Context, e lockerline.AttemptEvent) { told = append(told, e) },
				Retry:     func(_ context.Context, e lockerline.RetryEvent) { told = append(told, e) },
			}),
			lockerline.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					op, ok := lockerline.OperationFromContext(r.Context())
					assert.True(t, ok)
					assert.Equal(t, k.readName, op.Name)
					assert.Empty(t, r.Header.Get("Authorization"), "a middleware sees no credential")
					return next.RoundTrip(r)
				})
			}))
		require.NoError(t, k.read(t.Context(), c))
		assert.Len(t, told, 7, "a call, three attempts, two retries, its end")
		for _, e := range told {
			assert.Contains(t, fmt.Sprintf("%+v", e), "{Service:"+k.service+" ")
		}
		err := k.read(t.Context(), c)
		require.ErrorIs(t, err, lockerline.ErrNotFound)
		end := told[len(told)-1].(lockerline.CallEvent)
		assert.Same(t, requireError(t, err), requireError(t, end.Err), "a hook is told what the caller is told")
		for _, text := range []string{fmt.Sprintf("%+v", told), log.String()} {
			assert.Contains(t, text, k.readName)
			for _, never := range []string{secretKey, private, "https://", "sandbox", ".com"} {
				assert.NotContains(t, text, never)
			}
		}
		for _, r := range s.requests {
			assert.NotEmpty(t, r.Header.Get("Authorization"))
		}
	})
}

func TestOperationFromContext_NamesTheCallForAMiddleware(t *testing.T) {
	each(t, func(t *testing.T, k client, s *service, parent api) {
		s.answers = append(s.answers, says(200, k.good))
		var seen []lockerline.Operation
		c := derive(t, k, parent, lockerline.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				o, ok := lockerline.OperationFromContext(r.Context())
				assert.True(t, ok)
				seen = append(seen, o)
				return next.RoundTrip(r)
			})
		}))
		require.NoError(t, k.read(t.Context(), c))
		require.NoError(t, c.Do(t.Context(), lockerline.Request{Name: "own.call", Path: "/own"}, nil))
		require.Len(t, seen, 2)
		assert.Equal(t, k.readName, seen[0].Name)
		assert.NotEmpty(t, seen[0].Evidence)
		assert.Equal(t, "own.call", seen[1].Name)
		assert.True(t, seen[1].Idempotent, "a GET may be repeated")
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestClient_NoSecretIsPrinted(t *testing.T) {
	each(t, func(t *testing.T, k client, s *service, c api) {
		s.answers = append(s.answers, says(500, secretKey), says(200, `["`+secretKey+`"]`))
		require.NoError(t, c.Do(t.Context(), lockerline.Request{Path: "/own"}, nil, lockerline.Meta(nil)), "nothing is decoded")
		once := derive(t, k, c, lockerline.WithRetry(lockerline.RetryPolicy{MaxAttempts: 1, MinWait: 1, MaxWait: 1}))
		refused, unreadable := k.create(t.Context(), once), k.read(t.Context(), once)
		require.Error(t, unreadable)
		for name, v := range map[string]any{
			"client": c, "derived": once, "refused": refused, "unreadable": unreadable, "within": errors.Unwrap(unreadable), "list": []any{c, unreadable},
			"struct": struct{ V any }{unreadable}, "event": lockerline.CallEvent{Err: unreadable},
		} {
			var b bytes.Buffer
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
				fmt.Fprintf(&b, verb+"\n", v)
			}
			slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
			slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
			if j, err := json.Marshal(v); err == nil {
				b.Write(j)
			}
			for how, form := range map[string]string{
				"plain": secretKey, "hex": hex.EncodeToString([]byte(secretKey)), "bytes": strings.Trim(fmt.Sprint([]byte(secretKey)), "[]"),
			} {
				assert.NotContains(t, b.String(), form, "%s, %s", name, how)
			}
		}
	})
}
