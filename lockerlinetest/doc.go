// Package lockerlinetest is what the simulators of this module share: faults, the log of
// requests, the clock, the listener and the transport without one.
//
// A test uses it through a simulator, such as
// github.com/lockerline/lockerline-go/harbor/harbortest:
//
//	srv := harbortest.NewServer(t) // closes itself when the test ends
//	srv.Fail("lockers.reserve", lockerlinetest.Disconnect(lockerlinetest.After))
//	…
//	srv.Requests("lockers.reserve") // what the client sent
//
// A simulator is a [Service]: a table of operations and a function that answers. [New]
// makes a [Server] of it, which the simulator's own server embeds.
package lockerlinetest
