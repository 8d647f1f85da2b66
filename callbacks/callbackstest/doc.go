// Package callbackstest is for testing receivers of callbacks: a Sender that behaves as
// badly as real ones do, and conformance tests for stores. It needs a testing.T nowhere but
// in the latter, so a command can use the Sender too.
package callbackstest
