package harbor

import (
	"time"

	"github.com/lockerline/lockerline-go"
)

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
