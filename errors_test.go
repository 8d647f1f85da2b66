package lockerline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/alzabox"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/harbor"
)

// kinds are all that an error may be, for truth tables.
var kinds = map[string]error{
	"not found": lockerline.ErrNotFound, "unauthorized": lockerline.ErrUnauthorized, "forbidden": lockerline.ErrForbidden,
	"invalid": lockerline.ErrInvalid, "conflict": lockerline.ErrConflict, "rate limited": lockerline.ErrRateLimited, "server": lockerline.ErrServer,
	"refused": lockerline.ErrRefused, "unknown": lockerline.ErrOutcomeUnknown, "timeout": lockerline.ErrAttemptTimeout, "pending": lockerline.ErrPending,
	"closed": lockerline.ErrClosed, "none free": harbor.ErrNoLockerAvailable, "not confident": foxtrot.ErrLocationNotConfident,
	"duplicate": foxtrot.ErrDuplicate, "not configured": foxtrot.ErrNotConfigured, "no location": foxtrot.ErrNoLocation,
	"box full": alzabox.ErrBoxFull, "too large": alzabox.ErrTooLarge, "not stored": alzabox.ErrNotStored,
}

func kindsOf(err error) []string {
	is := []string{}
	for name, kind := range kinds {
		if errors.Is(err, kind) {
			is = append(is, name)
		}
	}
	slices.Sort(is)
	return is
}

// madeUp are errors that a program made, as a test of its own or a store does.
var madeUp = []struct {
	err       error
	is        []string
	retryable bool
}{
	{&lockerline.Error{StatusCode: 400}, []string{"invalid"}, false},
	{&lockerline.Error{StatusCode: 400, Detail: "locker is rented"}, []string{"invalid", "refused"}, false},
	{&lockerline.Error{StatusCode: 401}, []string{"unauthorized"}, false},
	{&lockerline.Error{StatusCode: 403, Detail: "account suspended"}, []string{"forbidden"}, false},
	{&lockerline.Error{StatusCode: 404}, []string{"not found"}, false},
	{&lockerline.Error{StatusCode: 404, Detail: "no such locker"}, []string{"not found", "refused"}, false},
	{&lockerline.Error{StatusCode: 408}, []string{}, true},
	{&lockerline.Error{StatusCode: 409}, []string{"conflict", "refused"}, false},
	{&lockerline.Error{StatusCode: 410}, []string{"not found", "refused"}, false},
	{&lockerline.Error{StatusCode: 422, Detail: "x", Fields: []lockerline.FieldError{{Field: "duration"}}}, []string{"invalid"}, false},
	{&lockerline.Error{StatusCode: 429}, []string{"rate limited"}, true},
	{&lockerline.Error{StatusCode: 500}, []string{"server"}, true},
	{&lockerline.Error{StatusCode: 501}, []string{"server"}, false},
	{&lockerline.Error{StatusCode: 505}, []string{"server"}, false},
	{&lockerline.Error{StatusCode: 511}, []string{"server"}, false},
	{&lockerline.Error{StatusCode: 522}, []string{"server"}, true},
	{&lockerline.Error{StatusCode: 503, MaybeApplied: true}, []string{"server", "unknown"}, false},
	{&lockerline.Error{MaybeApplied: true, Err: lockerline.ErrAttemptTimeout}, []string{"timeout", "unknown"}, false},
	{&lockerline.Error{Err: lockerline.ErrAttemptTimeout}, []string{"timeout"}, true},
	{&lockerline.Error{Err: lockerline.ErrClosed}, []string{"closed"}, false},
	{&lockerline.Error{StatusCode: 200, Err: lockerline.ErrPending}, []string{"pending"}, true},
	{&lockerline.Error{Err: context.Canceled}, []string{}, false},
	{&lockerline.Error{Err: io.ErrUnexpectedEOF}, []string{}, true},
	{&lockerline.Error{StatusCode: 200, Err: &lockerline.DecodeError{Reason: "not JSON"}}, []string{}, false},
	{&lockerline.Error{Err: &lockerline.AuthError{StatusCode: 400, Code: "invalid_client", Permanent: true}}, []string{"unauthorized"}, false},
	{&lockerline.Error{Err: &lockerline.AuthError{StatusCode: 503}}, []string{"server"}, true},
	{&lockerline.Error{Detail: "No locker available"}, []string{"none free"}, false},
	{&lockerline.Error{StatusCode: 404, Code: harbor.CodeNoLockerAvailable}, []string{"none free", "not found", "refused"}, false},
	{&lockerline.Error{StatusCode: 404, Code: foxtrot.CodeLocationNotConfident}, []string{"not confident"}, false},
	{&lockerline.Error{StatusCode: 400, Code: foxtrot.CodeRouteNotFound}, []string{"not found"}, false},
	{&lockerline.Error{StatusCode: 400, Code: foxtrot.CodeDuplicateRoute}, []string{"conflict", "duplicate"}, false},
	{&lockerline.Error{StatusCode: 400, Code: foxtrot.CodeUserNotConfigured}, []string{"not configured"}, false},
	{&lockerline.Error{StatusCode: 400, Code: foxtrot.Code(8123)}, []string{"invalid"}, false},
	{&lockerline.Error{StatusCode: 409, Code: alzabox.CodeBoxFull}, []string{"box full", "refused"}, false},
	{&lockerline.Error{StatusCode: 400, Code: alzabox.CodeTooLarge}, []string{"refused", "too large"}, false},
	{&lockerline.Error{StatusCode: 400, Code: alzabox.CodeConflict}, []string{"conflict"}, false},
	{&lockerline.Error{StatusCode: 404, Code: alzabox.Code("NEW")}, []string{"not found"}, false},
	{&lockerline.Error{Err: alzabox.ErrNotStored, StatusCode: 200}, []string{"not stored"}, false},
	{&lockerline.Error{Err: foxtrot.ErrNoLocation, StatusCode: 200}, []string{"no location"}, false},
	{&lockerline.ArgumentError{}, []string{"invalid"}, false},
	{io.EOF, []string{}, false},
	{nil, []string{}, false},
}

func TestError_IsFollowsFromTheFieldsAlone(t *testing.T) {
	t.Parallel()
	for _, tc := range madeUp {
		assert.Equal(t, tc.is, kindsOf(tc.err), "%v", tc.err)
		wrapped := fmt.Errorf("order 42: %w", tc.err)
		if tc.err != nil {
			assert.Equal(t, tc.is, kindsOf(wrapped), "%v", wrapped)
		}
	}
}

func TestError_EveryStatusIsWhatItSays(t *testing.T) {
	t.Parallel()
	want := map[int][]string{
		400: {"invalid"}, 401: {"unauthorized"}, 403: {"forbidden"}, 404: {"not found"}, 409: {"conflict", "refused"}, 410: {"not found", "refused"},
		412: {"refused"}, 422: {"invalid"}, 423: {"refused"}, 429: {"rate limited"},
	}
	for status := 100; status < 600; status++ {
		is := want[status]
		if is == nil {
			is = []string{}
		}
		if status >= 500 {
			is = []string{"server"}
		}
		assert.Equal(t, is, kindsOf(&lockerline.Error{StatusCode: status}), "%d", status)
	}
}

func TestRetryable_FollowsFromTheFieldsAlone(t *testing.T) {
	t.Parallel()
	for _, tc := range madeUp {
		assert.Equal(t, tc.retryable, lockerline.Retryable(tc.err), "%v", tc.err)
	}
	assert.False(t, lockerline.Retryable(&lockerline.Error{Err: fmt.Errorf("x: %w", http.ErrSchemeMismatch)}))
	assert.False(t, lockerline.Retryable(&lockerline.Error{Err: errors.Join(io.EOF, context.DeadlineExceeded)}))
}

func TestError_StoredAndRestoredMatchesAsBefore(t *testing.T) {
	t.Parallel()
	for _, tc := range madeUp {
		e, ok := tc.err.(*lockerline.Error)
		if !ok || e.Err != nil || e.Code != nil || e.Detail != "" {
			continue
		}
		raw, err := json.Marshal(e)
		require.NoError(t, err)
		var again lockerline.Error
		require.NoError(t, json.Unmarshal(raw, &again))
		assert.Equal(t, tc.is, kindsOf(&again), "%s", raw)
		assert.Equal(t, tc.retryable, lockerline.Retryable(&again), "%s", raw)
	}
	full := &lockerline.Error{
		Service: "harbor", Op: "lockers.reserve", Method: "POST", Path: "/x", StatusCode: 409, Code: foxtrot.Code(7), RequestID: "r-1",
		Attempts: 2, RetryAfter: time.Second, MaybeApplied: true, Detail: "SECRET", Body: []byte("SECRET"),
	}
	raw, err := json.Marshal(full)
	require.NoError(t, err)
	assert.NotContains(t, string(raw), "SECRET")
	var again lockerline.Error
	require.NoError(t, json.Unmarshal(raw, &again))
	assert.Equal(t, "7", again.Code.String())
	again.Code = full.Code
	full.Detail, full.Body = "", nil
	assert.Equal(t, *full, again)
}

func TestError_IsOneLineThatNamesTheOperation(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*lockerline.Error{
		"harbor: things.get: answered 404 not found":                                                 {StatusCode: 404, Attempts: 1},
		"harbor: things.get: answered 503 service unavailable after 4 attempts":                      {StatusCode: 503, Attempts: 4},
		"harbor: things.get: attempt timed out after 2 attempts":                                     {Attempts: 2, Err: lockerline.ErrAttemptTimeout},
		"harbor: things.get: unexpected EOF (last answer was 502) after 2 attempts":                  {StatusCode: 502, Attempts: 2, Err: io.ErrUnexpectedEOF},
		"harbor: things.get: a b (last answer was 200)":                                              {StatusCode: 200, Err: errors.New("a\nb")},
		"harbor: things.get: answered 599":                                                           {StatusCode: 599},
		"harbor: things.get: answered 429 too many requests; asked to wait 2s":                       {StatusCode: 429, RetryAfter: 2 * time.Second},
		"harbor: things.get: EOF; it may have been applied: look before asking again":                {Err: io.EOF, MaybeApplied: true},
		"harbor: things.get: failed with code 8123 (status 400)":                                     {StatusCode: 400, Code: foxtrot.Code(8123)},
		"harbor: things.get: the route does not exist (code 3003, status 400)":                       {StatusCode: 400, Code: foxtrot.CodeRouteNotFound},
		"harbor: things.get: not done yet (last answer was 202); ask again later":                    {StatusCode: 202, Err: lockerline.ErrPending},
		"harbor: things.get: no access token: the token endpoint answered 503 (last answer was 401)": {StatusCode: 401, Err: &lockerline.AuthError{StatusCode: 503}},
	} {
		e.Service, e.Op, e.Body, e.Detail = "harbor", "things.get", []byte("SECRET"), "SECRET"
		assert.Equal(t, want, e.Error())
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
			assert.Equal(t, want, fmt.Sprintf(verb, e), verb)
			assert.Equal(t, want, fmt.Sprintf(verb, *e), verb)
		}
		assert.Equal(t, fmt.Sprintf("%q", want), fmt.Sprintf("%q", e))
	}
}

func TestAuthError_AlwaysSaysSomething(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*lockerline.AuthError{
		"no access token: the token endpoint gave none":                                                    {},
		"no access token: the token endpoint gave none (invalid_scope)":                                    {Code: "invalid_scope"},
		"no access token: the token endpoint asks to wait":                                                 {StatusCode: 429},
		"no access token: the token endpoint answered 408":                                                 {StatusCode: 408},
		"no access token: the token endpoint answered 401: check client id, secret, scope and environment": {StatusCode: 401},
		"no access token: the token endpoint redirects, which is never followed: check the token URL":      {StatusCode: 302},
		"no access token: the token endpoint answered with an error (invalid_client)":                      {StatusCode: 200, Code: "invalid_client"},
		"no access token: EOF": {Err: io.EOF},
	} {
		e.Description = "SECRET"
		assert.Equal(t, want, e.Error())
		assert.Equal(t, want, fmt.Sprintf("%#v", e))
		raw, err := json.Marshal(e)
		require.NoError(t, err)
		assert.NotContains(t, string(raw), "SECRET")
	}
}

// Loggers write errors inside of slices and structs as well as alone.
func TestErrors_AreLoggedWithoutTheirSecrets(t *testing.T) {
	t.Parallel()
	e := &lockerline.Error{
		Service: "harbor", Op: "x.y", StatusCode: 500, Detail: "SECRET", Body: []byte("SECRET"), Fields: []lockerline.FieldError{{Message: "SECRET"}},
		Err: &lockerline.DecodeError{Reason: "not JSON", Snapshot: []byte("SECRET")},
	}
	auth := &lockerline.AuthError{StatusCode: 400, Description: "SECRET"}
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		var b bytes.Buffer
		l := slog.New(handler(&b))
		l.Info("x", "err", e, "auth", auth, "decode", e.Err)
		l.Info("x", "errs", []any{e, *e, auth, *auth, e.Err}, "held", struct{ Err lockerline.Error }{*e}, "pointer", struct{ Err *lockerline.Error }{e})
		assert.NotContains(t, b.String(), "SECRET", name)
		assert.NotContains(t, b.String(), "U0VDUkVU", "%s: bytes in base64", name)
		assert.Contains(t, b.String(), "x.y", name)
	}
}

func TestArgumentError_NamesEveryField(t *testing.T) {
	t.Parallel()
	e := &lockerline.ArgumentError{Service: "harbor", Op: "lockers.reserve", Fields: []lockerline.FieldError{
		{Field: "TowerID", Message: "must be 16 hexadecimal digits"}, {Field: "Duration", Message: "must be\nwhole seconds"},
	}}
	assert.Equal(t, "harbor: lockers.reserve: TowerID must be 16 hexadecimal digits; Duration must be whole seconds", e.Error())
	assert.Equal(t, "x", (&lockerline.ArgumentError{Fields: []lockerline.FieldError{{Message: "x"}}}).Error())
}

func TestOperationFromContext_IsFalseOutsideACall(t *testing.T) {
	t.Parallel()
	_, ok := lockerline.OperationFromContext(t.Context())
	assert.False(t, ok)
	_, ok = lockerline.OperationFromContext(context.WithValue(t.Context(), (*lockerline.Operation)(nil), (*lockerline.Operation)(nil)))
	assert.False(t, ok)
}
