// Package harbortest is Harbor in memory: the token endpoint, the API, the towers and a
// phone, on a clock you may move.
//
//	srv := harbortest.NewServer(t) // closes itself when the test ends
//	c, err := srv.Client()
//
// In a program, [New] makes a server without a test and Listen lets it listen. Faults, the
// log of requests and the clock are those of package lockerlinetest.
//
// Lockers live by the table of [harbor.Transitions], and nothing else. As in reality a
// tower has no connection of its own: what Harbor answers is what Harbor was told, and
// it is told only while a phone has a session with the tower. [Server.Phone] plays that
// phone.
//
// Where Harbor's documentation is silent or contradicts itself the simulator answers in
// the likeliest way, and in every other way that [Quirks] lists.
package harbortest
