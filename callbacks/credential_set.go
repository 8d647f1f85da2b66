package callbacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/lockerline/lockerline-go/internal/redact"
)

// CredentialSet holds the credentials that a handler accepts; any one of them opens.
// Replace swaps them all at once while requests run, so a secret is rotated without a
// restart: accept old and new, wait until the observer no longer sees the old name, drop
// it. The zero value accepts nothing. It is safe for concurrent use and prints names alone.
type CredentialSet struct{ current atomic.Pointer[credentials] }

type credentials struct {
	list       []*credential
	challenges []string
}

// NewCredentialSet checks the credentials and reports all that is wrong with them: none at
// all, an empty secret, a name used twice.
func NewCredentialSet(list ...Credential) (*CredentialSet, error) {
	s := new(CredentialSet)
	if err := s.Replace(list...); err != nil {
		return nil, err
	}
	return s, nil
}

// Replace swaps all credentials at once. On an error the old ones stay. A request that is
// under way has been judged by the old ones or is judged by the new, never by a mix.
func (s *CredentialSet) Replace(list ...Credential) error {
	next, err := checkCredentials(list)
	if err != nil {
		return fmt.Errorf("callbacks: credentials: %w", err)
	}
	s.current.Store(next)
	return nil
}

// Names are the names of the credentials, in the order they were given.
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

// String is the names of the credentials.
func (s *CredentialSet) String() string {
	return fmt.Sprintf("callbacks.CredentialSet%q", s.Names())
}

// Format writes the names of the credentials, whatever the verb.
func (s *CredentialSet) Format(f fmt.State, verb rune) { redact.Format(f, verb, s.String()) }

// MarshalJSON encodes the names of the credentials.
func (s *CredentialSet) MarshalJSON() ([]byte, error) { return json.Marshal(s.Names()) }

// LogValue is the names of the credentials.
func (s *CredentialSet) LogValue() slog.Value { return slog.StringValue(s.String()) }
