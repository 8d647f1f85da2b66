// Package harbortest is Harbor in memory: the token endpoint, the API, the towers and a
// phone, on a clock that can be moved.
//
//	srv := harbortest.NewServer(t) // closes itself when the test ends
//	c, err := srv.Client()
//
// In a program, [New] makes a server without a test and Listen lets it listen. Faults, the
// log of requests and the clock are those of package lockerlinetest.
//
// Lockers change by the table of [harbor.Transitions] alone. As in reality a tower has no
// connection of its own: Harbor learns of its doors only while a phone has a session with
// the tower. [Server.Phone] plays that phone.
//
// Where Harbor's documentation says nothing or contradicts itself, the server answers in
// the likeliest way, or in another one that [Quirks] lists.
package harbortest
