package foxtrot_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/foxtrot"
	"github.com/lockerline/lockerline-go/foxtrot/foxtrottest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// prints returns all that fmt, encoding/json and log/slog print of a value.
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

func TestSecret_IsNeverPrinted(t *testing.T) {
	t.Parallel()
	const token = "login-SECRET-77"
	body := `{"status":"success","data":{"driver":{"id":"d1","name":"Ana","login_token":"` + token + `"}}}`
	var log bytes.Buffer
	c := over(t, answer(200, body), lockerline.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
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
		inner   lockerline.Secret
		driver  foxtrot.Driver
		pointer *foxtrot.Driver
		client  *foxtrot.Client
		value   foxtrot.Client
	}
	values := map[string]any{
		"client": c, "client by value": *c, "derived": derived, "services": []any{c.Customers, *c.Customers, c.DCs, c.Routes, c.Drivers, *c.Drivers, c.Webhooks},
		"driver": *driver, "pointer": driver, "secret": driver.LoginToken, "made": lockerline.NewSecret(token), "drivers": []foxtrot.Driver{*driver},
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

// A walk through a client by reflection does not find the key.
func TestClient_KeyIsOutOfReachOfReflection(t *testing.T) {
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

func TestClient_RedirectNeverCarriesTheKey(t *testing.T) {
	t.Parallel()
	var elsewhere []string
	other := foxtrottest.NewServer(t)
	srv := newServer(t)
	c := clientOf(t, srv, lockerline.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			elsewhere = append(elsewhere, r.URL.Host)
			assert.Empty(t, r.Header.Get("Authorization"), "a middleware sees no key")
			return next.RoundTrip(r)
		})
	}))
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{other.URL + "/dcs", "//files.example/x.csv", "https://files.example/x.csv"} {
			srv.Fail("dcs.list", lockerlinetest.Answer(status, "", "").WithHeader("Location", to))
			_, err := c.DCs.List(t.Context())
			var e *lockerline.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, status, e.StatusCode)
			assert.Contains(t, e.Error(), "dcs.list")
			assert.NotContains(t, e.Error(), "files.example")
			assert.False(t, lockerline.Retryable(err))
		}
	}
	assert.Empty(t, other.Requests())
	for _, host := range elsewhere {
		assert.Contains(t, srv.URL, host)
	}
}
