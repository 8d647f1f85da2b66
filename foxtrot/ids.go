package foxtrot

import (
	"strings"
	"unicode/utf8"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/internal/wire"
)

// Identifiers are texts that the integrator chose when it imported the routes: leading
// zeros count, and blanks, slashes and quotes may occur (vendor page); each is escaped in a
// path. Empty and blank ones, "." and "..", and control characters are refused before
// anything is sent.
type (
	// DCID identifies a distribution centre, such as "BO016".
	DCID string
	// CustomerID identifies a customer within a distribution centre.
	CustomerID string
	// RouteID identifies a route; unique across all distribution centres (vendor page).
	RouteID string
	// WaypointID identifies a stop of a route; unique across all (vendor page).
	WaypointID string
	// DeliveryID identifies a delivery at a waypoint.
	DeliveryID string
	// DriverID identifies a driver within a distribution centre.
	DriverID string
	// WebhookID identifies a webhook of the organisation.
	WebhookID string
)

// maxID is far longer than any identifier seen, and keeps a path within what servers take.
const maxID = 1024

// texts returns the identifiers or words of a list.
func texts[T ~string](in []wire.Text) (out []T) {
	for _, t := range in {
		out = append(out, T(t.Value))
	}
	return out
}

// arg is one element of a path, by its name in the template.
type arg struct{ name, value string }

// checkArgs returns an *ArgumentError that names every element at fault, or nil.
func checkArgs(op string, args []arg) error {
	var bad []lockerline.FieldError
	for _, a := range args {
		if reason := badID(a.value); reason != "" {
			bad = append(bad, lockerline.FieldError{Field: a.name, Message: reason})
		}
	}
	return argumentError(op, bad)
}

func argumentError(op string, bad []lockerline.FieldError) error {
	if len(bad) == 0 {
		return nil
	}
	return &lockerline.ArgumentError{Service: serviceName, Op: op, Fields: bad}
}

func badID(s string) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "must not be empty"
	case s == "." || s == "..":
		return "must not be a dot segment"
	case len(s) > maxID:
		return "must not be longer than 1024 bytes"
	case !utf8.ValidString(s):
		return "must be UTF-8"
	case strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f }):
		return "must not contain control characters"
	}
	return ""
}
