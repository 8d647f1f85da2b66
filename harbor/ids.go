package harbor

import (
	"strconv"
	"strings"
	"time"

	"github.com/lockerline/lockerline-go"
)

// LockerRef names one locker: the tower it stands in and its number there. Keep both
// together from the moment a locker is reserved: releasing it needs the two.
type LockerRef struct {
	Tower  TowerID
	Locker LockerID
}

// String is the reference as "tower/locker", for a person to read.
func (r LockerRef) String() string { return string(r.Tower) + "/" + r.Locker.String() }

// TowerID identifies a tower: 16 hexadecimal digits, leading zeros included, such as
// "0100000000000175". It is text, never a number. Phones report it in upper case, the
// API is asked in lower case; methods of this package accept both and send lower case.
// The first two digits tell the environment: 10 production, 01 sandbox (vendor page),
// 00 development (inferred from examples).
type TowerID string

// Normalize returns the identifier in lower case, as the API wants it.
func (t TowerID) Normalize() TowerID { return TowerID(strings.ToLower(strings.TrimSpace(string(t)))) }

// Valid reports whether the identifier is 16 hexadecimal digits, in either case.
func (t TowerID) Valid() bool {
	if len(t) != 16 {
		return false
	}
	for _, c := range []byte(t) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// LockerID identifies a locker within Harbor. It is not the number painted on the door:
// that is Locker.Name, a text.
type LockerID int64

// String is the identifier in decimal.
func (l LockerID) String() string { return strconv.FormatInt(int64(l), 10) }

// LocationID identifies a location.
type LocationID int64

// String is the identifier in decimal.
func (l LocationID) String() string { return strconv.FormatInt(int64(l), 10) }

// LockerTypeID identifies a size of locker. The numbers differ between sites: look them
// up with LockerTypes.List, never write them down.
type LockerTypeID int64

// String is the identifier in decimal.
func (l LockerTypeID) String() string { return strconv.FormatInt(int64(l), 10) }

// check turns problems into the error that is returned before anything is sent.
func check(id opID, problems ...[]lockerline.FieldError) error {
	var all []lockerline.FieldError
	for _, p := range problems {
		all = append(all, p...)
	}
	if len(all) == 0 {
		return nil
	}
	return argumentError(operations[id].Name, all)
}

func argumentError(op string, faults []lockerline.FieldError) error {
	return &lockerline.ArgumentError{Service: serviceName, Op: op, Fields: faults}
}

func (t TowerID) problems() []lockerline.FieldError {
	if t.Normalize().Valid() {
		return nil
	}
	return []lockerline.FieldError{{Field: "TowerID", Message: "must be 16 hexadecimal digits"}}
}

func (l LockerID) problems() []lockerline.FieldError { return positive("LockerID", int64(l)) }

func (l LocationID) problems() []lockerline.FieldError { return positive("LocationID", int64(l)) }

func (r LockerRef) problems() []lockerline.FieldError {
	return append(r.Tower.problems(), r.Locker.problems()...)
}

func (r LockerRef) args() []string { return []string{string(r.Tower.Normalize()), r.Locker.String()} }

func positive(name string, n int64) []lockerline.FieldError {
	if n > 0 {
		return nil
	}
	return []lockerline.FieldError{{Field: name, Message: "must be positive"}}
}

// durationProblems checks a duration that goes out in whole seconds: rounding one down
// would give away less time than was asked for, rounding up would rent for longer.
func durationProblems(d time.Duration) []lockerline.FieldError {
	switch {
	case d < time.Second:
		return []lockerline.FieldError{{Field: "Duration", Message: "must be at least one second"}}
	case d%time.Second != 0:
		return []lockerline.FieldError{{Field: "Duration", Message: "must be whole seconds"}}
	}
	return nil
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
