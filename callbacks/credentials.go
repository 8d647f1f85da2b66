package callbacks

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lockerline/lockerline-go/internal/redact"
)

// Credential is one secret that a sender may show: made by Basic, Bearer, XToken or
// SubscriptionKey, the four that the vendor can be configured for. It has a name for logs
// and metrics, and holds digests of the secret, never the secret. NewHandler,
// NewCredentialSet and Replace report its faults. fmt, encoding/json and log/slog print its
// kind and name alone.
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

// Basic returns a user and a password in the Authorization header. The user cannot hold a
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

// Bearer returns a static token in the Authorization header.
func Bearer(name, token string) Credential { return headerCredential(name, bearerScheme, token) }

// XToken returns a static token in the X-Token header.
func XToken(name, token string) Credential { return headerCredential(name, xTokenScheme, token) }

// SubscriptionKey returns a static key in the Ocp-Apim-Subscription-Key header, the one that
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

// Until returns the same credential, refused from the given time on. With the zero time it
// does not end.
func (c Credential) Until(end time.Time) Credential {
	if c.c == nil {
		return c
	}
	ending := *c.c
	ending.until = end
	return Credential{&ending}
}

// Name returns the name that logs and metrics show.
func (c Credential) Name() string {
	if c.c == nil {
		return ""
	}
	return c.c.name
}

// String returns the kind and the name.
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

// LogValue returns the kind and the name.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.String()) }

// CredentialSet holds the credentials that a handler accepts; any one of them opens.
// Replace swaps them all at once while requests run, so a secret is rotated without a
// restart: accept old and new, wait until the observer no longer sees the old name, drop
// it. The zero value accepts no request. It is safe for concurrent use and prints names alone.
type CredentialSet struct{ current atomic.Pointer[credentials] }

type credentials struct {
	list       []*credential
	challenges []string
}

// NewCredentialSet checks the credentials. Its error names all faults: none given, an empty
// secret, a name used twice.
func NewCredentialSet(list ...Credential) (*CredentialSet, error) {
	s := new(CredentialSet)
	if err := s.Replace(list...); err != nil {
		return nil, err
	}
	return s, nil
}

// Replace swaps all credentials at once. On an error the old ones stay. Each request is
// judged by the old ones or by the new, never by a mix.
func (s *CredentialSet) Replace(list ...Credential) error {
	next, err := checkCredentials(list)
	if err != nil {
		return fmt.Errorf("callbacks: credentials: %w", err)
	}
	s.current.Store(next)
	return nil
}

// Names returns the names of the credentials, in the order in which they were given.
func (s *CredentialSet) Names() []string {
	list := s.load().list
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.name
	}
	return names
}

func (s *CredentialSet) load() *credentials {
	if current := s.current.Load(); current != nil {
		return current
	}
	return new(credentials)
}

func checkCredentials(list []Credential) (*credentials, error) {
	if len(list) == 0 {
		return nil, errors.New("none given; give one, or say Unauthenticated() when something in front checks")
	}
	var faults []error
	set := new(credentials)
	names := map[string]bool{}
	for i, c := range list {
		switch {
		case c.c == nil:
			faults = append(faults, fmt.Errorf("number %d: is the zero Credential; use Basic, Bearer, XToken or SubscriptionKey", i+1))
			continue
		case c.c.fault != nil:
			faults = append(faults, fmt.Errorf("number %d (%s): %s", i+1, schemes[c.c.scheme].label, oneLine(c.c.fault)))
		case names[c.c.name]:
			faults = append(faults, fmt.Errorf("number %d: the name %q is taken; logs could not tell them apart", i+1, c.c.name))
		}
		names[c.c.name] = true
		set.list = append(set.list, c.c)
		if ch := schemes[c.c.scheme].challenge; ch != "" && !slices.Contains(set.challenges, ch) {
			set.challenges = append(set.challenges, ch)
		}
	}
	if len(faults) > 0 {
		return nil, errors.New(oneLine(errors.Join(faults...)))
	}
	return set, nil
}

// String returns the names of the credentials.
func (s *CredentialSet) String() string {
	return fmt.Sprintf("callbacks.CredentialSet%q", s.Names())
}

// Format writes the names of the credentials, whatever the verb.
func (s *CredentialSet) Format(f fmt.State, verb rune) { redact.Format(f, verb, s.String()) }

// MarshalJSON encodes the names of the credentials.
func (s *CredentialSet) MarshalJSON() ([]byte, error) { return json.Marshal(s.Names()) }

// LogValue returns the names of the credentials.
func (s *CredentialSet) LogValue() slog.Value { return slog.StringValue(s.String()) }

// verdict is the judgement of a set about a request.
type verdict struct {
	name    string // of the credential that matched, expired or not
	ok      bool
	expired bool
}

// check compares with every credential, also after a match, so that its time shows neither
// which one matched nor how much of a secret was right.
func (c *credentials) check(r *http.Request, now time.Time) verdict {
	var shown shown
	shown.read(r)
	valid, expired := -1, -1
	for i, cred := range c.list {
		hit, live := shown.matches(cred), 1
		if !cred.until.IsZero() && !now.Before(cred.until) {
			live = 0
		}
		valid = subtle.ConstantTimeSelect(hit&live, i, valid)
		expired = subtle.ConstantTimeSelect(hit&(1-live), i, expired)
	}
	switch {
	case valid >= 0:
		return verdict{name: c.list[valid].name, ok: true}
	case expired >= 0:
		return verdict{name: c.list[expired].name, expired: true}
	}
	return verdict{}
}

// shown holds the secrets of a request, hashed: one digest for each scheme of which the
// request had exactly one well-formed header. No text has the digest of zeros, which stands
// for none.
type shown struct {
	user   [sha256.Size]byte
	secret [subscriptionKeyScheme + 1][sha256.Size]byte
}

func (s *shown) read(r *http.Request) {
	if _, ok := single(r.Header, schemes[basicScheme].header); ok {
		if user, password, ok := r.BasicAuth(); ok {
			s.user = sha256.Sum256([]byte(user))
			s.show(basicScheme, password)
		}
	}
	if value, ok := single(r.Header, schemes[bearerScheme].header); ok {
		if word, token, ok := strings.Cut(value, " "); ok && strings.EqualFold(word, "Bearer") {
			s.show(bearerScheme, strings.TrimLeft(token, " "))
		}
	}
	for _, scheme := range [...]scheme{xTokenScheme, subscriptionKeyScheme} {
		if value, ok := single(r.Header, schemes[scheme].header); ok {
			s.show(scheme, value)
		}
	}
}

func (s *shown) show(scheme scheme, secret string) {
	s.secret[scheme] = sha256.Sum256([]byte(secret))
}

func (s *shown) matches(c *credential) int {
	hit := subtle.ConstantTimeCompare(s.secret[c.scheme][:], c.secret[:])
	if c.scheme == basicScheme {
		hit &= subtle.ConstantTimeCompare(s.user[:], c.user[:])
	}
	return hit
}

// single returns the only value of a header: of two, a proxy may have checked the other.
func single(h http.Header, name string) (string, bool) {
	if values := h[http.CanonicalHeaderKey(name)]; len(values) == 1 {
		return values[0], true
	}
	return "", false
}
