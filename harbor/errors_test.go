package harbor_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// kinds are all that an error may be, for truth tables.
var kinds = map[string]error{
	"not found": lockerline.ErrNotFound, "unauthorized": lockerline.ErrUnauthorized, "forbidden": lockerline.ErrForbidden, "invalid": lockerline.ErrInvalid,
	"conflict": lockerline.ErrConflict, "rate limited": lockerline.ErrRateLimited, "server": lockerline.ErrServer, "none free": harbor.ErrNoLockerAvailable,
	"unknown": lockerline.ErrOutcomeUnknown, "timeout": lockerline.ErrAttemptTimeout, "closed": lockerline.ErrClosed,
	"canceled": context.Canceled, "deadline": context.DeadlineExceeded,
}

func kindsOf(err error) string {
	var is []string
	for name, kind := range kinds {
		if errors.Is(err, kind) {
			is = append(is, name)
		}
	}
	slices.Sort(is)
	return strings.Join(is, ", ")
}

func TestError_KindsFollowFromStatusAndDetail(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status     int
		body       string
		read       string // what it is to a read
		write      string // and to a write
		retryRead  bool
		retryWrite bool
	}{
		{400, `{}`, "invalid", "invalid", false, false},
		{401, `{}`, "unauthorized", "unauthorized", false, false},
		{402, `{}`, "", "", false, false},
		{403, `{}`, "forbidden", "forbidden", false, false},
		{404, `{}`, "not found", "not found", false, false},
		{408, `{}`, "", "unknown", true, false},
		{409, `{}`, "conflict", "conflict", false, false},
		{410, `{}`, "not found", "not found", false, false},
		{418, `{}`, "", "", false, false},
		{422, `{}`, "invalid", "invalid", false, false},
		{429, `{}`, "rate limited", "rate limited", true, true},
		{500, `{}`, "server", "server, unknown", true, false},
		{501, `{}`, "server", "server", false, false},
		{502, `<html>`, "server", "server, unknown", true, false},
		{503, ``, "server", "server, unknown", true, false},
		{504, `null`, "server", "server, unknown", true, false},
		{599, `{}`, "server", "server, unknown", true, false},
		{200, `<html>`, "", "unknown", false, false},
		{400, `{"detail":"No locker available"}`, "invalid, none free", "invalid, none free", false, false},
		{404, `{"detail":"no locker available at this location"}`, "none free, not found", "none free, not found", false, false},
		{409, `{"detail":[{"loc":["body"],"msg":"No locker available"}]}`, "conflict, none free", "conflict, none free", false, false},
		{500, `{"detail":{"msg":"NO LOCKER AVAILABLE"}}`, "none free, server", "none free, server, unknown", true, false},
		{200, `{"detail":"No locker available"}`, "none free", "none free, unknown", false, false},
	} {
		t.Run(fmt.Sprint(tc.status, tc.body), func(t *testing.T) {
			t.Parallel()
			m := newMock(t)
			m.answer(tc.status, tc.body)
			c := m.client(t)
			_, err := c.Lockers.Assigned(t.Context())
			assert.Equal(t, tc.read, kindsOf(err))
			assert.Equal(t, tc.retryRead, lockerline.Retryable(err))
			_, err = c.Links.Dropoff(t.Context(), harbor.DropoffLinkRequest{Location: 1, Type: 1})
			assert.Equal(t, tc.write, kindsOf(err))
			assert.Equal(t, tc.retryWrite, lockerline.Retryable(err))
			assert.Equal(t, strings.Contains(tc.write, "unknown"), requireAs[*lockerline.Error](t, err).MaybeApplied)
			assert.Equal(t, lockerline.Retryable(err), lockerline.Retryable(fmt.Errorf("wrapped: %w", err)))
		})
	}
}

func TestError_DetailIsReadInEveryForm(t *testing.T) {
	t.Parallel()
	f := func(field, message, kind string) lockerline.FieldError {
		return lockerline.FieldError{Field: field, Message: message, Type: kind}
	}
	for body, want := range map[string]struct {
		detail string
		fields []lockerline.FieldError
	}{
		`{"detail":"Locker not found"}`: {"Locker not found", nil},
		`{"detail":[{"loc":["body","duration"],"msg":"too short","type":"value_error"}]}`: {"body.duration: too short", []lockerline.FieldError{f("body.duration", "too short", "value_error")}},
		`{"detail":[{"loc":["body",0,"x",12345678],"msg":"bad"},{"msg":"worse"}]}`:        {"body.0.x.12345678: bad; worse", []lockerline.FieldError{f("body.0.x.12345678", "bad", ""), f("", "worse", "")}},
		`{"detail":[{"loc":"body","msg":5,"type":null}]}`:                                 {"body: 5", []lockerline.FieldError{f("body", "5", "")}},

		`{"detail":["one","two"]}`:                                             {"one; two", []lockerline.FieldError{f("", "one", ""), f("", "two", "")}},
		`{"detail":[null,[],{}]}`:                                              {"", nil},
		`{"detail":{"msg":"in an object"}}`:                                    {"in an object", nil},
		`{"detail":{"code":7,"message":"in an object"}}`:                       {"in an object", nil},
		`{"detail":{"msg":7,"error":"in an object"}}`:                          {"in an object", nil},
		`{"error":"invalid_client","error_description":"Invalid credentials"}`: {"Invalid credentials", nil},
		`{"error":"NO_LOCKERS","message":"none left"}`:                         {"none left", nil},
		`{"error":{"a":1}}`:                                                    {"", nil},
		`{"detail":null}`:                                                      {"", nil},
		`{"detail":"two\nlines"}`:                                              {"two lines", nil},
		`{"detail":""}`:                                                        {"", nil},
		`<html>No locker</html>`:                                               {"", nil},
		`[1]`:                                                                  {"", nil},
		``:                                                                     {"", nil},
		`{"detail":"` + strings.Repeat("é", 400) + `"}`:                        {strings.Repeat("é", 300), nil},
	} {
		m := newMock(t)
		m.answer(422, body)
		_, err := m.client(t).Lockers.Assigned(t.Context())
		e := requireAs[*lockerline.Error](t, err)
		assert.Equal(t, want.detail, e.Detail, body)
		assert.Equal(t, want.fields, e.Fields, body)
	}
}

func TestAuthError_KeepsWhatTheTokenEndpointSaid(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status    int
		body      string
		code      string
		is        string
		permanent bool
		requests  int
	}{
		{401, `{"error":"unauthorized_client","error_description":"Invalid client secret"}`, "unauthorized_client", "unauthorized", true, 1},
		{400, `{"error":"invalid_client"}`, "invalid_client", "unauthorized", true, 1},
		{400, `{"error":"invalid_scope"}`, "invalid_scope", "unauthorized", true, 1},
		{403, `<html>`, "", "forbidden", true, 1},
		{404, `{"error":"Realm does not exist"}`, "", "not found", true, 1},
		{429, `{}`, "", "rate limited", false, 2},
		{500, `{}`, "", "server", false, 2},
		{503, `<html>down</html>`, "", "server", false, 2},
		{200, `<html>log in</html>`, "", "", true, 1},
		{200, `{}`, "", "", true, 1},
		{302, ``, "", "", true, 1},
	} {
		t.Run(fmt.Sprint(tc.status, tc.body), func(t *testing.T) {
			t.Parallel()
			m := newMock(t)
			m.answer(200, "[]")
			sent := 0
			m.RegisterResponder("POST", harbor.Sandbox.TokenURL, func(*http.Request) (*http.Response, error) {
				sent++
				return httpmock.NewStringResponse(tc.status, tc.body), nil
			})
			c := m.client(t)
			_, err := c.Lockers.Reserve(t.Context(), docRef, time.Minute)
			a := requireAs[*lockerline.AuthError](t, err)
			assert.Equal(t, tc.status, a.StatusCode)
			assert.Equal(t, tc.code, a.Code)
			assert.Equal(t, tc.permanent, a.Permanent)
			assert.Equal(t, tc.is, kindsOf(err))
			assert.Equal(t, !tc.permanent, lockerline.Retryable(err))
			e := requireAs[*lockerline.Error](t, err)
			assert.Equal(t, "lockers.reserve", e.Op)
			assert.False(t, e.MaybeApplied, "nothing was sent")
			assert.Zero(t, e.StatusCode, "that is not the API's")
			assert.NotContains(t, err.Error(), "\n")
			assert.NotContains(t, err.Error(), testSecret)
			assert.Empty(t, m.requests)
			_, again := c.Token(t.Context(), harbor.ScopeServiceProvider)
			assert.Equal(t, tc.is, kindsOf(again))
			assert.Equal(t, tc.requests, sent, "a failure is remembered")
		})
	}
}

func TestError_CancellationIsNotAServerError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.srv.Fail("lockers.assigned", lockerlinetest.Latency(time.Hour).Times(-1))
		w.srv.Fail("lockers.reserve", lockerlinetest.Latency(time.Hour).Times(-1))
		why := errors.New("the customer left")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, why)
		defer cancel()
		_, err := w.c.Lockers.Assigned(ctx)
		assert.Equal(t, "deadline", kindsOf(err))
		assert.ErrorIs(t, err, why)
		assert.False(t, lockerline.Retryable(err))
		_, err = w.c.Lockers.Reserve(ctx, free, time.Minute)
		assert.Equal(t, "deadline", kindsOf(err), "nothing was sent")
		ctx, cancel2 := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel2)
		_, err = w.c.Lockers.Reserve(ctx, free, time.Minute)
		assert.Equal(t, "canceled, unknown", kindsOf(err), "it may have arrived")

		_, err = w.c.Lockers.Assigned(t.Context())
		assert.Equal(t, "timeout", kindsOf(err), "an attempt's end is not the caller's")
		assert.True(t, lockerline.Retryable(err))
		_, err = w.c.Lockers.Reserve(t.Context(), free, time.Minute)
		assert.Equal(t, "timeout, unknown", kindsOf(err))
		assert.False(t, lockerline.Retryable(err))
		require.Equal(t, 1, requireAs[*lockerline.Error](t, err).Attempts)
	})
}

func TestRetryable_OnlyErrorsOfCalls(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		nil, errors.New("x"), lockerline.ErrServer, context.Canceled, &lockerline.ArgumentError{Op: "x"}, harbor.ErrUnreachable,
		&harbor.WaitError{Err: harbor.ErrUnreachable}, &lockerline.AuthError{}, harbor.ErrListStuck,
	} {
		assert.False(t, lockerline.Retryable(err), "%v", err)
	}
}
