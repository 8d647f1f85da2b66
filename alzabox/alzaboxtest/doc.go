// Package alzaboxtest is AlzaBox in memory: boxes whose compartments run out, reservations
// that wait, expire and are stocked, and the callbacks of all that. A test plays the courier
// and the customer; StopSending ends the callbacks as the vendor says it may, without a
// replay. Faults, request log and clock are those of lockerlinetest.
//
// What the vendor's documents leave open is decided here in one way, as the doc comments of
// package alzabox say; a test of a program should not rely on it.
package alzaboxtest
