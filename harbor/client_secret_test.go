package harbor_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
)

// Words that must not be seen, however a value is printed.
const (
	secretToken   = "access-token-0f1e2d"
	secretPayload = "0b0101f3c4d5"
	secretAnswer  = "SECRET-IN-AN-ANSWER"
	secretLink    = "https://lockeropen.com/dropoff?token=eyJz"
)

// printed is everything a value can be turned into by accident.
func printed(v any) map[string]string {
	out := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		out[verb] = fmt.Sprintf(verb, v)
		out["in a struct "+verb] = fmt.Sprintf(verb, struct{ V any }{v})
		out["in a slice "+verb] = fmt.Sprintf(verb, []any{v})
	}
	var text, js bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&js, nil)).Info("m", "v", v, slog.Any("err", v))
	out["slog text"], out["slog json"] = text.String(), js.String()
	return out
}

func assertSecret(t *testing.T, what string, texts map[string]string) {
	t.Helper()
	for how, text := range texts {
		for _, word := range []string{testSecret, secretToken, secretPayload, secretAnswer, secretLink} {
			for name, form := range map[string]string{
				"plain": word, "hex": hex.EncodeToString([]byte(word)), "bytes": strings.Trim(fmt.Sprint([]byte(word)), "[]"),
				"go": strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(word)), "[]byte{"), "}"),
			} {
				assert.NotContains(t, text, form, "%s, %s, %s", what, how, name)
			}
		}
	}
}

// leaky has a value of every exported type that can come near a secret, filled with them.
func leaky(t *testing.T) map[string]any {
	m := newMock(t)
	m.RegisterResponder("POST", harbor.Sandbox.TokenURL, httpmock.NewStringResponder(200, `{"access_token":"`+secretToken+`","expires_in":300,"token_type":"Bearer"}`))
	m.answer(500, `{"detail":"`+secretAnswer+`"}`)
	c := m.client(t, lockerline.WithRetry(lockerline.RetryPolicy{MaxAttempts: 1, MinWait: 1, MaxWait: 1}))
	values := map[string]any{"Client": c, "Client by value": *c, "Credentials": testCreds, "*Credentials": &testCreds}
	_, values["Error"] = c.Lockers.Reserve(t.Context(), docRef, time.Minute)
	m.answer(200, `["`+secretAnswer+`"]`)
	_, values["Error of decoding"] = c.Lockers.Assigned(t.Context())
	values["DecodeError"] = requireAs[*lockerline.DecodeError](t, values["Error of decoding"].(error))
	m.RegisterResponder("POST", harbor.Sandbox.TokenURL, httpmock.NewStringResponder(401, `{"error":"unauthorized_client","error_description":"`+secretAnswer+`"}`))
	d := m.client(t)
	_, err := d.Lockers.Assigned(t.Context())
	values["Error of the token endpoint"] = err
	values["AuthError"] = requireAs[*lockerline.AuthError](t, err)
	values["WaitError"] = &harbor.WaitError{Ref: docRef, Err: values["Error of decoding"].(error), Missed: err}
	values["LockerToken"] = harbor.LockerToken{Tower: towerID, Payload: secretPayload, PayloadAuth: secretPayload, Expires: "soon"}
	values["WebhookEvent"] = harbor.WebhookEvent{Locker: harbor.LockerRef{Tower: towerID, Locker: 1}, KeypadCode: secretPayload, Payload: []byte(secretPayload)}
	values["*LockerToken"] = new(values["LockerToken"].(harbor.LockerToken))
	values["Link"] = harbor.Link{ID: 1, LinkToken: secretLink, Raw: json.RawMessage(`{"linkToken":"` + secretLink + `"}`)}
	values["*Link"] = new(values["Link"].(harbor.Link))
	values["Watcher"] = harbor.NewWatcher(c, harbor.WatcherConfig{})
	values["TokenSource"] = c.TokenSource(t.Context(), harbor.ScopeTowerAccess)
	values["Secret"] = lockerline.NewSecret(secretPayload)
	values["CallEvent"] = lockerline.CallEvent{Operation: "lockers.assigned", Err: err}
	values["AttemptEvent"] = lockerline.AttemptEvent{Err: values["Error"].(error)}
	values["RetryEvent"] = lockerline.RetryEvent{Err: values["DecodeError"].(error)}
	service := reflect.ValueOf(c).Elem()
	for i := range service.NumField() {
		if f := service.Type().Field(i); f.IsExported() {
			values[f.Name] = service.Field(i).Interface()
		}
	}
	return values
}

func TestSecrets_AreNotPrinted(t *testing.T) {
	t.Parallel()
	for name, v := range leaky(t) {
		assertSecret(t, name, printed(v))
	}
	b, err := json.Marshal(leaky(t)["Client"])
	require.NoError(t, err)
	assertSecret(t, "client", map[string]string{"json": string(b)})
	b, err = json.Marshal(map[string]any{"c": testCreds, "p": &testCreds})
	require.NoError(t, err)
	assertSecret(t, "credentials", map[string]string{"json": string(b)})
	assert.JSONEq(t, `{"c":"[REDACTED]","p":"[REDACTED]"}`, string(b))
}

// The guard itself: the same check finds a secret in a type that does not hide it.
func TestSecrets_CheckFindsASecret(t *testing.T) {
	t.Parallel()
	type open struct{ Body []byte }
	texts := printed(open{[]byte(testSecret)})
	assert.Contains(t, texts["%s"], testSecret)
	assert.Contains(t, texts["%v"], strings.Trim(fmt.Sprint([]byte(testSecret)), "[]"))
	assert.Contains(t, texts["%x"], hex.EncodeToString([]byte(testSecret)))
}

func TestLockerToken_TravelsAsJSON(t *testing.T) {
	t.Parallel()
	in := *docToken()
	b, err := json.Marshal(in)
	require.NoError(t, err)
	var out harbor.LockerToken
	require.NoError(t, json.Unmarshal(b, &out))
	assert.True(t, reflect.DeepEqual(in, out))
}

// Whatever a server or a network says, what is logged and hooked has names and numbers.
func TestSecrets_AreNotInLogsAndHooks(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	var events []any
	m := newMock(t)
	for _, o := range operations() {
		for _, answer := range []httpmock.Responder{
			httpmock.NewStringResponder(502, secretAnswer), httpmock.NewStringResponder(200, `{"x":"`+secretAnswer),
			httpmock.NewErrorResponder(errors.New("broken")), httpmock.NewStringResponder(429, secretAnswer),
		} {
			m.respond(answer)
			c := m.client(t, lockerline.WithLogger(slog.New(slog.NewJSONHandler(&buf, &slog.HandlerOptions{Level: slog.LevelDebug}))),
				lockerline.WithHooks(collect(&events)))
			_, err := o.call(t.Context(), c)
			require.Error(t, err)
			text := err.Error()
			assert.NotContains(t, text, "\n")
			for _, private := range []string{"?", "0100000000000014", "959", "329", "order 42", "sandbox", "Bearer", secretAnswer} {
				assert.NotContains(t, text, private)
			}
		}
	}
	require.NotEmpty(t, events)
	require.NotEmpty(t, buf.String())
	for _, private := range []string{"?", "0100000000000014", "order 42", "sandbox", "Bearer", secretAnswer} {
		assert.NotContains(t, buf.String(), private)
	}
	for _, e := range events {
		assertSecret(t, "event", printed(e))
		assert.NotContains(t, fmt.Sprintf("%+v", e), "0100000000000014")
	}
}

// Types of which a value holds nothing that could be secret, or that are functions. A new
// exported type must be put here or among those that are printed.
var harmless = []string{
	"AccessHours", "Area", "ArgumentError", "Availability", "CallConfig", "CallMeta", "CallOption", "Change", "ClosestQuery", "Code", "Config", "DropoffLinkRequest", "Environment",
	"Evidence", "FieldError", "Hooks", "LatLng", "Lifecycle", "LinkOptions", "Location", "LocationID", "Locker", "LockerEvent", "LockerID",
	"LockerRef", "LockerStatus", "LockerType", "LockerTypeID", "Observation", "ObservationKind", "OpenHours", "Operation", "OperationPath", "Option", "Page",
	"PickupLinkRequest", "RateLimiter", "Request", "Reservation", "RetryPolicy", "Scope", "TokenRequest", "TowerID", "Transition", "TransitionError",
	"TypeAvailability", "UnknownEvent", "WatcherConfig", "WebhookEventType", "WebhookSource",
}

func TestSecrets_EveryExportedTypeIsChecked(t *testing.T) {
	t.Parallel()
	printed := map[string]bool{}
	for _, v := range leaky(t) {
		typ := reflect.TypeOf(v)
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		printed[typ.Name()] = true
	}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	shared, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	files = append(files, shared...)
	n := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE {
				continue
			}
			for _, s := range g.Specs {
				if name := s.(*ast.TypeSpec).Name; name.IsExported() {
					n++
					assert.True(t, printed[name.Name] != slices.Contains(harmless, name.Name), "%s", name.Name)
				}
			}
		}
	}
	assert.Greater(t, n, 50)
}
