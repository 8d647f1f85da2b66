package callbacks

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go/internal/redact"
)

// Credential is one secret that a sender may show: made by Basic, Bearer, XToken or
// SubscriptionKey, the four that the vendor can be configured for. It has a name, which
// logs and metrics tell, and holds digests of the secret, never the secret. What is wrong
// with it is told by NewHandler, NewCredentialSet or Replace. No verb of fmt, no JSON and
// no log prints more than its kind and name.
type Credential struct{ c *credential }

type credential struct {
	name   string
	scheme scheme
	user   [sha256.Size]byte
	secret [sha256.Size]byte
	until  time.Time
	fault  error
}

type scheme uint8

const (
	basicScheme scheme = iota + 1
	bearerScheme
	xTokenScheme
	subscriptionKeyScheme
)

// schemes says where each kind of secret travels, how a 401 asks for it, and its name.
var schemes = map[scheme]struct{ label, header, challenge string }{
	basicScheme:           {"Basic", "Authorization", `Basic realm="callbacks", charset="UTF-8"`},
	bearerScheme:          {"Bearer", "Authorization", `Bearer realm="callbacks"`},
	xTokenScheme:          {"XToken", "X-Token", ""},
	subscriptionKeyScheme: {"SubscriptionKey", "Ocp-Apim-Subscription-Key", ""},
}

// Basic is a user and a password in the Authorization header. The user cannot hold a
// colon; neither can be empty.
func Basic(name, user, password string) Credential {
	c := newCredential(name, basicScheme, password)
	c.user = sha256.Sum256([]byte(user))
	switch {
	case user == "":
		c.fault = errors.Join(c.fault, errors.New("the user is empty"))
	case strings.Contains(user, ":"):
		c.fault = errors.Join(c.fault, errors.New("the user holds a colon, which basic authorization cannot carry"))
	}
	return Credential{c}
}

// Bearer is a static token in the Authorization header.
func Bearer(name, token string) Credential { return headerCredential(name, bearerScheme, token) }

// XToken is a static token in the X-Token header.
func XToken(name, token string) Credential { return headerCredential(name, xTokenScheme, token) }

// SubscriptionKey is a static key in the Ocp-Apim-Subscription-Key header, the one that
// Azure API Management checks as well.
func SubscriptionKey(name, key string) Credential {
	return headerCredential(name, subscriptionKeyScheme, key)
}

func newCredential(name string, s scheme, secret string) *credential {
	c := &credential{name: name, scheme: s, secret: sha256.Sum256([]byte(secret))}
	if name == "" {
		c.fault = errors.New("it has no name")
	}
	if secret == "" {
		c.fault = errors.Join(c.fault, errors.New("the secret is empty"))
	}
	return c
}

func headerCredential(name string, s scheme, secret string) Credential {
	c := newCredential(name, s, secret)
	if secret != strings.TrimSpace(secret) || strings.ContainsFunc(secret, cannotTravel) {
		c.fault = errors.Join(c.fault, errors.New("the secret has blanks at an end or control characters, which a header cannot carry"))
	}
	return Credential{c}
}

func cannotTravel(r rune) bool { return r < ' ' || r == 0x7f }

// Until is the same credential, refused from the given time on. The zero time means that
// it does not end.
func (c Credential) Until(end time.Time) Credential {
	if c.c == nil {
		return c
	}
	ending := *c.c
	ending.until = end
	return Credential{&ending}
}

// Name is what logs and metrics tell about the credential.
func (c Credential) Name() string {
	if c.c == nil {
		return ""
	}
	return c.c.name
}

// String is the kind and the name.
func (c Credential) String() string {
	if c.c == nil {
		return "callbacks.Credential{}"
	}
	return fmt.Sprintf("callbacks.%s(%q, [REDACTED])", schemes[c.c.scheme].label, c.c.name)
}

// Format writes the kind and the name, whatever the verb.
func (c Credential) Format(s fmt.State, verb rune) { redact.Format(s, verb, c.String()) }

// MarshalJSON encodes the kind and the name.
func (c Credential) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

// LogValue is the kind and the name.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.String()) }
