package callbacks_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/lockerline/lockerline-go/callbacks"
)

// FuzzCredentials holds the reading of Authorization headers to a second, plain reading:
// a request passes if and only if its header says exactly the user and password, or token.
func FuzzCredentials(f *testing.F) {
	f.Add(basicHeader("user-name", password), "user-name", password)
	f.Add(basicHeader("u", "p:q"), "u", "p:q")
	f.Add("basic dTpw", "u", "p")
	f.Add("Bearer p", "u", "p")
	f.Add("Bearer  p", "u", "p")
	f.Add("Basic dTpw,Basic dTpw", "u", "p")
	f.Add("", "u", "")
	f.Fuzz(func(t *testing.T, header, user, secret string) {
		h, err := callbacks.NewHandler(callbacks.Reservations(), newMemorySink(), callbacks.WithCredentials(callbacks.Basic("basic", user, secret)))
		if usable := user != "" && secret != "" && !strings.Contains(user, ":"); (err == nil) != usable {
			t.Fatalf("usable %v, %v", usable, err)
		}
		if err == nil && opens(h, header) != saysBasic(header, user, secret) {
			t.Errorf("basic %q: %v", header, opens(h, header))
		}
		h, err = callbacks.NewHandler(callbacks.Reservations(), newMemorySink(), callbacks.WithCredentials(callbacks.Bearer("bearer", secret)))
		if err == nil && opens(h, header) != saysBearer(header, secret) {
			t.Errorf("bearer %q: %v", header, opens(h, header))
		}
	})
}

func opens(h http.Handler, header string) bool {
	r, w := newRequest(basicSample), newRecorder()
	r.Header["Authorization"] = []string{header}
	h.ServeHTTP(w, r)
	return w.Code == http.StatusOK
}

func saysBasic(header, user, secret string) bool {
	if len(header) < 6 || !asciiEqualFold(header[:6], "basic ") {
		return false
	}
	text, err := base64.StdEncoding.DecodeString(header[6:])
	return err == nil && string(text) == user+":"+secret
}

func saysBearer(header, secret string) bool {
	return len(header) > 7 && asciiEqualFold(header[:7], "bearer ") && strings.TrimLeft(header[7:], " ") == secret
}

// asciiEqualFold compares with a word in lower case.
func asciiEqualFold(text, word string) bool {
	for i := range len(text) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
