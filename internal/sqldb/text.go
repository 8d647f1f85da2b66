package sqldb

import "strings"

// Error is what a database said about an operation, on one line.
type Error struct {
	Op  string // with the package in front
	Err error
}

// Error names the operation.
func (e *Error) Error() string { return e.Op + ": " + OneLine(e.Err.Error()) }

// Unwrap returns the database's error.
func (e *Error) Unwrap() error { return e.Err }

// OneLine makes an error's text fit to be kept: one line, at most 1 KiB, valid UTF-8.
func OneLine(s string) string {
	const limit = 1 << 10
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}
