// Package callbackstest tests receivers and sinks of callbacks: a Sender that re-sends,
// reorders, hangs up and lies as real ones do, and TestSink, the contract of callbacks.Sink
// as a suite. Only the suite needs a testing.T, so a command can use the Sender too.
package callbackstest
