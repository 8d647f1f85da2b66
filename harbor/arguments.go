package harbor

import "time"

// check turns problems into the error that is returned before anything is sent.
func check(id opID, problems ...[]FieldError) error {
	var all []FieldError
	for _, p := range problems {
		all = append(all, p...)
	}
	if len(all) == 0 {
		return nil
	}
	return &ArgumentError{Op: operations[id].Name, Fields: all}
}

func (t TowerID) problems() []FieldError {
	if t.Normalize().Valid() {
		return nil
	}
	return []FieldError{{Field: "TowerID", Message: "must be 16 hexadecimal digits"}}
}

func (l LockerID) problems() []FieldError { return positive("LockerID", int64(l)) }

func (l LocationID) problems() []FieldError { return positive("LocationID", int64(l)) }

func (r LockerRef) problems() []FieldError {
	return append(r.Tower.problems(), r.Locker.problems()...)
}

func (r LockerRef) args() []string { return []string{string(r.Tower.Normalize()), r.Locker.String()} }

func positive(name string, n int64) []FieldError {
	if n > 0 {
		return nil
	}
	return []FieldError{{Field: name, Message: "must be positive"}}
}

// durationProblems checks a duration that goes out in whole seconds: rounding one down
// would give away less time than was asked for, rounding up would rent for longer.
func durationProblems(d time.Duration) []FieldError {
	switch {
	case d < time.Second:
		return []FieldError{{Field: "Duration", Message: "must be at least one second"}}
	case d%time.Second != 0:
		return []FieldError{{Field: "Duration", Message: "must be whole seconds"}}
	}
	return nil
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
