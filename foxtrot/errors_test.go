package foxtrot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func getCustomer(t *testing.T, status int, body string) *lockerline.Error {
	t.Helper()
	_, err := over(t, answer(status, body), lockerline.WithRetry(lockerline.RetryPolicy{MaxAttempts: 1, MinWait: 1, MaxWait: 1})).Customers.Get(t.Context(), "dc", "c")
	var e *lockerline.Error
	require.ErrorAs(t, err, &e, body)
	return e
}

func TestError_KindFollowsFromStatusAndCode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status int
		code   foxtrot.Code
		is     []error
		not    []error
		retry  bool
	}{
		{400, 0, []error{lockerline.ErrInvalid}, []error{lockerline.ErrNotFound}, false},
		{401, 0, []error{lockerline.ErrUnauthorized}, nil, false},
		{403, 7001, []error{lockerline.ErrForbidden, foxtrot.ErrLocationNotConfident}, nil, false},
		{404, 0, []error{lockerline.ErrNotFound}, nil, false},
		{400, 3003, []error{lockerline.ErrNotFound}, []error{lockerline.ErrInvalid}, false},
		{404, 7001, []error{foxtrot.ErrLocationNotConfident}, []error{lockerline.ErrNotFound}, false},
		{409, 0, []error{lockerline.ErrConflict}, nil, false},
		{410, 0, []error{lockerline.ErrNotFound}, nil, false},
		{418, 0, nil, []error{lockerline.ErrInvalid, lockerline.ErrServer}, false},
		{422, 3000, []error{lockerline.ErrInvalid}, nil, false},
		{429, 0, []error{lockerline.ErrRateLimited}, nil, true},
		{408, 0, nil, nil, true},
		{500, 1000, []error{lockerline.ErrServer}, nil, true},
		{500, 7001, []error{lockerline.ErrServer, foxtrot.ErrLocationNotConfident}, nil, true},
		{501, 0, []error{lockerline.ErrServer}, nil, false},
		{200, 3003, []error{lockerline.ErrNotFound}, nil, false},
		{200, 1000, []error{lockerline.ErrServer}, nil, false},
	} {
		body := `{"status":"error","data":{}}`
		if tc.code != 0 {
			body = fmt.Sprintf(`{"status":"error","data":{"code":%d}}`, tc.code)
		}
		e := getCustomer(t, tc.status, body)
		for _, want := range tc.is {
			assert.ErrorIs(t, e, want, "%d with %d", tc.status, tc.code)
		}
		for _, no := range tc.not {
			assert.NotErrorIs(t, e, no, "%d with %d", tc.status, tc.code)
		}
		assert.Equal(t, tc.retry, lockerline.Retryable(e), "%d with %d", tc.status, tc.code)
		assert.Equal(t, tc.status, e.StatusCode)
	}
}

func TestError_PrintsNothingOfTheAnswer(t *testing.T) {
	t.Parallel()
	body := `{"data":{"code":3000,"message":"route r-77 of Ana\nis bad","errors":[{"message":"stop w-9"},{"other":1},"as text",{"message":""}]},"status":"error"}`
	e := getCustomer(t, 400, body)
	assert.Equal(t, "customers.get", e.Op)
	assert.Equal(t, "GET", e.Method)
	assert.Equal(t, "/dcs/{dc}/customers/{customer}", e.Path)
	assert.Equal(t, "route r-77 of Ana is bad", e.Detail)
	assert.Equal(t, []lockerline.FieldError{{Message: "stop w-9"}, {Message: "as text"}}, e.Fields)
	assert.Equal(t, body, string(e.Body))
	assert.Equal(t, "foxtrot: customers.get: the route has problems (code 3000, status 400)", e.Error())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		assert.NotContains(t, fmt.Sprintf(verb, e), "r-77", verb)
	}
	long := getCustomer(t, 400, `{"data":{"message":"`+strings.Repeat("ä", 1000)+`"}}`)
	assert.Equal(t, 300, len([]rune(long.Detail)))
	assert.Equal(t, "top", getCustomer(t, 400, `{"message":"top","code":"3003"}`).Detail)
	assert.Equal(t, foxtrot.CodeRouteNotFound, getCustomer(t, 400, `{"message":"top","code":"3003"}`).Code)
}

func TestDecodeError_SaysWhatIsWrongWithAnAnswer(t *testing.T) {
	t.Parallel()
	for body, reason := range map[string]string{
		``: "empty", `null`: "empty", `<html></html>`: "HTML", `{"status":"success","data":{"customer":{"id":"c`: "cut off",
		`{"status":"success","data":{}}`: "no customer", `{"status":"success","data":null}`: "no customer", `{}`: "no customer",
		`{"status":"success","data":{"customer":null}}`: "no customer", `{"status":"success","data":{"customer":{}}}`: "without an id",
		`{"status":"success","data":{"customer":"Ana"}}`:                                                         "customer",
		`{"status":"success","data":{"customer":{"id":"c","inferred_location":"north"}}}`:                        "customer",
		`{"status":"success","data":{"customer":{"id":"c","imported_location":{"latitude":"N","longitude":1}}}}`: "float64",
		`[1]`: "array", `"hello"`: "string", `7`: "number", `{"hello":"Ana"}`: "no customer", `{"status":"success","data":"Ana"}`: "string",
		`{"status":7,"data":{"customer":{"id":"c"}}}`: "",
	} {
		e := getCustomer(t, 200, body)
		assert.Equal(t, 200, e.StatusCode, body)
		assert.Equal(t, body, string(e.Body), body)
		assert.NotContains(t, e.Error(), "Ana", body)
		assert.False(t, lockerline.Retryable(e), body)
		var bad *lockerline.DecodeError
		if reason == "" {
			assert.False(t, errors.As(e, &bad), body)
			continue
		}
		require.ErrorAs(t, e, &bad, body)
		assert.Contains(t, bad.Reason, reason, body)
		assert.Equal(t, -1, strings.Index(bad.Error(), "\n"))
	}
	for body, reason := range map[string]string{
		`{"waypoints":{}}`: "list", `{"waypoints":"none"}`: "list", `{"waypoints":[null]}`: "null", `{"waypoints":[7]}`: "waypoints",
		`{"waypoints":[{"completed_timestamp":"soon"}]}`: "time.Time", `{"other":[]}`: "no waypoints", `{"status":"success","data":"x"}`: "string",
	} {
		_, err := over(t, answer(200, body)).Customers.Waypoints(t.Context(), "dc", "c")
		var bad *lockerline.DecodeError
		require.ErrorAs(t, err, &bad, body)
		assert.Contains(t, bad.Reason, reason, body)
	}
	_, err := over(t, answer(200, `{"status":"success","data":{}}`)).DCs.List(t.Context())
	require.ErrorContains(t, err, "no dcs", "an empty list must not stand for an answer that was not understood")
}

func TestError_CancellationIsTheCallersOwn(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.Fail("dcs.list", lockerlinetest.Status(503).Times(5))
	why := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(t.Context())
	c := clientOf(t, srv, lockerline.WithRetry(lockerline.RetryPolicy{MaxAttempts: 5, MinWait: time.Hour, MaxWait: time.Hour}), lockerline.WithHooks(lockerline.Hooks{
		Retry: func(context.Context, lockerline.RetryEvent) { cancel(why) },
	}))
	_, err := c.DCs.List(ctx)
	var e *lockerline.Error
	require.ErrorAs(t, err, &e)
	assert.ErrorIs(t, err, context.Canceled)
	assert.ErrorIs(t, err, why)
	assert.Equal(t, 503, e.StatusCode, "the last answer survives")
	assert.NotEmpty(t, e.Body)
	assert.False(t, lockerline.Retryable(err))
	assert.NotErrorIs(t, err, lockerline.ErrAttemptTimeout)

	srv.Fail("customers.get", lockerlinetest.Latency(time.Minute))
	_, err = clientOf(t, srv, lockerline.WithAttemptTimeout(20*time.Millisecond)).Customers.Get(t.Context(), demo, "c-1001", lockerline.NoRetry())
	assert.ErrorIs(t, err, lockerline.ErrAttemptTimeout)
	assert.NotErrorIs(t, err, context.DeadlineExceeded)
	assert.True(t, lockerline.Retryable(err))
}

func TestError_ProblemsAreBounded(t *testing.T) {
	t.Parallel()
	e := getCustomer(t, 400, `{"data":{"code":3000,"errors":[`+strings.Repeat(`{"message":"m"},`, 999)+`{"message":"m"}]}}`)
	assert.Len(t, e.Fields, 100)
	assert.Equal(t, foxtrot.CodeRouteInvalid, e.Code)
}

func TestError_IsLoggedByItsFields(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.Fail("dcs.list", lockerlinetest.RateLimited(time.Hour))
	_, err := clientOf(t, srv).DCs.List(t.Context())
	require.Error(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "err", err)
	for _, want := range []string{
		"err.op=dcs.list", "err.status=429", "err.attempts=1", "err.maybe_applied=false", "err.request_id=req-000001", "err.retry_after=1h0m0s",
		"asked to wait 1h0m0s",
	} {
		assert.Contains(t, log.String(), want)
	}
}
