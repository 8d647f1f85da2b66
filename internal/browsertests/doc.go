// Package browsertests drives the page of examples/backend in a real browser. It is a
// module of its own, so that a browser's driver stays out of everybody else's.
//
// The tests need chromium and are skipped without it, unless
// LOCKERLINE_REQUIRE_CHROMIUM is set. With -update they also draw the pictures in docs.
package browsertests
