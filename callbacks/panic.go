package callbacks

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// PanicError is a panic that was caught in code given to this package. Its text leaves out
// the value, which may hold anything, unless the Go runtime made it.
type PanicError struct {
	Op    string // what was running
	Value any
	Stack []byte
}

// Error is one line.
func (e *PanicError) Error() string {
	if fault, ok := e.Value.(runtime.Error); ok {
		return "callbacks: panic in " + e.Op + ": " + fault.Error()
	}
	return fmt.Sprintf("callbacks: panic in %s with a %T", e.Op, e.Value)
}

// Unwrap is the value where it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

func caught(op string, value any) *PanicError {
	return &PanicError{Op: op, Value: value, Stack: debug.Stack()}
}
