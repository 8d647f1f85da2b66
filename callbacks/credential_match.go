package callbacks

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"
)

// verdict is what a set says about a request.
type verdict struct {
	name    string // of the credential that matched, expired or not
	ok      bool
	expired bool
}

// check compares with every credential, whatever matched before, so that the time it takes
// tells neither which one matched nor how much of a secret was right.
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

// shown is what a request shows, hashed: one digest for each scheme of which the request
// had exactly one well-formed header. No text has the digest of zeros that stands for none.
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

// single is the only value of a header: of two, a proxy may have checked the other.
func single(h http.Header, name string) (string, bool) {
	if values := h[http.CanonicalHeaderKey(name)]; len(values) == 1 {
		return values[0], true
	}
	return "", false
}
