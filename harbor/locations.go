package harbor

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"net/url"
	"strconv"

	"github.com/google/go-querystring/query"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/transport"
)

// LocationsService finds the places where towers stand. All its calls are reads: safe to
// repeat, and repeated by the client where that can help.
type LocationsService struct{ c *Client }

// Area is a rectangle between two opposite corners: Start is a southern one, End a
// northern one. The vendor's own example goes from east to west, so either order of the
// longitudes is taken, and the corners are sent as given.
type Area struct {
	Start, End lockerline.LatLng
}

// Valid reports whether a search takes the area: both corners lie on earth, differ, and
// Start is not north of End.
func (a Area) Valid() bool { return len(a.problems()) == 0 }

type inAreaQuery struct {
	Start corner `url:"start"`
	End   corner `url:"end"`
}

// InArea returns the locations in a rectangle, each with its Availability where Harbor
// told it (vendor page; the shape of an element is not documented, so several are read).
// An area without locations is an empty list. An area that makes no sense is an
// *ArgumentError.
func (s *LocationsService) InArea(ctx context.Context, area Area, opts ...lockerline.CallOption) ([]Location, error) {
	if err := check(opLocationsInArea, area.problems()); err != nil {
		return nil, err
	}
	q, err := query.Values(inAreaQuery{corner(area.Start), corner(area.End)})
	if err != nil {
		return nil, err
	}
	return list[locationList](ctx, s.c, opLocationsInArea, nil, q.Encode(), opts)
}

// ClosestQuery is what LocationsService.Closest looks for.
type ClosestQuery struct {
	Position lockerline.LatLng
	// Radius bounds the search. Its unit is not documented (observed: 0.9 in Harbor's
	// example); it is sent as given.
	Radius float64
	// HasKeypad asks for locations with, or without, a keypad; nil for either.
	HasKeypad *bool
	// OwnedByMe asks for one's own locations, or others'; nil for either.
	OwnedByMe *bool
}

type closestQuery struct {
	Lat       decimal `url:"lat"`
	Lon       decimal `url:"lon"`
	Radius    decimal `url:"radius"`
	HasKeypad *bool   `url:"hasKeypad,omitempty"`
	OwnedByMe *bool   `url:"ownedByMe,omitempty"`
}

// Closest returns the location nearest to a position (observed). When none is within the
// radius the error matches lockerline.ErrNotFound.
func (s *LocationsService) Closest(ctx context.Context, q ClosestQuery, opts ...lockerline.CallOption) (*Location, error) {
	problems := pointProblems("Position", q.Position)
	if !(q.Radius > 0) || math.IsInf(q.Radius, 0) {
		problems = append(problems, lockerline.FieldError{Field: "Radius", Message: "must be positive"})
	}
	if err := check(opLocationsClosest, problems); err != nil {
		return nil, err
	}
	v, err := query.Values(closestQuery{
		decimal(q.Position.Lat), decimal(q.Position.Lng), decimal(q.Radius), q.HasKeypad, q.OwnedByMe,
	})
	if err != nil {
		return nil, err
	}
	var out Location
	res, err := s.c.call(ctx, opLocationsClosest, transport.Call{Query: v.Encode(), Out: &out, AllowEmpty: true}, opts)
	if err != nil {
		return nil, err
	}
	if res.Empty {
		return nil, s.c.notFound(opLocationsClosest, res, "there is no location in range")
	}
	return &out, nil
}

// Page says which part of a list to get.
type Page struct {
	Skip  int // how many to leave out; not negative
	Limit int // at most how many to return; 0 means 100. Harbor's own limit is not documented; 1000 was seen
}

type pageQuery struct {
	Skip  int `url:"skip"`
	Limit int `url:"limit"`
}

const defaultLimit = 100

func (p Page) problems() (out []lockerline.FieldError) {
	if p.Skip < 0 {
		out = append(out, lockerline.FieldError{Field: "Skip", Message: "must not be negative"})
	}
	if p.Limit < 0 {
		out = append(out, lockerline.FieldError{Field: "Limit", Message: "must not be negative"})
	}
	return out
}

// List returns one page of all locations (observed). The answer has no total: a full
// page does not say whether there is more. Use All to get every one.
func (s *LocationsService) List(ctx context.Context, page Page, opts ...lockerline.CallOption) ([]Location, error) {
	if err := check(opLocationsList, page.problems()); err != nil {
		return nil, err
	}
	if page.Limit == 0 {
		page.Limit = defaultLimit
	}
	q, err := query.Values(pageQuery(page))
	if err != nil {
		return nil, err
	}
	return list[locationList](ctx, s.c, opLocationsList, nil, q.Encode(), opts)
}

// ErrListStuck ends LocationsService.All when Harbor keeps answering with full pages
// that bring nothing new: the list may be incomplete.
var ErrListStuck = errors.New("harbor: locations.list: full pages bring nothing new; the list may be incomplete")

// All returns every location, page by page as the loop goes on; limit is the size of a
// page, 0 for 100. Nothing is sent before the loop begins. Each location comes once, also
// when rows move between pages. Since Harbor may return fewer than asked for, the list
// ends at a page that brings nothing new, not at the first short one. An error comes as
// the last pair, after all that came before it.
func (s *LocationsService) All(ctx context.Context, limit int, opts ...lockerline.CallOption) iter.Seq2[Location, error] {
	return func(yield func(Location, error) bool) {
		seen := map[LocationID]bool{}
		page := Page{Limit: limit}
		if limit == 0 {
			page.Limit = defaultLimit
		}
		for {
			part, err := s.List(ctx, page, opts...)
			if err != nil {
				yield(Location{}, err)
				return
			}
			fresh := 0
			for _, l := range part {
				if seen[l.ID] {
					continue
				}
				seen[l.ID] = true
				fresh++
				if !yield(l, nil) {
					return
				}
			}
			if fresh == 0 {
				if len(part) >= page.Limit {
					yield(Location{}, ErrListStuck)
				}
				return
			}
			page.Skip += len(part)
		}
	}
}

// Get returns one location (observed).
func (s *LocationsService) Get(ctx context.Context, id LocationID, opts ...lockerline.CallOption) (*Location, error) {
	if err := check(opLocationsGet, id.problems()); err != nil {
		return nil, err
	}
	return one[Location](ctx, s.c, opLocationsGet, []string{id.String()}, opts)
}

// Availability returns how many lockers are free at a location, by size (observed). It
// is advice: another client may be faster.
func (s *LocationsService) Availability(ctx context.Context, id LocationID, opts ...lockerline.CallOption) (*Availability, error) {
	if err := check(opLocationsAvailability, id.problems()); err != nil {
		return nil, err
	}
	return one[Availability](ctx, s.c, opLocationsAvailability, []string{id.String()}, opts)
}

// Lockers returns the lockers of a location with their statuses, whatever they are
// (vendor page).
func (s *LocationsService) Lockers(ctx context.Context, id LocationID, opts ...lockerline.CallOption) ([]Locker, error) {
	if err := check(opLocationsLockers, id.problems()); err != nil {
		return nil, err
	}
	return listLockers(ctx, s.c, opLocationsLockers, []string{id.String()}, "", opts)
}

// one gets a value of an operation that must answer with one.
func one[T any](ctx context.Context, c *Client, id opID, args []string, opts []lockerline.CallOption) (*T, error) {
	out := new(T)
	if _, err := c.call(ctx, id, transport.Call{Args: args, Out: out}, opts); err != nil {
		return nil, err
	}
	return out, nil
}

// list gets a list; it is never nil when there is no error.
func list[L any](ctx context.Context, c *Client, id opID, args []string, query string, opts []lockerline.CallOption) (L, error) {
	var out, none L
	if _, err := c.call(ctx, id, transport.Call{Args: args, Query: query, Out: &out}, opts); err != nil {
		return none, err
	}
	return out, nil
}

// listLockers gets lockers and reports statuses that are not known. A locker that does
// not name its tower is given the one that was asked about.
func listLockers(ctx context.Context, c *Client, id opID, args []string, tower TowerID, opts []lockerline.CallOption) ([]Locker, error) {
	lockers, err := list[lockerList](ctx, c, id, args, "", opts)
	if err != nil {
		return nil, err
	}
	for i := range lockers {
		if lockers[i].Tower == "" {
			lockers[i].Tower = tower
		}
		c.reportUnknown(ctx, id, lockers[i].Status)
	}
	return lockers, nil
}

func (c *Client) reportUnknown(ctx context.Context, id opID, s LockerStatus) {
	if s != "" && c.transport.WantsUnknown() && !s.Known() {
		c.transport.ReportUnknown(ctx, &operations[id], "status", string(s))
	}
}

// notFound is the error for an answer that says, in a 2xx, that there is nothing.
func (c *Client) notFound(id opID, res transport.Result, detail string) error {
	e := c.transport.Failed(&operations[id], res.CallMeta, fmt.Errorf("%s: %w", detail, lockerline.ErrNotFound))
	e.Detail = detail
	return e
}

// corner is a point that is sent as "lat,lng".
type corner lockerline.LatLng

// EncodeValues writes the point as "lat,lng" with all its decimals and never an exponent,
// as the API takes it.
func (p corner) EncodeValues(key string, v *url.Values) error {
	v.Set(key, degrees(p.Lat)+","+degrees(p.Lng))
	return nil
}

func degrees(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// decimal is a number that is sent in full.
type decimal float64

// EncodeValues writes the number without an exponent.
func (d decimal) EncodeValues(key string, v *url.Values) error {
	v.Set(key, degrees(float64(d)))
	return nil
}

// pointProblems returns what is wrong with a point.
func pointProblems(name string, p lockerline.LatLng) (out []lockerline.FieldError) {
	if !(math.Abs(p.Lat) <= 90) { // also true for NaN
		out = append(out, lockerline.FieldError{Field: name + ".Lat", Message: "must be within -90 and 90 degrees"})
	}
	if !(math.Abs(p.Lng) <= 180) {
		out = append(out, lockerline.FieldError{Field: name + ".Lng", Message: "must be within -180 and 180 degrees"})
	}
	return out
}

func (a Area) problems() []lockerline.FieldError {
	out := append(pointProblems("Area.Start", a.Start), pointProblems("Area.End", a.End)...)
	if a.Start.Lat > a.End.Lat {
		out = append(out, lockerline.FieldError{Field: "Area", Message: "is inverted: Start must be the southern corner"})
	}
	if a.Start == a.End {
		out = append(out, lockerline.FieldError{Field: "Area", Message: "has no extent: give two opposite corners"})
	}
	return out
}
