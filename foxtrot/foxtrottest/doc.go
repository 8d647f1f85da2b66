// Package foxtrottest is Foxtrot in memory, for tests of code that uses package foxtrot
// and for trying things out without an account.
//
//	srv := foxtrottest.NewServer(t)
//	c, err := srv.Client()
//	best, err := c.Customers.BestLocation(ctx, foxtrottest.DemoDC, "c-1001")
//
// A new server holds a small demonstration world (see WithEmptyWorld): two distribution
// centres, customers of every kind, and a route that is being driven. Trucks move with
// the server's clock; Advance moves it. Fail makes calls go wrong in the ways real ones
// do. Where the vendor's pages and real clients differ, options choose.
//
// In a program, New makes a server without a test and Listen lets it listen. A Server is an
// http.Handler as well, so that teams in any language can be served.
package foxtrottest
