package callbacks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

const password = "pa:ss wörd"

func allFour() []callbacks.Credential {
	return []callbacks.Credential{
		callbacks.Basic("basic-name", "user-name", password), callbacks.Bearer("bearer-name", "b3arer"),
		callbacks.XToken("x-name", "xt0ken"), callbacks.SubscriptionKey("key-name", "subkey1"),
	}
}

// ask is the status and the events of a request with the given headers; a header may come
// several times.
func ask(t *testing.T, h http.Handler, e *events, header http.Header) (status int, matched string) {
	t.Helper()
	e.mu.Lock()
	e.accepted, e.refused = nil, nil
	e.mu.Unlock()
	r, w := newRequest(body("")), newRecorder()
	r.Header = header
	h.ServeHTTP(w, r)
	if len(e.accepted) == 1 {
		return w.Code, e.accepted[0].Credential
	}
	return w.Code, e.refused[0].Credential
}

func basicHeader(user, secret string) string {
	r := newRequest("")
	r.SetBasicAuth(user, secret)
	return r.Header.Get("Authorization")
}

func TestCredential_OpensWithItsOwnHeaderOnly(t *testing.T) {
	t.Parallel()
	e := new(events)
	h, err := callbacks.NewHandler(callbacks.Reservations(), newMemorySink(),
		callbacks.WithCredentials(allFour()...), callbacks.WithObserver(e.observer()))
	if err != nil {
		t.Fatal(err)
	}
	const authorization, key = "Authorization", "Ocp-Apim-Subscription-Key"
	for _, c := range []struct {
		header http.Header
		name   string
	}{
		{http.Header{authorization: {basicHeader("user-name", password)}}, "basic-name"},
		{http.Header{authorization: {"basic" + strings.TrimPrefix(basicHeader("user-name", password), "Basic")}}, "basic-name"},
		{http.Header{authorization: {"Bearer b3arer"}}, "bearer-name"},
		{http.Header{authorization: {"bearer  b3arer"}}, "bearer-name"},
		{http.Header{"X-Token": {"xt0ken"}}, "x-name"},
		{http.Header{key: {"subkey1"}}, "key-name"},
		{http.Header{"X-Token": {"wrong"}, key: {"subkey1"}}, "key-name"},
		{http.Header{authorization: {"Bearer gateway", "Bearer twice"}, "X-Token": {"xt0ken"}}, "x-name"},

		{http.Header{}, ""},
		{http.Header{authorization: {""}, "X-Token": {""}, key: {""}}, ""},
		{http.Header{authorization: {basicHeader("user-name", "")}}, ""},
		{http.Header{authorization: {basicHeader("", "")}}, ""},
		{http.Header{authorization: {basicHeader("other", password)}}, ""},
		{http.Header{authorization: {basicHeader("user-name", password+"x")}}, ""},
		{http.Header{authorization: {basicHeader("user-name:pa", "ss wörd")}}, "basic-name"}, // the same bytes
		{http.Header{authorization: {"Basic !!!"}}, ""},
		{http.Header{authorization: {"Basic b3arer"}}, ""},
		{http.Header{authorization: {"b3arer"}}, ""},
		{http.Header{authorization: {"Bearer"}}, ""},
		{http.Header{authorization: {"Bearer b3arer "}}, ""},
		{http.Header{authorization: {"Bearer b3are"}}, ""},
		{http.Header{authorization: {"Bearer B3arer"}}, ""},
		{http.Header{authorization: {"Bearer b3arer, Bearer b3arer"}}, ""},
		{http.Header{authorization: {"Bearer b3arer", "Bearer b3arer"}}, ""},
		{http.Header{authorization: {"Bearer xt0ken"}}, ""},
		{http.Header{"X-Token": {"xt0ken", "xt0ken"}}, ""},
		{http.Header{"X-Token": {"subkey1"}, key: {"xt0ken"}}, ""},
		{http.Header{"X-Token": {"b3arer"}}, ""},
		{http.Header{"Token": {"xt0ken"}}, ""},
	} {
		status, name := ask(t, h, e, c.header)
		want := http.StatusOK
		if c.name == "" {
			want = http.StatusUnauthorized
		}
		if status != want || name != c.name {
			t.Errorf("%v: %d by %q, wanted %d by %q", c.header, status, name, want, c.name)
		}
	}
}

func TestHandler_401AsksForWhatIsConfigured(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		give []callbacks.Credential
		want []string
	}{
		{allFour(), []string{`Basic realm="callbacks", charset="UTF-8"`, `Bearer realm="callbacks"`}},
		{allFour()[1:2], []string{`Bearer realm="callbacks"`}},
		{allFour()[2:], nil},
	} {
		h, err := callbacks.NewHandler(callbacks.Reservations(), newMemorySink(), callbacks.WithCredentials(c.give...))
		if err != nil {
			t.Fatal(err)
		}
		w := send(h, http.MethodPost, "application/json", body(""))
		if got := w.Header().Values("Www-Authenticate"); w.Code != http.StatusUnauthorized || !slices.Equal(got, c.want) || w.Body.Len() != 0 {
			t.Errorf("%v: %d %q %q", c.give, w.Code, got, w.Body)
		}
	}
}

func TestNewCredentialSet_CredentialsThatCannotWorkAreErrors(t *testing.T) {
	t.Parallel()
	for want, list := range map[string][]callbacks.Credential{
		"none given":               {},
		"the zero Credential":      {{}},
		"it has no name":           {callbacks.Bearer("", "s3cret")},
		"the secret is empty":      {callbacks.Bearer("a", ""), callbacks.XToken("b", "")},
		"the user is empty":        {callbacks.Basic("a", "", "s3cret")},
		"holds a colon":            {callbacks.Basic("a", "u:s3cret", "s3cret")},
		"a header cannot carry":    {callbacks.XToken("a", "s3cret\n")},
		`the name "a" is taken`:    {callbacks.XToken("a", "s3cret"), callbacks.Bearer("a", "s3cret")},
		"number 1 (Basic): the se": {callbacks.Basic("a", "s3cret", "")},
	} {
		_, err := callbacks.NewCredentialSet(list...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", want, err)
		}
		if _, err = callbacks.NewHandler(callbacks.Reservations(), newMemorySink(), callbacks.WithCredentials(list...)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestCredential_SecretCannotBePrinted(t *testing.T) {
	t.Parallel()
	list := allFour()
	set, err := callbacks.NewCredentialSet(list...)
	if err != nil {
		t.Fatal(err)
	}
	h, err := callbacks.NewHandler(callbacks.Reservations(), newMemorySink(), callbacks.WithCredentialSet(set))
	if err != nil {
		t.Fatal(err)
	}
	type holder struct{ c callbacks.Credential }
	var out strings.Builder
	for _, v := range []any{list, list[0], &list[0], list[0].Until(time.Now()), callbacks.Credential{}, callbacks.Credential{}.Until(time.Now()), set, h, holder{list[0]}, &holder{list[0]}, struct{ C any }{list}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		text, _ := json.Marshal(v)
		out.Write(text)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
	}
	for _, secret := range []string{password, "user-name", "b3arer", "xt0ken", "subkey1", fmt.Sprintf("%x", password)} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q was printed", secret)
		}
	}
	if !strings.Contains(out.String(), "basic-name") || list[3].Name() != "key-name" || (callbacks.Credential{}).Name() != "" {
		t.Error("the name was not printed")
	}
}

func TestCredentialUntil_EndsAtItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := new(events)
		old := callbacks.XToken("old", "xt0ken").Until(time.Now().Add(time.Hour))
		h, err := callbacks.NewHandler(callbacks.Reservations(), newMemorySink(),
			callbacks.WithCredentials(old, callbacks.XToken("new", "other")), callbacks.WithObserver(e.observer()))
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{"X-Token": {"xt0ken"}}
		time.Sleep(time.Hour - time.Nanosecond)
		if status, name := ask(t, h, e, header); status != http.StatusOK || name != "old" {
			t.Errorf("before its end: %d by %q", status, name)
		}
		time.Sleep(time.Nanosecond)
		if status, name := ask(t, h, e, header); status != http.StatusUnauthorized || name != "old" || e.refused[0].Reason != callbacks.ReasonExpired {
			t.Errorf("at its end: %d by %q", status, name)
		}
	})
}

func TestCredentialUntil_SecretLivesAsLongAsOneOfItsNames(t *testing.T) {
	t.Parallel()
	e := new(events)
	h, err := callbacks.NewHandler(callbacks.Reservations(), newMemorySink(), callbacks.WithObserver(e.observer()),
		callbacks.WithCredentials(callbacks.XToken("live", "xt0ken"), callbacks.XToken("dead", "xt0ken").Until(time.Unix(1, 0))))
	if err != nil {
		t.Fatal(err)
	}
	if status, name := ask(t, h, e, http.Header{"X-Token": {"xt0ken"}}); status != http.StatusOK || name != "live" {
		t.Errorf("%d by %q", status, name)
	}
}

func TestCredentialSetReplace_SwapsAllAtOnce(t *testing.T) {
	t.Parallel()
	set, err := callbacks.NewCredentialSet(callbacks.XToken("old", "xt0ken"))
	if err != nil {
		t.Fatal(err)
	}
	h, err := callbacks.NewHandler(callbacks.Reservations(), newMemorySink(), callbacks.WithCredentialSet(set))
	if err != nil {
		t.Fatal(err)
	}
	try := func(token string) int {
		return send(h, http.MethodPost, "application/json", body(""), "X-Token", token).Code
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				if code := try("always"); code != http.StatusUnauthorized {
					t.Errorf("a secret that was never set: %d", code)
				}
			}
		})
	}
	for i := range 100 {
		next := []callbacks.Credential{callbacks.XToken("new", "fresh"), callbacks.Bearer("b", "x"), callbacks.XToken("old", "xt0ken")}
		if err := set.Replace(next[:1+i%3]...); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	if try("fresh") != http.StatusOK || try("xt0ken") != http.StatusUnauthorized {
		t.Error("the new secret does not open, or the old one still does")
	}
	if err := set.Replace(); err == nil || try("fresh") != http.StatusOK {
		t.Errorf("a refused replacement changed the set: %v", err)
	}
	if names := set.Names(); !slices.Equal(names, []string{"new"}) {
		t.Error(names)
	}
}

func TestNewHandler_NeedsToKnowWhoMaySend(t *testing.T) {
	t.Parallel()
	set, err := callbacks.NewCredentialSet(allFour()...)
	if err != nil {
		t.Fatal(err)
	}
	for want, opts := range map[string][]callbacks.Option{
		"none given":                 nil,
		"Unauthenticated contradict": {callbacks.Unauthenticated(), callbacks.WithCredentials(allFour()...)},
		"not both":                   {callbacks.WithCredentialSet(set), callbacks.WithCredentials(allFour()...)},
		"one set, not nil":           {callbacks.WithCredentialSet(nil)},
		"the credential set is empt": {callbacks.WithCredentialSet(new(callbacks.CredentialSet))},
	} {
		if _, err := callbacks.NewHandler(callbacks.Reservations(), newMemorySink(), opts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := callbacks.NewHandler(callbacks.Reservations(), newMemorySink(), callbacks.Unauthenticated()); err != nil {
		t.Error(err)
	}
	_, err = callbacks.NewHandler(callbacks.Feed[change]{}, nil, callbacks.WithMaxBody(0), callbacks.WithMethods("GET"),
		callbacks.WithMethods(), callbacks.WithReadTimeout(0), callbacks.WithRetryAfter(0), nil)
	for _, part := range []string{"no name", "lacks Decode", "sink is nil", "WithMaxBody", `"GET"`, "at least one method", "WithReadTimeout", "WithRetryAfter", "none given"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing from %v", part, err)
		}
	}
	if errors.Unwrap(err) != nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("not one line: %v", err)
	}
}
