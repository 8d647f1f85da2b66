package delivery

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lockerline/lockerline-go/harbor"
)

// Request is what a delivery is started with. Exactly one of Area, Location and Tower
// says where.
type Request struct {
	// Reference names the delivery in the caller's own words, such as an order number.
	// It is what Start is idempotent by and what Harbor's webhooks bring back, so it
	// must be unique for ever and hold no personal data. At most 200 bytes of UTF-8.
	Reference string `json:"reference"`

	Area     *harbor.Area      `json:"area,omitempty"`     // any location in it, in Harbor's order; nil: not by area
	Location harbor.LocationID `json:"location,omitempty"` // 0: not by location
	Tower    harbor.TowerID    `json:"tower,omitempty"`    // empty: not by tower

	// Types are the names of locker types that will do, the best first: the wanted
	// size, then larger ones to fall back to. Upper and lower case are one. Empty takes
	// any. A place is left only when none of them is free there.
	Types []string `json:"types,omitempty"`
	// LowLocker wants a locker that can be reached from a wheelchair.
	LowLocker bool `json:"lowLocker,omitempty"`
	// ReserveFor is how long the locker is kept until a drop-off token is asked for, in
	// whole seconds; 0 means 5 minutes.
	ReserveFor time.Duration `json:"reserveFor,omitempty"`
	// ClientInfo goes to Harbor with each token and comes back in its webhooks; empty
	// means the Reference.
	ClientInfo string `json:"clientInfo,omitempty"`
}

const (
	defaultReserveFor = 5 * time.Minute
	maxReference      = 200
)

// normalize fills in what was left out and says what is wrong.
func (r Request) normalize() (Request, error) {
	var problems []string
	switch {
	case r.Reference == "":
		problems = append(problems, "Reference must not be empty")
	case len(r.Reference) > maxReference || !utf8.ValidString(r.Reference) || strings.ContainsRune(r.Reference, 0):
		problems = append(problems, "Reference must be at most 200 bytes of UTF-8 without NUL")
	case strings.HasPrefix(r.Reference, foundPrefix):
		problems = append(problems, "Reference must not begin with "+foundPrefix)
	}
	places := 0
	if r.Area != nil {
		places++
		r.Area = new(*r.Area)
		if !r.Area.Valid() {
			problems = append(problems, "Area must be within the degrees of a map, Start its southern corner and End the opposite one")
		}
	}
	if r.Location != 0 {
		places++
		if r.Location < 0 {
			problems = append(problems, "Location must be positive")
		}
	}
	if r.Tower != "" {
		places++
		if r.Tower = r.Tower.Normalize(); !r.Tower.Valid() {
			problems = append(problems, "Tower must be 16 hexadecimal digits")
		}
	}
	if places != 1 {
		problems = append(problems, "exactly one of Area, Location and Tower must be given")
	}
	types := make([]string, 0, len(r.Types))
	for _, t := range r.Types {
		if t = strings.TrimSpace(t); t == "" {
			problems = append(problems, "Types must not hold an empty name")
		}
		types = append(types, t)
	}
	if r.Types = types; len(types) == 0 {
		r.Types = nil
	}
	if r.ReserveFor == 0 {
		r.ReserveFor = defaultReserveFor
	}
	if r.ReserveFor < time.Second || r.ReserveFor%time.Second != 0 {
		problems = append(problems, "ReserveFor must be whole seconds")
	}
	if r.ClientInfo == "" {
		r.ClientInfo = r.Reference
	}
	if !utf8.ValidString(r.ClientInfo) || strings.ContainsRune(r.ClientInfo, 0) {
		problems = append(problems, "ClientInfo must be UTF-8 without NUL")
	}
	if problems != nil {
		return r, &RequestError{Problems: problems}
	}
	return r, nil
}

// rank says how good a locker is for the request, 0 best; false when it will not do.
func (r *Request) rank(l *harbor.Locker) (int, bool) {
	if l.Status != harbor.LockerStatusAvailable || l.Tower == "" || (r.LowLocker && !l.IsLow) {
		return 0, false
	}
	if r.Types == nil {
		return 0, true
	}
	for i, t := range r.Types {
		if strings.EqualFold(t, strings.TrimSpace(l.Type.Name)) {
			return i, true
		}
	}
	return 0, false
}
