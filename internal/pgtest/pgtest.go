// Package pgtest starts a PostgreSQL server for the tests of one process: with its own data
// in a temporary folder, on a loopback port, durable as a real one, gone at the end, also
// when the process is killed. Where no Unix is, its tests are skipped.
package pgtest

// Require in the environment turns a missing PostgreSQL into a failure.
const Require = "LOCKERLINE_REQUIRE_POSTGRES"
