package harbor

import (
	"math"
	"net/url"
	"strconv"

	"github.com/lockerline/lockerline-go"
)

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

// Area is a rectangle between two opposite corners: Start is a southern one, End a
// northern one. The vendor's own example goes from east to west, so either order of the
// longitudes is taken, and the corners are sent as given.
type Area struct {
	Start, End lockerline.LatLng
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
