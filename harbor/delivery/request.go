package delivery

import (
	"cmp"
	"slices"
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
	places, types := 0, make([]string, len(r.Types))
	if r.Area != nil {
		places, r.Area = places+1, new(*r.Area)
	}
	if r.Location != 0 {
		places++
	}
	if r.Tower = r.Tower.Normalize(); r.Tower != "" {
		places++
	}
	for i, t := range r.Types {
		types[i] = strings.TrimSpace(t)
	}
	if r.Types = types; len(types) == 0 {
		r.Types = nil
	}
	r.ReserveFor = cmp.Or(r.ReserveFor, defaultReserveFor)
	r.ClientInfo = cmp.Or(r.ClientInfo, r.Reference)
	var problems []string
	for _, p := range []struct {
		wrong bool
		text  string
	}{
		{r.Reference == "", "Reference must not be empty"},
		{len(r.Reference) > maxReference || !text(r.Reference), "Reference must be at most 200 bytes of UTF-8 without NUL"},
		{strings.HasPrefix(r.Reference, foundPrefix), "Reference must not begin with " + foundPrefix},
		{r.Area != nil && !r.Area.Valid(), "Area must be within the degrees of a map, Start its southern corner and End the opposite one"},
		{r.Location < 0, "Location must be positive"},
		{r.Tower != "" && !r.Tower.Valid(), "Tower must be 16 hexadecimal digits"},
		{places != 1, "exactly one of Area, Location and Tower must be given"},
		{slices.Contains(r.Types, ""), "Types must not hold an empty name"},
		{r.ReserveFor < time.Second || r.ReserveFor%time.Second != 0, "ReserveFor must be whole seconds"},
		{!text(r.ClientInfo), "ClientInfo must be UTF-8 without NUL"},
	} {
		if p.wrong {
			problems = append(problems, p.text)
		}
	}
	if problems != nil {
		return r, &RequestError{Problems: problems}
	}
	return r, nil
}

// text reports whether s can be sent and stored as it is.
func text(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// rank says how good a locker is for the request, 0 best; false when it will not do.
func (r *Request) rank(l *harbor.Locker) (int, bool) {
	if l.Status != harbor.LockerStatusAvailable || l.Tower == "" || (r.LowLocker && !l.IsLow) {
		return 0, false
	}
	i := slices.IndexFunc(r.Types, func(t string) bool { return strings.EqualFold(t, strings.TrimSpace(l.Type.Name)) })
	return max(i, 0), i >= 0 || r.Types == nil
}
