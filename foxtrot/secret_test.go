package foxtrot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"testing"

	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// prints is everything by which a program may come to print a value.
func prints(v any) string {
	var b bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		fmt.Fprintf(&b, verb+"\n", v)
	}
	fmt.Fprintln(&b, v)
	if j, err := json.Marshal(v); err == nil {
		b.Write(j)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(h).Info("x", "v", v)
	}
	return b.String()
}

func TestNoSecretIsEverPrinted(t *testing.T) {
	t.Parallel()
	const token = "login-SECRET-77"
	body := `{"status":"success","data":{"driver":{"id":"d1","name":"Ana","login_token":"` + token + `"}}}`
	var log bytes.Buffer
	c := over(t, answer(200, body), foxtrot.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	driver, err := c.Drivers.Get(t.Context(), "dc", "d1")
	require.NoError(t, err)
	require.Equal(t, token, driver.LoginToken.Reveal())
	derived, err := c.With(foxtrot.WithConcurrency(2))
	require.NoError(t, err)
	_, refused := over(t, answer(401, `{"data":{"message":"`+testKey+`"}}`)).DCs.List(t.Context())
	_, unreadable := over(t, answer(200, `{"data":{"driver":{"id":"d1","login_token":["`+token+`"]}}}`)).Drivers.Get(t.Context(), "dc", "d")
	_, number := over(t, answer(200, `{"data":{"driver":{"id":{"x":1},"login_token":"`+token+`"}}}`)).Drivers.Get(t.Context(), "dc", "d")
	require.Error(t, refused)
	require.Error(t, unreadable)
	require.Error(t, number)
	type holder struct {
		inner   foxtrot.Secret
		driver  foxtrot.Driver
		pointer *foxtrot.Driver
		client  *foxtrot.Client
		value   foxtrot.Client
	}
	values := map[string]any{
		"client": c, "client by value": *c, "derived": derived, "services": []any{c.Customers, *c.Customers, c.DCs, c.Routes, c.Drivers, *c.Drivers, c.Webhooks},
		"driver": *driver, "pointer": driver, "secret": driver.LoginToken, "drivers": []foxtrot.Driver{*driver},
		"map": map[string]any{"d": *driver}, "unexported members": holder{driver.LoginToken, *driver, driver, c, *c},
		"pointer to unexported members": &holder{driver.LoginToken, *driver, driver, c, *c},
		"refused":                       refused, "unreadable": unreadable, "number": number,
	}
	for err := range everyError(unreadable) {
		values["within "+reflect.TypeOf(err).String()] = err
	}
	for name, v := range values {
		text := prints(v)
		if name == "refused" { // Detail is Foxtrot's own words, which the caller asked for by name
			text = fmt.Sprintf("%v %+v %#v", v, v, v)
		}
		for _, secret := range []string{testKey, token, fmt.Sprintf("%x", testKey), fmt.Sprintf("%x", token), fmt.Sprintf("%X", token)} {
			assert.NotContains(t, text, secret, name)
		}
	}
	assert.NotContains(t, log.String(), token)
	assert.NotContains(t, log.String(), testKey)
}

// everyError walks a chain of errors.
func everyError(err error) func(func(error) bool) {
	return func(yield func(error) bool) {
		todo := []error{err}
		for len(todo) > 0 {
			e := todo[0]
			if todo = todo[1:]; e == nil || !yield(e) {
				continue
			}
			if many, ok := e.(interface{ Unwrap() []error }); ok {
				todo = append(todo, many.Unwrap()...)
			} else {
				todo = append(todo, errors.Unwrap(e))
			}
		}
	}
}

// No walk through a client by reflection comes by the key either.
func TestKeyIsOutOfReachOfReflection(t *testing.T) {
	t.Parallel()
	c := over(t, answer(200, `{"dcs":[]}`))
	_, err := c.DCs.List(t.Context())
	require.NoError(t, err)
	seen := map[uintptr]bool{}
	found := 0
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			if bytes.Contains([]byte(v.String()), []byte(testKey)) {
				found++
			}
		case reflect.Pointer, reflect.Interface:
			if v.IsNil() || v.Kind() == reflect.Pointer && seen[v.Pointer()] {
				return
			}
			if v.Kind() == reflect.Pointer {
				seen[v.Pointer()] = true
			}
			walk(v.Elem())
		case reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i))
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				walk(v.MapIndex(k))
			}
		}
	}
	walk(reflect.ValueOf(c))
	assert.Zero(t, found)
	walk(reflect.ValueOf(struct{ a *[]string }{&[]string{"Bearer " + testKey}}))
	assert.Equal(t, 1, found, "the walk finds what is there")
}

func TestHooksAndLogsHoldNoIdentifierAndNoSecret(t *testing.T) {
	t.Parallel()
	srv := newServer(t, foxtrottest.WithAPIKey(testKey))
	srv.Fail("customers.get", foxtrottest.HTML(502), foxtrottest.Empty(503))
	var log bytes.Buffer
	var said []any
	c := clientOf(t, srv, foxtrot.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		foxtrot.WithHooks(foxtrot.Hooks{
			CallStart: func(ctx context.Context, e foxtrot.CallEvent) context.Context { said = append(said, e); return ctx },
			CallEnd:   func(_ context.Context, e foxtrot.CallEvent) { said = append(said, e) },
			Attempt:   func(_ context.Context, e foxtrot.AttemptEvent) { said = append(said, e) },
			Retry:     func(_ context.Context, e foxtrot.RetryEvent) { said = append(said, e) },
		}),
		foxtrot.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				op, ok := foxtrot.OperationFromContext(r.Context())
				assert.True(t, ok)
				assert.Equal(t, "customers.get", op.Name)
				return next.RoundTrip(r)
			})
		}))
	_, err := c.Customers.Get(t.Context(), demo, "c-1001")
	require.NoError(t, err)
	assert.Len(t, said, 7, "a call, three attempts, two retries, its end")
	text := fmt.Sprintf("%+v", said) + log.String()
	for _, secret := range []string{testKey, "c-1001", string(demo), srv.URL, "127.0.0.1"} {
		assert.NotContains(t, text, secret)
	}
	assert.Contains(t, text, "customers.get")

	_, err = c.Customers.Get(t.Context(), demo, "nobody")
	require.Error(t, err)
	end := said[len(said)-1].(foxtrot.CallEvent)
	assert.Equal(t, err.Error(), end.Err.Error(), "a hook is told what the caller is told")
	assert.ErrorIs(t, end.Err, foxtrot.ErrNotFound)
}
